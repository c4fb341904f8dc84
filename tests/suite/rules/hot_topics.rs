//! docs/explanation/hot-topics.md matches the simulation.

use std::path::Path;

use bench::hot_topics;

use crate::harness::TEMPLATE;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/explanation/hot-topics.md");

#[test]
fn the_page_of_hot_topics_is_current() {
    let written = std::fs::read_to_string(PAGE).expect("docs/explanation/hot-topics.md");
    let made = hot_topics::page(Path::new(TEMPLATE)).expect("a simulation");
    assert!(
        written == made,
        "write it anew: cargo run -q --bin bench -- hot-topics > docs/explanation/hot-topics.md"
    );
}
