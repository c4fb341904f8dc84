//! Who is calling: from a token to a principal.

mod caller;
pub mod token;

pub use caller::{Caller, ClaimError, ClaimNames};
