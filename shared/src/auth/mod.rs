//! Who is calling: from a token to a principal.

pub mod token;
