//! Rules of ARCHITECTURE.md that no compiler enforces, checked in the sources.

mod dependencies;
mod deployment;
mod hot_topics;
mod operations;
mod reference;
mod sources;

use sources::rust_files;

/// Tests wait for a condition, with a deadline, and not for a fixed time.
#[test]
fn no_test_sleeps() {
    let in_crates = ["clients/rust/src", "functions/src", "infra", "shared"];
    let in_crates = in_crates.into_iter().flat_map(rust_files).filter(|source| {
        let path = source.path.with_extension("");
        path.iter().any(|name| name == "tests")
    });
    for source in rust_files("tests/suite").into_iter().chain(in_crates) {
        // Written so that this line does not match itself.
        let sleeps = source.text.contains(concat!("sleep", "("));
        assert!(!sleeps, "{} sleeps", source.path.display());
    }
}
