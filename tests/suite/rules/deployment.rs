//! The consistency of template.yaml with the functions' binaries.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use yaml_serde::{Mapping, Value};

use super::sources::rust_files;
use crate::harness::{TEMPLATE, Template};

/// The only actions allowed on the history: read it, and put new items.
const HISTORY: [&str; 3] = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"];
const BINARY_LINES: usize = 15;
const MOST_ROUTES: usize = 35;

fn statements(function: &Value) -> impl Iterator<Item = &Value> {
    let policies = function["Properties"]["Policies"].as_sequence();
    policies
        .into_iter()
        .flatten()
        .flat_map(|policy| policy["Statement"].as_sequence().expect("statements"))
}

#[test]
fn each_route_that_needs_no_token_or_waits_for_others_has_a_limit_of_its_own() {
    let template = Template::load();
    let limits = &template.properties("HttpApi")["RouteSettings"];
    let open: BTreeSet<_> = template
        .routes()
        .into_iter()
        .filter(|route| route.is_open)
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let assets = "/assets/{version}/{asset}";
    let expected =
        ["/", assets, "/asyncapi.json", "/config.json", "/health", "/openapi.json", "/ops"];
    assert_eq!(open, expected.map(|it| format!("GET {it}")).into());
    let waiting = "POST /merchants/{merchant}/webhooks/{webhook}/test".to_owned();
    // A page loads several at once.
    let bounds = |route: &str| if route.ends_with(assets) { (100, 200) } else { (10, 20) };
    let bounded = open.into_iter().map(|route| {
        let (rate, burst) = bounds(&route);
        (route, rate, burst)
    });
    let bounded = bounded.chain([(waiting, 5, 10)]);
    let bounded: Vec<_> = bounded.collect();
    assert_eq!(limits.as_mapping().map(Mapping::len), Some(bounded.len()));
    for (route, rate, burst) in bounded {
        let limit = &limits[route.as_str()];
        assert_eq!(limit["ThrottlingRateLimit"], rate, "{route}");
        assert_eq!(limit["ThrottlingBurstLimit"], burst, "{route}");
    }
}

/// Returns the items of a list, or a single value as a list.
fn each(value: &Value) -> Vec<&Value> {
    value.as_sequence().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// True if a statement's resource is the history table, or may be.
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

/// SAM adds a permission for each route to the function's policy, which is limited to 20,480
/// bytes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
#[test]
fn a_function_has_no_more_routes_than_its_policy_holds() {
    let mut routes = BTreeMap::<_, usize>::new();
    for route in Template::load().routes() {
        *routes.entry(route.function).or_default() += 1;
    }
    for (function, routes) in routes {
        assert!(routes <= MOST_ROUTES, "{function} has {routes} routes");
    }
}

#[test]
fn every_function_is_on_the_dashboard() {
    let template = Template::load();
    let dashboard = yaml_serde::to_string(template.properties("Dashboard")).expect("YAML");
    for (id, _) in template.functions() {
        assert!(dashboard.contains(&format!("${{{id}}}")), "{id} is not on the dashboard");
    }
}

/// Returns the resources under each heading of template.yaml, which is `  # == CAPABILITY`.
fn capabilities() -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(TEMPLATE).expect("template.yaml");
    let mut capabilities = Vec::<(String, Vec<String>)>::new();
    let lines = text.lines().skip_while(|line| *line != "Resources:").skip(1);
    for line in lines.take_while(|line| *line != "Outputs:") {
        let resource = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':'));
        if let Some(capability) = line.strip_prefix("  # == ") {
            capabilities.push((capability.to_owned(), Vec::new()));
        } else if let Some(id) = resource.filter(|id| !id.starts_with([' ', '#'])) {
            capabilities.last_mut().expect("a heading").1.push(id.to_owned());
        }
    }
    capabilities
}

/// A table or queue that only one capability uses is under its heading.
#[test]
fn what_belongs_to_one_capability_stands_with_it() {
    let (template, capabilities) = (Template::load(), capabilities());
    let of = |id: &str| {
        let mut found = capabilities.iter().filter(|(_, ids)| ids.iter().any(|it| it == id));
        found.next().unwrap_or_else(|| panic!("{id} stands under no heading")).0.clone()
    };
    let functions: Vec<_> = template.functions().collect();
    let mut checked = 0;
    for (_, ids) in &capabilities {
        let kinds = ["AWS::DynamoDB::Table", "AWS::SQS::Queue"];
        for id in ids.iter().filter(|id| kinds.contains(&template.kind(id))) {
            let users = functions.iter().filter(|(_, function)| {
                let text = yaml_serde::to_string(function).expect("YAML");
                // As the target of `GetAtt`, or inside a text for `Sub`.
                text.contains(&format!(" {id}.")) || text.contains(&format!("${{{id}."))
            });
            let users: BTreeSet<_> = users.map(|(user, _)| of(user)).collect();
            if let Some(user) = users.first().filter(|_| users.len() == 1) {
                assert_eq!(&of(id), user, "only functions under {user} use {id}");
                checked += 1;
            }
        }
    }
    assert!(checked > 0, "{checked}");
}

/// The filter, the dimensions and the value of the metric name fields of the log line.
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
    let alerts = sources.find(|it| it.path == Path::new("alerts.rs"));
    assert!(alerts.expect("alerts").text.contains(&line), "they log nothing like {line}");
}
