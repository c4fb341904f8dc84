//! Principals, and their access to resources.

mod access;
mod caller;
mod claim;
mod principal;

pub use access::Denied;
pub use caller::{Caller, ClaimError, ClaimNames};
pub use claim::Claim;
pub use principal::{Actor, MissingBinding, Party, Principal, Role};
