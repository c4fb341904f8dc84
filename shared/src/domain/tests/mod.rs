//! Tests of the rules as a whole; what one type promises is tested beside it.

mod courier;
pub(crate) mod samples;
