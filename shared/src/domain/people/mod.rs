//! Who acts, and what they may reach.

mod access;
mod principal;

pub use access::Denied;
pub use principal::{Actor, MissingBinding, Party, Principal, Role};
