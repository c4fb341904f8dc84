//! The visibility of an order's contents.

use serde_json::{Value, json};

use super::sight::details;
use crate::samples::{
    clerk, customer, driver, merchant, ops, order_of, proposal, shortage, support, system,
};
use crate::{
    Answer, Basket, Details, Order, Principal, Proposal, SubstitutionId, Workflow, visibility,
};

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
    let tea = json!({
        "line": 1, "sku": "A1", "name": "Tea", "quantity": 2, "unit_price": 350, "amount": 700,
    });
    let milk = json!({ "line": 2, "sku": "B2", "name": "Milk", "quantity": 1 });
    let oat_milk = json!({
        "line": 2, "sku": "B3", "name": "Oat milk", "quantity": 1,
        "ordered": { "sku": "B2", "name": "Milk", "quantity": 1 },
    });
    let mut no_milk = milk.clone();
    no_milk["removed"] = true.into();
    for (answer, total, milk) in [
        (None, Value::Null, &milk),
        (Some(Answer::Approved), Value::Null, &oat_milk),
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

/// The lines that are not removed add up to the total, whatever replaced them.
#[test]
fn the_items_are_what_the_customer_gets_and_pays() {
    let mut details = details();
    details.items[1].unit_price = 100_u64.try_into().ok();
    let shortage = |line, quantity, price_difference| Proposal {
        price_difference,
        answer: Some(Answer::NotNeeded),
        ..shortage(line, quantity)
    };
    let tea = |quantity: u64, amount: i64| {
        json!({
            "line": 1, "sku": "A1", "name": "Tea", "quantity": quantity, "unit_price": 350,
            "amount": amount,
            "ordered": { "sku": "A1", "name": "Tea", "quantity": 2, "unit_price": 350 },
        })
    };
    let substitute = |unit_price: Option<i64>, amount: i64| {
        let ordered = json!({ "sku": "A1", "name": "Tea", "quantity": 2, "unit_price": 350 });
        let mut view = json!({
            "line": 1, "sku": "B3", "name": "Oat milk", "quantity": 2, "amount": amount,
            "ordered": ordered,
        });
        if let Some(unit_price) = unit_price {
            view["unit_price"] = unit_price.into();
        }
        view
    };
    let removed = json!({
        "line": 1, "sku": "A1", "name": "Tea", "quantity": 2, "unit_price": 350, "removed": true,
    });
    let approved =
        |difference| Proposal { answer: Some(Answer::Approved), ..proposal(1, difference) };
    for (proposals, first) in [
        (vec![shortage(1, 1, -350)], tea(1, 350)),
        (vec![shortage(1, 0, -700)], removed.clone()),
        (vec![approved(100)], substitute(Some(400), 800)),
        (vec![approved(101)], substitute(None, 801)),
        // The substitute is missing too.
        (vec![approved(101), shortage(1, 0, -801)], removed),
    ] {
        let mut basket = Basket::of(&details);
        for proposal in &proposals {
            basket = basket.proposed(std::slice::from_ref(proposal));
        }
        let order = Order { basket: Some(basket), ..order(None) };
        let seen = seen(&order, Some(&details));
        assert_eq!(seen[2][0], first, "{proposals:?}");
        let amounts = seen[2].as_array().unwrap().iter().filter_map(|it| it["amount"].as_i64());
        assert_eq!(seen[1], amounts.sum::<i64>());
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
