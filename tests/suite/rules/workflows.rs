//! docs/workflows.md says what the tables say.

use documents::workflows;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/workflows.md");

#[test]
fn the_page_of_workflows_is_current() {
    let written = std::fs::read_to_string(PAGE).expect("docs/workflows.md");
    let made = workflows::page();
    assert!(written == made, "write it anew: cargo run -q --bin documents > docs/workflows.md");
}
