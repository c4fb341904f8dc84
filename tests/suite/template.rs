//! The runner runs template.yaml: it adds nothing of its own, and rejects what it cannot run.

use emulator::dynamodb::Storage;
use random::random_uuid;
use reqwest::Method;
use serde_json::json;
use waybill::{Options, Runner};

use crate::harness::template::{Route, Template};
use crate::harness::{App, Client, Process, TEMPLATE};

/// True if API Gateway has no such route. A function's 404 is a problem instead, but it means the
/// same for a route without an id: API Gateway chose another route, such as `/orders/{id}`.
async fn is_missing(ops: &Client, route: &Route) -> bool {
    let method: Method = route.method.parse().unwrap();
    let path = route.path.replace("{id}", &random_uuid().to_string());
    let response = ops.send_elsewhere(ops.request(method, &path).json(&json!({}))).await;
    let by_gateway = response.text == r#"{"message":"Not Found"}"#;
    response.status == 404 && (by_gateway || !route.path.contains('{'))
}

async fn missing<'a>(template: &Template, routes: &'a [Route]) -> Vec<&'a Route> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.yaml");
    std::fs::write(&path, template.text()).unwrap();
    let app = App::start_with(|options| options.template = path).await;
    let ops = app.ops().await;
    let mut missing = Vec::new();
    for route in routes {
        if is_missing(&ops, route).await {
            missing.push(route);
        }
    }
    missing
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_the_template_has_elsewhere_is_missing_and_no_other() {
    let template = Template::load();
    let routes = template.routes();
    assert!(missing(&template, &routes).await.is_empty());
    for route in &routes {
        assert_eq!(missing(&template.clone().with_moved(route), &routes).await, [route]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_reference_in_a_policy_stops_the_program_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(TEMPLATE).unwrap();
    let broken = text.replace("!GetAtt OrderHistoryTable.Arn", "!GetAtt OrderHistory.Arn");
    assert_ne!(broken, text);
    std::fs::write(folder.path().join("template.yaml"), broken).unwrap();
    let mut runner = Process::start(folder.path(), &["--port", "0", "--memory"]);
    let (code, errors) = runner.end().await;
    assert_eq!(code, Some(1), "{errors}");
    assert!(
        errors.contains("Resources.CreateOrder.Properties.Policies[0].Statement[0].Resource[1]"),
        "{errors}"
    );
    assert!(errors.contains("the template has no resource or parameter OrderHistory"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_has_no_variable_that_it_does_not_need() {
    let (template, folder) = (Template::load(), tempfile::tempdir().unwrap());
    let path = folder.path().join("template.yaml");
    let mut tried = 0;
    for (function, _) in template.functions() {
        for variable in template.own_variables(function) {
            let without = template.clone().without_variable(function, &variable);
            std::fs::write(&path, without.text()).unwrap();
            let started = Runner::start(Options::new(&path, Storage::Memory)).await;
            let error = started.map(drop).expect_err("it starts without").to_string();
            let expected =
                format!("Resources.{function}: the environment variable {variable} is not set");
            assert_eq!(error, expected);
            tried += 1;
        }
    }
    assert!(tried > 5, "{tried}");
}
