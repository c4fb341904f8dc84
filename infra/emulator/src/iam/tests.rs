//! The permissions that calls need, and the patterns that allow them.

use serde_json::json;

use super::*;
use crate::template::Statement;

const TABLES: &str = "arn:aws:dynamodb:local:000000000000:table/";

fn needs(operation: &str, request: &serde_json::Value) -> Vec<String> {
    let accesses = Access::of_dynamodb(operation, request);
    let text = |it: Access| format!("{} {}", it.action, it.resource.replace(TABLES, ""));
    accesses.into_iter().map(text).collect()
}

#[test]
fn a_call_needs_its_action_on_each_table_or_index() {
    let get = json!({ "TableName": "t" });
    assert_eq!(needs("GetItem", &get), ["dynamodb:GetItem t"]);
    let query = json!({ "TableName": "t", "IndexName": "i" });
    assert_eq!(needs("Query", &query), ["dynamodb:Query t/index/i"]);
    let batch = json!({ "RequestItems": { "t": {}, "u": {} } });
    assert_eq!(
        needs("BatchGetItem", &batch),
        ["dynamodb:BatchGetItem t", "dynamodb:BatchGetItem u"]
    );
    // No policy allows an action that Waybill does not use, since none may name `*`.
    assert_eq!(needs("ListTables", &json!({})), ["dynamodb:ListTables *"]);
    assert_eq!(needs("TransactWriteItems", &json!(null)), ["dynamodb:TransactWriteItems *"]);
}

#[test]
fn a_message_needs_its_action_on_the_queue_of_its_url() {
    let need = |request| {
        let Access { action, resource } = Access::of_sqs("SendMessage", &request);
        format!("{action} {resource}")
    };
    let url = json!({ "QueueUrl": "https://sqs.local.amazonaws.com/000000000000/q" });
    assert_eq!(need(url), "sqs:SendMessage arn:aws:sqs:local:000000000000:q");
    assert_eq!(need(json!({})), "sqs:SendMessage *");
}

#[test]
fn a_transaction_needs_the_action_of_each_item() {
    let items = ["Put", "Update", "Delete", "ConditionCheck"];
    let items: Vec<_> = items.iter().map(|kind| json!({ *kind: { "TableName": "t" } })).collect();
    let expected = ["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];
    assert_eq!(
        needs("TransactWriteItems", &json!({ "TransactItems": items })),
        expected.map(|action| format!("dynamodb:{action} t"))
    );
}

#[test]
fn an_arn_allows_itself_and_a_beginning_all_that_begins_so() {
    let resource = |text: &str| Permission {
        sid: String::new(),
        action: "execute-api:ManageConnections".to_owned(),
        resource: text.to_owned(),
        used: AtomicBool::new(false),
    };
    let uri = "https://live.execute-api.local.amazonaws.com/stage/@connections/a%2F=".parse();
    let access = Access::of_connections(&http::Method::POST, &uri.unwrap());
    let api = "arn:aws:execute-api:local:000000000000:live";
    for (end, expected) in [
        ("stage/POST/@connections/*", true),
        ("stage/POST/@connections/a%2F=", true),
        ("stage/POST/@connections/", false),
        ("stage/DELETE/@connections/*", false),
        ("other/POST/@connections/*", false),
    ] {
        assert_eq!(resource(&format!("{api}/{end}")).allows(&access), expected, "{end}");
    }
}

#[test]
fn what_was_needed_is_used_and_the_rest_is_named() {
    let policy = vec![Statement {
        sid: "Load".to_owned(),
        actions: vec!["dynamodb:GetItem".to_owned(), "dynamodb:Query".to_owned()],
        resources: vec![format!("{TABLES}t")],
    }];
    let iam = Iam::new([&template::Function::for_test(policy)]);
    let access = |operation| Access::of_dynamodb(operation, &json!({ "TableName": "t" }));
    iam.authorize("test", &access("GetItem")).unwrap();
    let denied = iam.authorize("test", &access("PutItem")).unwrap_err();
    assert_eq!(iam.denials(), [denied]);
    iam.authorize(OPERATOR, &access("PutItem")).unwrap();
    let unused: Vec<_> = iam.unused().iter().map(ToString::to_string).collect();
    assert_eq!(unused, [format!("test never uses dynamodb:Query on {TABLES}t (Sid Load)")]);
}
