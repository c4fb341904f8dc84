use domain::{MerchantId, Name, Quantity};
use serde_json::json;

use super::*;

fn errors(body: Value) -> Value {
    let read = Fields::read(body, |fields| {
        let merchant = fields.required_text("merchant", MerchantId::parse);
        let name = fields.object("customer", |fields| fields.text("name", Name::parse));
        fields.metadata("metadata");
        fields.list("items", 0..=2, |fields| fields.required_number::<Quantity>("quantity"));
        Some((merchant?, name))
    });
    read.map_or_else(|problem| json!(problem.body())["errors"].clone(), |_| Value::Null)
}

#[test]
fn one_answer_names_every_wrong_field() {
    let body = json!({
        "customer": {"name": "a\u{0}", "a/b~c": 1},
        "items": [{"quantity": 0}, {"quantity": 1}, 3],
        "metadata": {"k": [1], "l": null, "m": 1e17, "n": 1, "o": true},
    });
    let pointers: Vec<_> = errors(body)
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "/merchant",
        "/customer/name",
        "/customer/a~1b~0c",
        "/metadata/k",
        "/metadata/l",
        "/metadata/m",
        "/items",
    ];
    assert_eq!(pointers, expected);
}

#[test]
fn a_field_is_named_once_with_its_first_error() {
    let read = |body| {
        Fields::read(body, |fields| {
            fields.wrong("name", "must be omitted");
            Some(fields.required_text("name", Name::parse))
        })
    };
    let errors = json!(read(json!({})).unwrap_err().body())["errors"].clone();
    assert_eq!(errors, json!([{ "pointer": "/name", "detail": "must be omitted" }]));
    let many: Map<_, _> = (0..200).map(|n| (format!("x{n}"), json!(n))).collect();
    let errors = json!(read(many.into()).unwrap_err().body())["errors"].clone();
    assert_eq!(errors.as_array().unwrap().len(), 100);
}

#[test]
fn numbers_and_booleans_of_metadata_are_kept_as_text() {
    let body = json!({ "metadata": {
        "whole": 42, "negative": -7, "price": 19.9, "gift": true, "text": "4.50",
        "longest": 9_007_199_254_740_991_u64,
    }});
    let metadata = Fields::read(body, |fields| Some(fields.metadata("metadata"))).unwrap();
    let expected = json!({
        "whole": "42", "negative": "-7", "price": "19.9", "gift": "true", "text": "4.50",
        "longest": "9007199254740991",
    });
    assert_eq!(json!(metadata), expected);
    let body = json!({ "metadata": { "serial": 9_007_199_254_740_992_u64 } });
    let refused = Fields::read(body, |fields| Some(fields.metadata("metadata"))).unwrap_err();
    let errors = json!(refused.body())["errors"].clone();
    let detail = "must be a string: the number has too many digits";
    assert_eq!(errors, json!([{ "pointer": "/metadata/serial", "detail": detail }]));
}

#[test]
fn null_is_as_good_as_absent() {
    assert_eq!(errors(json!({"merchant": "m1", "customer": null, "items": null})), Value::Null);
    assert_eq!(errors(json!({"merchant": null}))[0]["detail"], "is required");
}

#[test]
fn a_body_that_is_no_object_is_named_as_a_whole() {
    for body in [json!([]), json!(3), json!("x"), Value::Null] {
        assert_eq!(errors(body)[0]["pointer"], "");
    }
}

#[test]
fn an_integer_is_whole_and_within_its_bounds() {
    let read = |difference: Value| {
        let body = json!({ "difference": difference });
        Fields::read(body, |fields| Some(fields.required_integer("difference", -20, 10)))
    };
    for within in [-20, 0, 10] {
        assert_eq!(read(json!(within)).unwrap(), Some(within));
    }
    for (float, expected) in [(-20.0, -20), (-0.0, 0), (1e1, 10)] {
        assert_eq!(read(json!(float)).unwrap(), Some(expected));
    }
    for wrong in [
        json!(-21),
        json!(11),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!(0.1 + 0.2),
        json!("1"),
        json!([1]),
    ] {
        let errors = json!(read(wrong.clone()).unwrap_err().body())["errors"].clone();
        let detail = "must be a whole number from -20 to 10";
        let expected = json!([{ "pointer": "/difference", "detail": detail }]);
        assert_eq!(errors, expected, "{wrong}");
    }
    let missing = json!(read(Value::Null).unwrap_err().body())["errors"].clone();
    assert_eq!(missing, json!([{ "pointer": "/difference", "detail": "is required" }]));
}

#[test]
fn an_integer_may_be_absent() {
    let read = |body| Fields::read(body, |fields| Some(fields.integer("line", 1, 2)));
    assert_eq!(read(json!({})).unwrap(), None);
    assert_eq!(read(json!({ "line": null })).unwrap(), None);
}

#[test]
fn a_decimal_is_a_number_within_its_bounds() {
    let read = |degrees: Value| {
        let body = json!({ "degrees": degrees });
        Fields::read(body, |fields| Some(fields.required_decimal("degrees", -90, 90)))
    };
    for within in [json!(-90), json!(90), json!(90.0), json!(0), json!(-0.0), json!(0.1 + 0.2)] {
        assert_eq!(read(within.clone()).unwrap(), within.as_f64(), "{within}");
    }
    for wrong in [
        json!(90.000_000_1),
        json!(-90.000_000_1),
        json!(91),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!("1"),
        json!("NaN"),
        json!(true),
        json!([1]),
        json!({}),
    ] {
        let errors = json!(read(wrong.clone()).unwrap_err().body())["errors"].clone();
        let detail = "must be a number from -90 to 90";
        let expected = json!([{ "pointer": "/degrees", "detail": detail }]);
        assert_eq!(errors, expected, "{wrong}");
    }
    let missing = json!(read(Value::Null).unwrap_err().body())["errors"].clone();
    assert_eq!(missing, json!([{ "pointer": "/degrees", "detail": "is required" }]));
}
