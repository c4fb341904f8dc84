//! Patterns, rule by rule, against one record.

use serde_json::json;

use super::*;

fn record() -> Value {
    json!({
        "eventName": "MODIFY",
        "dynamodb": {
            "SizeBytes": 100,
            "Keys": { "id": { "S": "order-1" } },
            "NewImage": {
                "status": { "S": "picked_up" },
                "open": { "BOOL": true },
                "note": { "S": "" },
                "version": { "N": "5" },
                "topics": { "SS": ["driver:d1", "merchant:m1"] },
                "nothing": null,
            },
        },
    })
}

fn matches(pattern: &Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(&record())
}

/// Returns a pattern for one attribute of the new image.
fn image(attribute: &str, rules: &Value) -> Value {
    json!({ "dynamodb": { "NewImage": { attribute: rules } } })
}

#[test]
fn each_rule_matches_what_lambda_documents() {
    let cases = [
        (image("status", &json!({ "S": ["picked_up"] })), true),
        (image("status", &json!({ "S": ["created", "picked_up"] })), true),
        (image("status", &json!({ "S": ["Picked_up"] })), false),
        (image("status", &json!({ "S": [{ "equals-ignore-case": "PICKED_up" }] })), true),
        (image("status", &json!({ "S": [{ "equals-ignore-case": "picked" }] })), false),
        (image("status", &json!({ "S": [{ "prefix": "picked" }] })), true),
        (image("status", &json!({ "S": [{ "prefix": "icked" }] })), false),
        (image("status", &json!({ "S": [{ "suffix": "_up" }] })), true),
        (image("status", &json!({ "S": [{ "suffix": "_u" }] })), false),
        (image("status", &json!({ "S": [{ "anything-but": ["created", "delivered"] }] })), true),
        (image("status", &json!({ "S": [{ "anything-but": ["created", "picked_up"] }] })), false),
        (image("status", &json!({ "S": [{ "anything-but": "created" }] })), true),
        (image("missing", &json!({ "S": [{ "anything-but": ["created"] }] })), false),
        (image("open", &json!({ "BOOL": [true] })), true),
        (image("open", &json!({ "BOOL": [false] })), false),
        (image("note", &json!({ "S": [""] })), true),
        (image("status", &json!({ "S": [""] })), false),
        (image("nothing", &json!([null])), true),
        (image("note", &json!([null])), false),
        (image("missing", &json!([null])), false),
        (image("version", &json!({ "N": ["5"] })), true),
        (image("version", &json!({ "N": [5] })), false),
        (image("version", &json!({ "N": [{ "numeric": ["=", 5] }] })), false),
        (image("topics", &json!({ "SS": ["merchant:m1"] })), true),
        (image("topics", &json!({ "SS": ["merchant:m2"] })), false),
    ];
    for (pattern, expected) in cases {
        assert_eq!(matches(&pattern), expected, "{pattern}");
    }
}

#[test]
fn numbers_are_held_against_all_bounds() {
    let size = |bounds: Value| json!({ "dynamodb": { "SizeBytes": [{ "numeric": bounds }] } });
    let cases = [
        (json!(["=", 100]), true),
        (json!(["=", 100.0]), true),
        (json!(["=", 99]), false),
        (json!([">", 10, "<=", 100]), true),
        (json!([">", 10, "<", 100]), false),
        (json!([">=", 100]), true),
        (json!([">", 100]), false),
    ];
    for (bounds, expected) in cases {
        assert_eq!(matches(&size(bounds.clone())), expected, "{bounds}");
    }
    assert!(matches(&json!({ "dynamodb": { "SizeBytes": [100] } })));
    assert!(!matches(&json!({ "dynamodb": { "SizeBytes": [100.0] } })));
}

#[test]
fn only_leaves_exist() {
    let cases = [
        (image("status", &json!({ "S": [{ "exists": true }] })), true),
        (image("status", &json!({ "S": [{ "exists": false }] })), false),
        (image("missing", &json!({ "S": [{ "exists": true }] })), false),
        (image("missing", &json!({ "S": [{ "exists": false }] })), true),
        (json!({ "dynamodb": { "OldImage": { "a": { "S": [{ "exists": false }] } } } }), true),
        (image("nothing", &json!([{ "exists": true }])), true),
        // An intermediate node is not a leaf.
        (image("status", &json!([{ "exists": true }])), false),
    ];
    for (pattern, expected) in cases {
        assert_eq!(matches(&pattern), expected, "{pattern}");
    }
}

#[test]
fn fields_are_and_alternatives_are_or() {
    let both = |name: &str| json!({ "eventName": [name], "dynamodb": { "Keys": { "id": { "S": ["order-1"] } } } });
    assert!(matches(&both("MODIFY")));
    assert!(!matches(&both("INSERT")));
    let either = |name: &str| json!({ "$or": [{ "eventName": [name] }, { "dynamodb": { "SizeBytes": [1] } }] });
    assert!(matches(&either("MODIFY")));
    assert!(!matches(&either("INSERT")));
    assert!(matches(&json!({})));
}

#[test]
fn what_is_no_rule_is_named() {
    let cases = [
        json!({ "a": ["x", { "wildcard": "*" }] }),
        json!({ "a": [{ "prefix": 1 }] }),
        json!({ "a": [{ "exists": "true" }] }),
        json!({ "a": [{ "numeric": [">"] }] }),
        json!({ "a": [{ "numeric": ["!", 1] }] }),
        json!({ "a": [{ "anything-but": { "prefix": "x" } }] }),
        json!({ "a": [["x"]] }),
        json!({ "a": [] }),
        json!({ "a": "x" }),
        json!({ "$or": ["x"] }),
    ];
    for pattern in cases {
        let refused = Pattern::parse(&pattern.to_string());
        assert_eq!(refused, Err(PatternError::Rule(pattern)));
    }
    let nested = Pattern::parse("{\"a\": {\"b\": 1}}");
    assert_eq!(nested, Err(PatternError::Rule(json!({ "b": 1 }))));
    for text in ["", "[]", "{\"a\"", "\"a\""] {
        assert!(matches!(Pattern::parse(text), Err(PatternError::NotAnObject(_))), "{text}");
    }
}
