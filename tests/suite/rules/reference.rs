//! The generated pages of `docs/reference` match the code.

use std::fs;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference");

#[test]
fn the_generated_pages_are_current() {
    for (name, page) in documents::pages() {
        let written = fs::read_to_string(Path::new(FOLDER).join(name)).expect(name);
        assert!(written == page, "{name} is out of date; run `cargo run --bin documents`");
    }
}
