//! The view of an order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clock::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::{Sight, reads_ids};
use crate::{
    Address, Answer, Autopilot, Basket, Currency, CustomerReference, Details, DriverId, ExternalId,
    HandoverCode, IssueKind, LineItem, MerchantId, Metadata, Name, Order, OrderId, Phase, Placed,
    Principal, Quantity, Replacement, Role, Severity, Sku, Stamp, Status, StoreId, Substitute,
    Substitution, SubstitutionId, Unanswered, UnitPrice, Version, Workflow,
};

/// An order as one principal sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Order")]
pub struct OrderView<'a> {
    id: OrderId,
    merchant: &'a MerchantId,
    customer: CustomerView<'a>,
    #[schemars(with = "Workflow")]
    workflow: &'static str,
    status: Status,
    phase: Phase,
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
    status_since: Timestamp,
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    driver: Option<&'a DriverId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a ExternalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a StoreId>,
    #[serde(flatten)]
    #[schemars(with = "StampsView")]
    stamps: &'a BTreeMap<Stamp, Timestamp>,
    /// The time at which Waybill acts by itself, unless the order moves before.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<Timestamp>,
    /// The time since which the order is beyond the time limit of its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    delayed_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    autopilot: Option<AutopilotView>,
    /// The answer for a customer who does not answer in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    unanswered: Option<Unanswered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handover: Option<HandoverView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<ItemView<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    substitutions: Vec<SubstitutionView<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    issues: Vec<IssueView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<AddressesView<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Customer")]
struct CustomerView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a CustomerReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Autopilot")]
struct AutopilotView {
    step_seconds: Autopilot,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Handover")]
struct HandoverView<'a> {
    tries_left: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a HandoverCode>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Item")]
struct ItemView<'a> {
    line: usize,
    /// The goods that the customer gets; those that were ordered, if the line is removed.
    #[serde(flatten)]
    goods: GoodsView<'a>,
    /// The price of the line, in minor units. The amounts of all lines that are not removed add
    /// up to the order's `total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
    /// The goods that were ordered, if the customer gets others.
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered: Option<GoodsView<'a>>,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Goods")]
struct GoodsView<'a> {
    sku: &'a Sku,
    name: &'a Name,
    quantity: Quantity,
    /// The price of one, in minor units; absent if it is not known, or if the price of a
    /// substitute does not divide by the quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<UnitPrice>,
}

impl<'a> ItemView<'a> {
    /// Returns the line as it is now; `basket` is `None` if no store prepares the order.
    fn new(line: usize, item: &'a LineItem, basket: Option<&'a Basket>) -> Self {
        let LineItem { sku, name, quantity, unit_price } = item;
        let ordered = GoodsView { sku, name, quantity: *quantity, unit_price: *unit_price };
        let removed = basket.is_some_and(|basket| basket.is_removed(line));
        let amount = match basket {
            Some(basket) => basket.amount(line),
            None => item.amount(),
        };
        let replacement = basket.filter(|_| !removed).and_then(|it| it.in_place_of(line));
        let goods = replacement.map(|it| ordered.replaced(&it.replacement, amount));
        Self {
            line,
            goods: goods.unwrap_or(ordered),
            amount: amount.filter(|_| !removed),
            removed,
            ordered: goods.map(|_| ordered),
        }
    }
}

impl<'a> GoodsView<'a> {
    fn replaced(self, replacement: &'a Replacement, amount: Option<i64>) -> Self {
        match replacement {
            Replacement::Substitute(Substitute { sku, name }) => {
                let unit_price = amount.and_then(|amount| unit_price(amount, self.quantity));
                Self { sku, name, unit_price, ..self }
            }
            Replacement::Fewer { quantity } => {
                let quantity = u64::from(*quantity).try_into();
                Self { quantity: quantity.unwrap_or(self.quantity), ..self }
            }
        }
    }
}

fn unit_price(amount: i64, quantity: Quantity) -> Option<UnitPrice> {
    let (amount, quantity) = (u64::try_from(amount).ok()?, u64::from(quantity));
    if !amount.is_multiple_of(quantity) {
        return None;
    }
    UnitPrice::try_from(amount / quantity).ok()
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Substitution")]
struct SubstitutionView<'a> {
    id: SubstitutionId,
    line: usize,
    #[serde(flatten)]
    replacement: ReplacementView<'a>,
    price_difference: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

impl<'a> SubstitutionView<'a> {
    fn of((id, substitution): (SubstitutionId, &'a Substitution)) -> Self {
        let Substitution { line, replacement, price_difference, answer } = substitution;
        Self {
            id,
            line: *line,
            replacement: ReplacementView::of(replacement),
            price_difference: *price_difference,
            answer: *answer,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Replacement")]
pub(super) struct ReplacementView<'a> {
    /// Another product; absent for a shortage.
    #[serde(skip_serializing_if = "Option::is_none")]
    substitute: Option<SubstituteView<'a>>,
    /// The quantity that is left of a line that is short; 0 if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Substitute")]
struct SubstituteView<'a> {
    sku: &'a Sku,
    name: &'a Name,
}

impl<'a> ReplacementView<'a> {
    pub(super) fn of(replacement: &'a Replacement) -> Self {
        match replacement {
            Replacement::Substitute(Substitute { sku, name }) => {
                Self { substitute: Some(SubstituteView { sku, name }), quantity: None }
            }
            Replacement::Fewer { quantity } => Self { substitute: None, quantity: Some(*quantity) },
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Issue")]
pub(super) struct IssueView {
    id: Version,
    #[serde(rename = "type")]
    kind: IssueKind,
    severity: Severity,
}

impl IssueView {
    pub(super) fn of(id: Version, kind: IssueKind, severity: Severity) -> Self {
        Self { id, kind, severity }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Addresses")]
struct AddressesView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup: Option<&'a Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropoff: Option<&'a Address>,
}

/// The times of the transitions that have a stamp, each under the stamp's name.
struct StampsView;

impl JsonSchema for StampsView {
    fn schema_name() -> Cow<'static, str> {
        "Stamps".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let time = generator.subschema_for::<Timestamp>();
        let stamps = Stamp::ALL.map(|stamp| (stamp.name().to_owned(), time.clone().into()));
        let stamps: serde_json::Map<_, _> = stamps.into_iter().collect();
        json_schema!({ "type": "object", "properties": stamps })
    }
}

/// Returns the view that `principal` has of `order`, or `None` if the principal does not see it.
/// Without `details`, the view contains only data of the head.
pub fn order<'a>(
    principal: &Principal,
    order: &'a Order,
    details: Option<&'a Details>,
) -> Option<OrderView<'a>> {
    let sight = Sight::of(principal, order, &[])?;
    Some(sight.order(order, details))
}

impl Sight {
    /// Returns the view of the order; without `details`, it contains only data of the head.
    pub fn order<'a>(&self, order: &'a Order, details: Option<&'a Details>) -> OrderView<'a> {
        let Placed { merchant, customer, external_id, workflow, terms } = &order.placed;
        let addresses = details.map(|details| addresses(self.role, order, details));
        OrderView {
            id: order.id,
            merchant,
            customer: CustomerView {
                reference: customer.as_ref(),
                name: details
                    .filter(|_| meets_customer(self.role, order))
                    .map(|details| &details.customer.name),
                contact: details.and_then(|details| contact(self.role, order, details)),
            },
            workflow: workflow.name,
            status: order.status,
            phase: order.status.phase(),
            version: order.version,
            created_at: order.created_at,
            updated_at: order.updated_at,
            status_since: order.status_since,
            metadata: &order.metadata,
            driver: order.driver.as_ref().filter(|_| reads_ids(self.role, Role::Driver)),
            external_id: external_id.as_ref(),
            store: order.store.as_ref(),
            stamps: &order.stamps,
            deadline: order.deadline.map(|deadline| deadline.at),
            delayed_since: order.delayed_since,
            autopilot: terms.autopilot.map(|step_seconds| AutopilotView { step_seconds }),
            unanswered: terms.unanswered,
            handover: handover(self.role, order, details),
            currency: currency(order, details),
            total: match &order.basket {
                Some(basket) => basket.total(),
                None => details.and_then(Details::total),
            },
            items: details.map(|details| items(order, details)).unwrap_or_default(),
            substitutions: order.basket.as_ref().map(substitutions).unwrap_or_default(),
            issues: order
                .issues
                .iter()
                .map(|it| IssueView::of(it.id, it.kind, it.severity))
                .collect(),
            addresses: addresses.filter(|it| it.pickup.is_some() || it.dropoff.is_some()),
        }
    }
}

/// True if the role may know the customer's name, contact and address: a driver only until the
/// order is closed.
const fn meets_customer(role: Role, order: &Order) -> bool {
    match role {
        Role::Driver => order.is_open(),
        Role::Ops | Role::Support | Role::Merchant | Role::Customer | Role::System => true,
    }
}

/// Support sees a masked contact, enough to recognise it.
fn contact(role: Role, order: &Order, details: &Details) -> Option<String> {
    let contact = &details.customer.contact;
    match role {
        _ if !meets_customer(role, order) => None,
        Role::Support => Some(contact.masked()),
        Role::Ops | Role::Merchant | Role::Driver | Role::Customer | Role::System => {
            Some(contact.as_str().to_owned())
        }
    }
}

fn addresses<'a>(role: Role, order: &Order, details: &'a Details) -> AddressesView<'a> {
    let dropoff = details.addresses.dropoff.as_ref().filter(|_| meets_customer(role, order));
    AddressesView { pickup: details.addresses.pickup.as_ref(), dropoff }
}

fn items<'a>(order: &'a Order, details: &'a Details) -> Vec<ItemView<'a>> {
    let items = (1..).zip(&details.items);
    items.map(|(line, item)| ItemView::new(line, item, order.basket.as_ref())).collect()
}

/// Only the customer sees the code itself.
fn handover<'a>(
    role: Role,
    order: &Order,
    details: Option<&'a Details>,
) -> Option<HandoverView<'a>> {
    let tries_left = order.handover?.tries_left();
    let code = details.and_then(|details| details.handover_code.as_ref());
    let is_theirs = role == Role::Customer;
    Some(HandoverView { tries_left, code: code.filter(|_| is_theirs) })
}

fn currency<'a>(order: &'a Order, details: Option<&'a Details>) -> Option<&'a Currency> {
    match &order.basket {
        Some(basket) => basket.currency.as_ref(),
        None => details.and_then(|details| details.currency.as_ref()),
    }
}

fn substitutions(basket: &Basket) -> Vec<SubstitutionView<'_>> {
    let ids = SubstitutionId::after(0).and_following();
    ids.zip(&basket.substitutions).map(SubstitutionView::of).collect()
}
