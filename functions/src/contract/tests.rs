use super::{asyncapi, openapi};

#[test]
fn every_example_is_read_by_what_it_is_an_example_of() {
    assert_eq!(openapi().faults, [] as [String; 0]);
    assert_eq!(asyncapi().faults, [] as [String; 0]);
}
