//! Principals, and their access to resources.

mod access;
mod caller;
mod principal;

pub use access::Denied;
pub use caller::{Caller, ClaimError, ClaimNames};
pub use principal::{Actor, MissingBinding, Party, Principal, Role};
