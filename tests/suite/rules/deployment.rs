//! What template.yaml and the functions' binaries promise each other.

use yaml_serde::Value;

use super::sources::rust_files;
use crate::harness::Template;

/// All that anybody may do to history: read it, and put what is not there.
const HISTORY: [&str; 3] = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"];
const BINARY_LINES: usize = 15;

fn statements(function: &Value) -> impl Iterator<Item = &Value> {
    let policies = function["Properties"]["Policies"].as_sequence();
    policies
        .into_iter()
        .flatten()
        .flat_map(|policy| policy["Statement"].as_sequence().expect("statements"))
}

/// The items of a list, or the one that stands for it.
fn each(value: &Value) -> Vec<&Value> {
    value.as_sequence().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// Whether a statement's resource is the history table, or may be.
fn reaches_history(resource: &Value) -> bool {
    let resource = yaml_serde::to_string(resource).expect("YAML");
    let is_any = resource.contains('*') && !resource.contains(":execute-api:");
    resource.contains("OrderHistoryTable") || is_any
}

#[test]
fn no_function_may_change_history() {
    let template = Template::load();
    let mut checked = 0;
    for (id, function) in template.functions() {
        for statement in statements(function) {
            assert!(statement.get("NotAction").is_none(), "{id}: name the actions");
            assert!(statement.get("NotResource").is_none(), "{id}: name the resources");
            if !each(&statement["Resource"]).into_iter().any(reaches_history) {
                continue;
            }
            checked += 1;
            for action in each(&statement["Action"]) {
                let action = action.as_str().expect("an action");
                assert!(HISTORY.contains(&action), "{id} may {action} on history");
            }
        }
    }
    assert!(checked > 0, "somebody writes history");
}

#[test]
fn each_binary_is_one_function_and_each_function_a_binary() {
    let template = Template::load();
    let named = template.functions().map(|(id, function)| {
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str();
        binary.unwrap_or_else(|| panic!("{id} names no binary")).to_owned()
    });
    let mut named: Vec<_> = named.collect();
    let mut there: Vec<_> = rust_files("functions/src/bin")
        .iter()
        .map(|source| source.path.with_extension("").to_str().unwrap().to_owned())
        .collect();
    named.sort_unstable();
    there.sort_unstable();
    assert_eq!(named, there);
}

#[test]
fn a_binary_only_wires() {
    for source in rust_files("functions/src/bin") {
        let lines = source.text.lines().count();
        assert!(lines <= BINARY_LINES, "{} has {lines} lines", source.path.display());
    }
}

/// The metric's filter, its dimensions and its value name what the sweep's line has.
#[test]
fn alerts_are_logged_as_their_metric_selects_them() {
    let template = Template::load();
    let filter = template.properties("AlertsRaised");
    let pattern = filter["FilterPattern"].as_str().expect("a pattern");
    let message = pattern.split('"').nth(1).expect("a message in quotes");
    let metric = &filter["MetricTransformations"][0];
    let dimensions = metric["Dimensions"].as_sequence().expect("dimensions").iter();
    let selectors = dimensions.map(|it| &it["Value"]).chain([&metric["MetricValue"]]);
    let fields: Vec<_> = selectors
        .map(|it| it.as_str().and_then(|it| it.strip_prefix("$.")).expect("a selector"))
        .collect();
    let line = format!("tracing::warn!({}, \"{message}\")", fields.join(", "));
    let mut sources = rust_files("functions/src").into_iter();
    let sweep = sources.find(|it| it.path.as_os_str() == "sweep.rs");
    assert!(sweep.expect("a sweep").text.contains(&line), "it logs nothing like {line}");
}
