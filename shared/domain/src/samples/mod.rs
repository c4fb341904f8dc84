//! Sample principals, a sample order and random lives of orders: for the tests of this crate
//! and, with the feature `samples`, of other crates. The sample order belongs to merchant m1,
//! its store s1 and its customer c1.
#![expect(
    clippy::unwrap_used,
    missing_docs,
    reason = "only tests have it: one that cannot go on fails"
)]

pub mod chance;
pub mod drives;
pub mod life;

use std::collections::BTreeMap;

use clock::Timestamp;
use uuid::Uuid;

use crate::{
    Address, Addresses, Basket, Command, Contact, Context, Correction, Currency, Customer,
    CustomerReference, Description, Details, DetailsField, DriverId, Event, ExternalId, Fleet,
    HandoverCode, ItemCorrection, Known, LineItem, MerchantId, Metadata, Name, NewOrder, Offer,
    Order, OrderId, Party, Placed, Principal, PrincipalId, Proposal, Reason, Rejection,
    Replacement, Roster, Sku, StoreId, Substitute, Terms, Told, Version, Workflow, create, decide,
    due,
};

pub const ORDER_ID: OrderId =
    OrderId::new(Uuid::from_u128(0x0195_b3c0_7b1e_7000_8000_0123_4567_89ab));

/// Returns a principal with the id `d1`, which is also driver d1's: the permissions of the other
/// parties must not depend on their ids.
fn person(party: Party) -> Principal {
    Principal { id: PrincipalId::parse("d1").unwrap(), party }
}

pub fn ops() -> Principal {
    person(Party::Ops)
}

pub fn support() -> Principal {
    person(Party::Support)
}

pub fn system() -> Principal {
    person(Party::System)
}

pub fn merchant(merchant: &str) -> Principal {
    person(Party::Merchant { merchant: merchant_id(merchant), store: None })
}

/// Returns a principal of a merchant that is bound to one of its stores.
pub fn clerk(merchant: &str, store: &str) -> Principal {
    let store = Some(store_id(store));
    person(Party::Merchant { merchant: merchant_id(merchant), store })
}

pub fn customer(merchant: &str, reference: &str) -> Principal {
    let reference = customer_reference(reference);
    person(Party::Customer { merchant: merchant_id(merchant), reference })
}

pub fn driver(id: &str) -> Principal {
    Principal { id: PrincipalId::parse(id).unwrap(), party: Party::Driver }
}

pub fn merchant_id(id: &str) -> MerchantId {
    MerchantId::parse(id).unwrap()
}

pub fn store_id(id: &str) -> StoreId {
    StoreId::parse(id).unwrap()
}

pub fn customer_reference(reference: &str) -> CustomerReference {
    CustomerReference::parse(reference).unwrap()
}

pub fn external_id(id: &str) -> ExternalId {
    ExternalId::parse(id).unwrap()
}

pub fn driver_id(id: &str) -> DriverId {
    DriverId::parse(id).unwrap()
}

pub fn code(digits: &str) -> HandoverCode {
    HandoverCode::parse(digits).unwrap()
}

pub fn reason(text: &str) -> Reason {
    Reason::parse(text).unwrap()
}

pub fn account(text: &str) -> Description {
    Description::parse(text).unwrap()
}

pub fn metadata<const N: usize>(pairs: [(&str, &str); N]) -> Metadata {
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    Metadata::parse(pairs.into()).unwrap()
}

/// Returns a basket of lines with these prices, in pence.
pub fn basket(lines: &[Option<i64>]) -> Basket {
    Basket {
        currency: Some(Currency::parse("GBP").unwrap()),
        lines: lines.to_vec(),
        substitutions: vec![],
        answered_before: 0,
    }
}

/// Proposes oat milk for the product on the line.
pub fn proposal(line: usize, price_difference: i64) -> Proposal {
    let substitute =
        Substitute { sku: Sku::parse("B3").unwrap(), name: Name::parse("Oat milk").unwrap() };
    let replacement = Replacement::Substitute(substitute);
    Proposal { line, replacement, reason: reason("sold out"), price_difference, answer: None }
}

/// Reports that only `quantity` of the product on the line is left.
pub fn shortage(line: usize, quantity: u32) -> Proposal {
    let replacement = Replacement::Fewer { quantity };
    Proposal { line, replacement, reason: reason("sold out"), price_difference: 0, answer: None }
}

/// Returns an item of tea for each line of a basket, as many as `quantity`.
pub fn items_of(basket: &Basket, quantity: u64) -> Vec<LineItem> {
    let unit_price = |amount: i64| u64::try_from(amount).unwrap_or(0) / quantity;
    let item = |amount: &Option<i64>| LineItem {
        sku: Sku::parse("A1").unwrap(),
        name: Name::parse("Tea").unwrap(),
        quantity: quantity.try_into().unwrap(),
        unit_price: amount.map(|amount| unit_price(amount).try_into().unwrap()),
    };
    basket.lines.iter().map(item).collect()
}

/// Returns the instant `seconds` after 09:30, on the day on which the tests take place.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-11-21T09:30:00Z").unwrap().plus_seconds(seconds)
}

/// Returns the unchanging facts of a sample order.
pub fn placed(workflow: &'static Workflow) -> Placed {
    Placed {
        merchant: merchant_id("m1"),
        customer: Some(customer_reference("c1")),
        external_id: None,
        workflow,
        terms: Terms::default(),
    }
}

/// Returns the details of a new order, without a handover code.
pub fn details() -> Details {
    Details {
        customer: Customer {
            name: Name::parse("Ada").unwrap(),
            contact: Contact::parse("+44 20 7946 0018").unwrap(),
        },
        addresses: Addresses::default(),
        items: vec![],
        currency: None,
        handover_code: None,
    }
}

/// Returns the sample order, just created.
pub fn order() -> Order {
    Order {
        id: ORDER_ID,
        placed: placed(Workflow::DEFAULT),
        store: Some(store_id("s1")),
        status: Workflow::DEFAULT.initial,
        version: Version::FIRST,
        created_at: at(0),
        updated_at: at(0),
        status_since: at(0),
        driver: None,
        is_load: false,
        offer: None,
        told: Told::default(),
        stamps: BTreeMap::new(),
        basket: None,
        handover: None,
        issues: vec![],
        is_erased: false,
        deadline: None,
        delayed_since: None,
        metadata: Metadata::default(),
    }
}

/// Returns the sample order in another status, with `driver` or without a driver.
pub fn order_in(status: &str, driver: Option<&str>) -> Order {
    order_of(Workflow::DEFAULT, status, driver)
}

/// Returns the offer of an order to these drivers, which ends at 09:32.
pub fn offer_to(drivers: &[&str]) -> Offer {
    let drivers = drivers.iter().copied().map(driver_id).collect();
    Offer { round: 1, drivers, expires_at: Some(at(120)), ..Offer::default() }
}

/// Returns what a decision knows about drivers of the platform who are on duty and have room.
pub fn on_duty(drivers: &[&str]) -> Known {
    let roster = |driver: &&str| {
        let roster = Roster {
            on_duty_since: Some(at(0)),
            ..Roster::new(driver_id(driver), Fleet::Platform)
        };
        (roster.driver.clone(), roster)
    };
    Known { rosters: drivers.iter().map(roster).collect(), ..Known::default() }
}

/// Returns the sample order in another workflow, with three lines if a store prepares it.
pub fn order_of(workflow: &'static Workflow, status: &str, driver: Option<&str>) -> Order {
    let status = workflow.status(status).unwrap();
    let basket = workflow.prepared_by_store.then(|| basket(&[Some(700), Some(250), None]));
    let (placed, driver) = (placed(workflow), driver.map(driver_id));
    Order { placed, status, driver, basket, ..order() }
}

/// Returns the events that a command produces.
pub fn events_of(
    order: &Order,
    command: impl Into<Command>,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    decide(order, command.into(), context).map(|decision| decision.events)
}

/// Returns the events that the order's deadline produces at `now`.
pub fn events_due(order: &Order, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    due(order, now, Known::NOTHING).map(|decision| decision.events)
}

/// Returns the first events of an order that `by` creates at 09:30.
pub fn created(order: NewOrder, by: &Principal) -> Result<Vec<Event>, Rejection> {
    let decision = create(ORDER_ID, order, details(), &Context::new(at(0), by));
    decision.map(|decision| decision.events)
}

/// Returns the known data of an order with this handover code.
pub fn knowing(digits: &str) -> Known {
    Known { handover_code: Some(code(digits)), ..Known::default() }
}

/// Sets the unit price of line 1.
fn first_costs(unit_price: u64) -> ItemCorrection {
    ItemCorrection { line: 1, quantity: None, unit_price: unit_price.try_into().ok() }
}

/// Returns a correction of these fields.
pub fn correction(fields: &[DetailsField]) -> Correction {
    let text = |field| fields.contains(&field).then_some("+44 20 7946 0018");
    let address = |field| text(field).map(|it| Address::parse(it).unwrap());
    Correction {
        contact: text(DetailsField::Contact).map(|it| Contact::parse(it).unwrap()),
        pickup: address(DetailsField::Pickup),
        dropoff: address(DetailsField::Dropoff),
        items: text(DetailsField::Items).map(|_| first_costs(100)).into_iter().collect(),
        currency: None,
    }
}
