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

/// Returns people who have nothing to do with an order of store s1 of m1, for c1, driven by d1.
/// Operations and support see every order.
pub fn strangers() -> [Value; 6] {
    [
        merchant("m2"),
        store("m1", "s2"),
        store("m2", "s1"),
        driver("d2"),
        customer("m1", "c2"),
        customer("m2", "c1"),
    ]
}

pub fn driver(id: &str) -> Value {
    json!({ "role": "driver", "id": id })
}

pub fn customer(merchant: &str, reference: &str) -> Value {
    json!({ "role": "customer", "id": format!("{merchant}-{reference}"), "merchant": merchant, "reference": reference })
}
