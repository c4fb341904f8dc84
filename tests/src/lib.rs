//! The suite stands in `suite/`.
