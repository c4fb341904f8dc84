//! Rules of ARCHITECTURE.md that no compiler holds, held by reading the sources.

mod dependencies;
mod deployment;
mod hot_topics;
mod reference;
mod sources;

use sources::rust_files;

/// A test waits for what it waits for, with a deadline, and not for a while.
#[test]
fn no_test_sleeps() {
    let in_crates = ["clients/rust/src", "functions/src", "infra", "shared"];
    let in_crates = in_crates.into_iter().flat_map(rust_files).filter(|source| {
        let path = source.path.with_extension("");
        path.iter().any(|name| name == "tests")
    });
    for source in rust_files("tests/suite").into_iter().chain(in_crates) {
        // Written so that this line is none.
        let sleeps = source.text.contains(concat!("sleep", "("));
        assert!(!sleeps, "{} sleeps", source.path.display());
    }
}
