//! The visibility of an order's contents.

use serde_json::{Value, json};

use super::sight::details;
use crate::samples::{clerk, customer, driver, merchant, ops, order_of, proposal, support, system};
use crate::{Answer, Basket, Details, Order, Principal, SubstitutionId, Workflow, visibility};

/// Returns an order of tea for 7.00 and milk without a price, with a proposed substitute for the
/// milk.
fn order(answer: Option<Answer>) -> Order {
    let order = order_of(Workflow::named("grocery").unwrap(), "in_transit", Some("d1"));
    let basket = Basket::of(&details()).proposed(&[proposal(2, 0)]);
    let basket = match answer {
        Some(answer) => basket.answered(SubstitutionId::new(1), answer),
        None => basket,
    };
    Order { basket: Some(basket), ..order }
}

fn people() -> [Principal; 7] {
    let on_it = [merchant("m1"), clerk("m1", "s1"), driver("d1"), customer("m1", "c1")];
    let [m, s, d, c] = on_it;
    [ops(), support(), system(), m, s, d, c]
}

/// Returns the currency, the total, the items and the substitutions of an order, as all of
/// [`people`] see them.
fn seen(order: &Order, details: Option<&Details>) -> Value {
    let mut views = people().map(|principal| {
        let view = json!(visibility::order(&principal, order, details));
        let part = |name| view.get(name).cloned().unwrap_or_default();
        ["currency", "total", "items", "substitutions"].map(part)
    });
    let first = std::mem::take(&mut views[0]);
    assert!(views[1..].iter().all(|view| *view == first), "{views:?}");
    json!(first)
}

fn substitution(answer: Option<&str>) -> Value {
    let substitute = json!({ "sku": "B3", "name": "Oat milk" });
    let mut view = json!({ "id": 1, "line": 2, "substitute": substitute, "price_difference": 0 });
    if let Some(answer) = answer {
        view["answer"] = answer.into();
    }
    json!([view])
}

#[test]
fn everybody_sees_what_is_asked_and_what_it_costs() {
    let tea = json!({ "line": 1, "sku": "A1", "name": "Tea", "quantity": 2, "unit_price": 350 });
    let milk = json!({ "line": 2, "sku": "B2", "name": "Milk", "quantity": 1 });
    let mut no_milk = milk.clone();
    no_milk["removed"] = true.into();
    for (answer, total, milk) in [
        (None, Value::Null, &milk),
        (Some(Answer::Approved), Value::Null, &milk),
        (Some(Answer::Rejected), json!(700), &no_milk),
        (Some(Answer::LineCancelled), json!(700), &no_milk),
    ] {
        let substitutions = substitution(answer.map(Answer::name));
        let items = json!([tea, milk]);
        let order = order(answer);
        let expected = json!(["GBP", total, items, substitutions]);
        assert_eq!(seen(&order, Some(&details())), expected, "{answer:?}");
        let expected = json!(["GBP", total, null, substitutions]);
        assert_eq!(seen(&order, None), expected, "a head alone, {answer:?}");
    }
}

/// If no store prepares an order, its total is computed from its details.
#[test]
fn an_order_without_a_basket_costs_what_its_items_cost() {
    let order = Order { basket: None, ..order(None) };
    let mut details = details();
    assert_eq!(seen(&order, Some(&details))[1], Value::Null);
    details.items.truncate(1);
    assert_eq!(seen(&order, Some(&details))[1], 700);
    assert_eq!(seen(&order, None), json!([null, null, null, null]));
}
