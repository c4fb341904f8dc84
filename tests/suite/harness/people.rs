//! The people that the tests act as: bodies of `POST /dev/token`.

use serde_json::{Value, json};

pub fn ops() -> Value {
    json!({ "role": "ops", "id": "olga" })
}

pub fn support() -> Value {
    json!({ "role": "support", "id": "sam" })
}

pub fn merchant(merchant: &str) -> Value {
    json!({ "role": "merchant", "id": format!("{merchant}-boss"), "merchant": merchant })
}

pub fn store(merchant: &str, store: &str) -> Value {
    json!({ "role": "merchant", "id": format!("{store}-clerk"), "merchant": merchant, "store": store })
}

pub fn driver(id: &str) -> Value {
    json!({ "role": "driver", "id": id })
}

pub fn customer(merchant: &str, reference: &str) -> Value {
    json!({ "role": "customer", "id": format!("{merchant}-{reference}"), "merchant": merchant, "reference": reference })
}
