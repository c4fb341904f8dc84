//! The rules of orders: pure functions over plain types.
//!
//! Nothing here does I/O, reads a clock, draws a random number or knows HTTP or
//! AWS; time and ids come in as arguments.

pub mod time;
