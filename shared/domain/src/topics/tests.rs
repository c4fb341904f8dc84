use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::Placed;
use crate::samples::{
    ORDER_ID, clerk, customer, customer_reference, driver, driver_id, merchant, merchant_id, ops,
    order, store_id, support, system,
};
use crate::visibility::sees;

const ORDER: &str = "order:0195b3c0-7b1e-7000-8000-0123456789ab";

#[test]
fn a_topic_is_its_text() {
    for text in [
        "orders",
        "merchant:m1",
        "store:m1:s1",
        "customer:m1:c1",
        "customer:m1:ada%2Borders%40example.org",
        "customer:m1:ada%40example.com%20%3A1",
        "driver:d1",
        "driver:auth0%7C507f1f77bcf86cd799439011",
        "driver:a%3Ab%2Fc",
        "fleet",
        "fleet:m1",
        "fleet:platform",
        ORDER,
    ] {
        assert_eq!(Topic::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "orders:",
        "Orders",
        "merchant:",
        "merchant:a:b",
        "store:m1",
        "store:m1:",
        "store::s1",
        "store:m1:s1:",
        "customer:c1",
        "customer:m1:a:b",
        "customer:m1:a@b",
        "customer:m1:a%3ab",
        "store:m1:s%3A1",
        "order:x",
        "x:y",
        "driver:#",
        "driver:%23",
        "driver:a:b",
        "driver:auth0|42",
        "driver:auth0%7c42",
        "driver:%61",
        "driver:%",
        "driver:%FF",
        "store:m1:a%2Fb",
        "fleet:",
        "fleet:m1:s1",
        "fleet:a b",
        " orders",
    ] {
        assert!(Topic::parse(text).is_err(), "{text:?}");
    }
}

const TOPICS: [&str; 11] = [
    "orders",
    "merchant:m1",
    "merchant:m2",
    "store:m1:s1",
    "store:m1:s2",
    "store:m2:s1",
    "customer:m1:c1",
    "customer:m1:c2",
    "customer:m2:c1",
    "driver:d1",
    "driver:d2",
];

/// Returns principals, each with the topics of `TOPICS` that it may subscribe to.
fn listeners() -> [(Principal, &'static [&'static str]); 14] {
    [
        (ops(), &TOPICS),
        (support(), &TOPICS),
        (system(), &TOPICS),
        (merchant("m1"), &["merchant:m1", "store:m1:s1", "store:m1:s2"]),
        (merchant("m2"), &["merchant:m2", "store:m2:s1"]),
        (merchant("m3"), &[]),
        (clerk("m1", "s1"), &["store:m1:s1"]),
        (clerk("m2", "s1"), &["store:m2:s1"]),
        (clerk("m2", "s2"), &[]),
        (customer("m1", "c1"), &["customer:m1:c1"]),
        (customer("m2", "c1"), &["customer:m2:c1"]),
        (customer("m2", "c2"), &[]),
        (driver("d1"), &["driver:d1"]),
        (driver("d3"), &[]),
    ]
}

#[test]
fn each_listens_to_their_own_topics() {
    for (principal, own) in listeners() {
        for topic in TOPICS {
            let expected = if own.contains(&topic) { Access::Granted } else { Access::Refused };
            let access = Topic::parse(topic).unwrap().access(&principal);
            assert_eq!(access, expected, "{topic} by {principal:?}");
        }
    }
}

#[test]
fn a_fleet_is_followed_by_operations_and_its_own_merchant() {
    for (principal, _) in listeners() {
        let own = [
            (ops(), &["fleet", "fleet:m1", "fleet:m2"][..]),
            (merchant("m1"), &["fleet:m1"]),
            (merchant("m2"), &["fleet:m2"]),
        ];
        let own = own.into_iter().find(|(it, _)| *it == principal);
        let expected = own.map_or(&[][..], |(_, topics)| topics);
        for topic in ["fleet", "fleet:m1", "fleet:m2"] {
            let granted = Topic::parse(topic).unwrap().access(&principal) == Access::Granted;
            assert_eq!(granted, expected.contains(&topic), "{topic} by {principal:?}");
        }
    }
}

#[test]
fn one_order_is_heard_by_whoever_sees_it() {
    for (principal, _) in listeners() {
        let access = Topic::parse(ORDER).unwrap().access(&principal);
        assert_eq!(access, Access::IfSeen(ORDER_ID), "{principal:?}");
    }
}

#[test]
fn an_order_s_topics_are_of_all_who_have_to_do_with_it() {
    let (s1, c1, d1) = (store_id("s1"), customer_reference("c1"), driver_id("d1"));
    let always = ["orders", ORDER, "merchant:m1"];
    let (at_store, of_customer, with_driver) = ("store:m1:s1", "customer:m1:c1", "driver:d1");
    for (store, customer, driver, further) in [
        (None, None, None, &[][..]),
        (Some(&s1), None, None, &[at_store]),
        (None, Some(&c1), None, &[of_customer]),
        (None, None, Some(&d1), &[with_driver]),
        (Some(&s1), Some(&c1), None, &[at_store, of_customer]),
        (Some(&s1), None, Some(&d1), &[at_store, with_driver]),
        (None, Some(&c1), Some(&d1), &[of_customer, with_driver]),
        (Some(&s1), Some(&c1), Some(&d1), &[at_store, of_customer, with_driver]),
    ] {
        let (store, customer, driver) = (store.cloned(), customer.cloned(), driver.cloned());
        let placed = Placed { customer, ..order().placed };
        let topics = Topic::of(&Order { placed, store, driver, ..order() });
        let topics: Vec<String> = topics.iter().map(Topic::to_string).collect();
        assert_eq!(topics, [&always, further].concat());
    }
}

fn orders() -> impl Strategy<Value = Order> {
    let merchants = select(vec!["m1", "m2", "m3"]).prop_map(merchant_id);
    let stores = option::of(select(vec!["s1", "s2"]).prop_map(store_id));
    let customers = option::of(select(vec!["c1", "c2"]).prop_map(customer_reference));
    let drivers = option::of(select(vec!["d1", "d2", "d3"]).prop_map(driver_id));
    (merchants, stores, customers, drivers).prop_map(|(merchant, store, customer, driver)| Order {
        placed: Placed { merchant, customer, ..order().placed },
        store,
        driver,
        ..order()
    })
}

proptest! {
    /// No topic reveals an order to a principal that does not see it, and a principal that sees
    /// an order receives it without a subscription to `order:ID`.
    #[test]
    fn whoever_hears_of_an_order_through_a_topic_of_their_own_sees_it(order in orders()) {
        for (principal, _) in listeners() {
            let of_theirs = Topic::of(&order)
                .iter()
                .any(|topic| topic.access(&principal) == Access::Granted);
            prop_assert_eq!(of_theirs, sees(&principal, &order), "{:?}", principal);
        }
    }

    #[test]
    fn a_topic_s_text_is_unambiguous(
        merchant in "[A-Za-z0-9._~-]{1,64}",
        id in "[A-Za-z0-9._~-]{1,64}",
        person in "[A-Za-z0-9._~|@+:/-]{1,128}",
        other in any::<String>(),
    ) {
        let topics = [
            Topic::Merchant(merchant_id(&merchant)),
            Topic::Store(merchant_id(&merchant), store_id(&id)),
            Topic::Customer(merchant_id(&merchant), customer_reference(&person)),
            Topic::Driver(driver_id(&person)),
            Topic::Fleet(Fleet::of(Some(merchant_id(&merchant)))),
        ];
        for topic in topics {
            let text = topic.to_string();
            prop_assert!(text.len() <= 458, "{}", text);
            prop_assert_eq!(Topic::parse(&text).unwrap(), topic);
        }
        if let Ok(topic) = Topic::parse(&other) {
            prop_assert_eq!(topic.to_string(), other);
        }
    }
}
