//! The published documents: complete, correct, and equal to the served ones. The harness checks
//! every response and message of this suite against them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::template::{Route, Template};
use crate::harness::{App, Contract};

fn objects<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.push(value);
            members.values().for_each(|it| objects(it, found));
        }
        Value::Array(items) => items.iter().for_each(|it| objects(it, found)),
        _ => {}
    }
}

#[test]
fn the_routes_of_the_code_are_those_of_the_template() {
    let routes = Template::load().routes().into_iter();
    let declared: BTreeSet<_> =
        routes.map(|Route { method, path, .. }| (method.to_lowercase(), path)).collect();
    let paths = Contract::http().document["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone()))
    });
    assert_eq!(described.collect::<BTreeSet<_>>(), declared);
}

#[test]
fn a_route_without_a_token_is_one_that_the_template_opens() {
    let template = Template::load();
    let opened: BTreeSet<_> =
        template.routes().into_iter().filter(|it| it.is_open).map(|it| it.path).collect();
    let paths = Contract::http().document["paths"].as_object().unwrap();
    let without = paths.iter().filter(|(_, item)| {
        item.as_object().unwrap().values().any(|operation| operation["security"] == json!([]))
    });
    assert_eq!(without.map(|(path, _)| path.clone()).collect::<BTreeSet<_>>(), opened);
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_referred_to() {
    for contract in [Contract::http(), Contract::live()] {
        let mut found = Vec::new();
        objects(&contract.document, &mut found);
        let references: BTreeSet<_> =
            found.iter().filter_map(|it| it.get("$ref")?.as_str()?.strip_prefix('#')).collect();
        for reference in &references {
            assert!(contract.document.pointer(reference).is_some(), "{reference}");
        }
        for name in contract.document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(references.contains(&*format!("/components/schemas/{name}")), "{name}");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let paths = Contract::http().document["paths"].as_object().unwrap();
    let operations: Vec<_> =
        paths.values().flat_map(|item| item.as_object().unwrap().values()).collect();
    let ids: BTreeSet<_> =
        operations.iter().map(|it| it["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    for operation in operations {
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{operation}");
        assert!(operation["tags"][0].is_string(), "{operation}");
    }
}

#[test]
fn every_tag_of_an_operation_is_described_and_every_described_one_is_used() {
    let document = &Contract::http().document;
    let described = document["tags"].as_array().unwrap().iter().map(|tag| {
        assert!(!tag["description"].as_str().unwrap().is_empty(), "{tag}");
        tag["name"].as_str().unwrap()
    });
    let operations = document["paths"].as_object().unwrap().values();
    let operations = operations.flat_map(|item| item.as_object().unwrap().values());
    let used = operations.flat_map(|it| it["tags"].as_array().unwrap());
    let used: BTreeSet<_> = used.map(|tag| tag.as_str().unwrap()).collect();
    assert_eq!(described.collect::<BTreeSet<_>>(), used);
}

/// A detail says more than the title, and the example of invalid fields names fields of its own
/// operation.
#[test]
fn every_example_of_a_problem_teaches() {
    let paths = Contract::http().document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|item| item.as_object().unwrap().values());
    let (mut count, mut suggestions) = (0, BTreeSet::new());
    for operation in operations {
        for response in operation["responses"].as_object().unwrap().values() {
            let examples = &response["content"]["application/problem+json"]["examples"];
            for (name, example) in examples.as_object().into_iter().flatten() {
                let problem = &example["value"];
                let case = format!("{} {name}: {problem}", operation["operationId"]);
                let [title, detail] = ["title", "detail"].map(|it| problem[it].as_str().unwrap());
                assert!(detail != format!("{title}.") && detail.contains(' '), "{case}");
                if name == "invalid-fields" {
                    let errors = problem["errors"].as_array().expect("errors").iter();
                    let mut told = errors.filter_map(|error| error["detail"].as_str());
                    let told = told.find(|detail| detail.starts_with("unknown "));
                    suggestions.insert(told.unwrap_or_else(|| panic!("{case}")));
                }
                count += 1;
            }
        }
    }
    assert!(count > 100 && suggestions.len() > 8, "{count}: {suggestions:?}");
}

/// The verbs that a summary may start with.
const VERBS: &str = "Accept Acknowledge Approve Assign Begin Cancel Change Check Complete Correct Create Decline Delete \
                     Deliver Erase Export Get Give Issue List Mark Offer Open Pick Propose Reassign Register Reject Reopen Replace \
                     Report Resolve Retry Send Start Unassign";

#[test]
fn every_summary_is_a_short_imperative() {
    let paths = Contract::http().document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|item| item.as_object().unwrap().values());
    for operation in operations {
        let summary = operation["summary"].as_str().unwrap();
        let verb = summary.split(' ').next().unwrap();
        assert!(
            VERBS.split(' ').any(|it| it == verb),
            "{summary}: not an imperative verb, or add it to VERBS"
        );
        assert!(summary.chars().count() <= 60, "{summary}");
    }
}

/// Returns the schema and the examples of every media type of the document.
fn contents(document: &Value) -> Vec<(&Value, Vec<&Value>)> {
    let mut found = Vec::new();
    objects(document, &mut found);
    let media_types = found.iter().filter_map(|it| it.get("content")?.as_object());
    let contents = media_types.flat_map(|it| it.values()).map(|it| {
        let several = it["examples"].as_object().into_iter().flat_map(|it| it.values());
        let examples = several.map(|it| &it["value"]).chain(it.get("example"));
        (&it["schema"], examples.collect())
    });
    contents.collect()
}

#[test]
fn every_example_is_what_its_schema_says() {
    let mut count = 0;
    for (schema, examples) in contents(&Contract::http().document) {
        for example in examples {
            let faults = Contract::http().faults(schema, example);
            assert!(faults.is_empty(), "{faults:?}: {example}");
            count += 1;
        }
    }
    for message in Contract::live().document["components"]["messages"].as_object().unwrap().values()
    {
        let example = &message["examples"][0]["payload"];
        let faults = Contract::live().faults(&message["payload"], example);
        assert!(faults.is_empty(), "{faults:?}: {example}");
        count += 1;
    }
    assert!(count > 200, "{count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_served_to_whoever_asks() {
    let app = App::start().await;
    let stranger = app.anonymous();
    let openapi = stranger.get("/openapi.json").await.expect(200);
    assert_eq!(openapi, Contract::http().document);
    assert_eq!(stranger.get("/asyncapi.json").await.expect(200), Contract::live().document);
}
