//! Randomness. No other crate draws random numbers; code that needs an id takes it as an argument.

use std::time::Duration;

use uuid::Uuid;

/// Returns a UUID whose first bits are the time, so that ids sort by creation.
#[expect(clippy::disallowed_methods, reason = "this is where chance comes in")]
pub fn time_ordered_uuid() -> Uuid {
    Uuid::now_v7()
}

/// Returns a UUID with 122 random bits.
#[expect(clippy::disallowed_methods, reason = "this is where chance comes in")]
pub fn random_uuid() -> Uuid {
    Uuid::new_v4()
}

/// Returns a random duration below `bound`.
pub fn jitter(bound: Duration) -> Duration {
    let bound = bound.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(random_uuid().as_u128() % bound).unwrap_or(u64::MAX))
}

/// Returns a random number below `bound`, or 0 if the bound is 0.
pub fn below(bound: usize) -> usize {
    let bound = bound.max(1) as u128;
    usize::try_from(random_uuid().as_u128() % bound).unwrap_or_default()
}

/// The length of a secret, in bytes.
pub const SECRET_BYTES: usize = 32;

/// Returns bytes that cannot be guessed: 244 of their 256 bits are random.
pub fn random_secret() -> [u8; SECRET_BYTES] {
    let mut secret = [0; SECRET_BYTES];
    secret[..16].copy_from_slice(random_uuid().as_bytes());
    secret[16..].copy_from_slice(random_uuid().as_bytes());
    secret
}
