//! Rules of ARCHITECTURE.md that no compiler holds, held by reading the sources.

mod deployment;
mod hot_topics;
mod imports;
mod paths;
mod sources;
mod tokens;
mod workflows;

use sources::rust_files;
use tokens::{Token, tokens};

/// A test waits for what it waits for, with a deadline, and not for a while.
#[test]
fn no_test_sleeps() {
    let in_crates = ["shared/src", "functions/src", "infra/local/src"];
    let in_crates = in_crates.into_iter().flat_map(rust_files).filter(|source| {
        let path = source.path.with_extension("");
        path.iter().any(|name| name == "tests")
    });
    for source in rust_files("tests").into_iter().chain(in_crates) {
        let waits = |token: &Token| matches!(token, Token::Word(word) if word.starts_with("sleep"));
        assert!(!tokens(&source.text).iter().any(waits), "{} sleeps", source.path.display());
    }
}
