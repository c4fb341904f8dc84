//! The view of an order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clock::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::courier::CourierView;
use super::items::{ItemView, SubstitutionView, items, substitutions};
use super::{Sight, reads_notes};
use crate::{
    Address, Autopilot, Currency, CustomerReference, Details, DriverId, ExternalId, HandoverCode,
    IssueKind, Location, MerchantId, Metadata, Name, Order, OrderId, Phase, Placed, Principal,
    Role, Severity, Stamp, Status, Store, StoreId, Unanswered, Version, Workflow,
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
    /// The offer of the order to drivers, while it stands; hidden from customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<OfferView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) courier: Option<CourierView<'a>>,
    /// The estimate of the driver's arrival at the customer's, while the driver is on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta: Option<EtaView>,
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
    /// The time of the first alert: since then the order is beyond the time limit of its status, or
    /// dispatch has found no driver.
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
    /// The number of lines, for a driver to whom the order is offered, instead of `items`.
    #[serde(skip_serializing_if = "Option::is_none")]
    item_count: Option<usize>,
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
#[schemars(rename = "Offer")]
struct OfferView<'a> {
    /// Counts the offers of the order, from 1.
    round: u32,
    expires_at: Timestamp,
    /// The drivers who have not answered, visible to operations, support and the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    drivers: Option<Vec<&'a DriverId>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Eta")]
struct EtaView {
    /// The estimated time, as it was told last: see the event `eta_changed`.
    arrives_at: Timestamp,
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

#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Addresses")]
struct AddressesView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup: Option<&'a Address>,
    /// The name of the order's store, if the pickup is the store's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup_name: Option<&'a Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropoff: Option<&'a Address>,
    /// The drop-off, to a hundredth of a degree, for a driver to whom the order is offered, instead
    /// of `dropoff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    dropoff_area: Option<Location>,
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

impl<'a> OrderView<'a> {
    /// Shows the address and the name of the order's store as the pickup, for an order that is
    /// [`picked_up_at`](Order::picked_up_at) it. Everyone who sees the view sees the pickup.
    #[must_use]
    pub fn with_pickup(mut self, store: Option<&'a Store>) -> Self {
        if let Some(Store { name, address, .. }) = store {
            let addresses = self.addresses.get_or_insert_default();
            (addresses.pickup, addresses.pickup_name) = (Some(address), Some(name));
        }
        self
    }
}

impl Sight {
    /// Returns the view of the order; without `details`, it contains only data of the head.
    pub fn order<'a>(&self, order: &'a Order, details: Option<&'a Details>) -> OrderView<'a> {
        if self.is_offered {
            return offered(order, details);
        }
        let Placed { customer, external_id, terms, .. } = &order.placed;
        let addresses = details.map(|details| addresses(self.role, order, details));
        OrderView {
            customer: CustomerView {
                reference: customer.as_ref(),
                name: details
                    .filter(|_| meets_customer(self.role, order))
                    .map(|details| &details.customer.name),
                contact: details.and_then(|details| contact(self.role, order, details)),
            },
            metadata: &order.metadata,
            driver: order.driver.as_ref().filter(|_| self.reads_ids(Role::Driver)),
            offer: OfferView::of(self.role, order),
            eta: order.eta().map(|arrives_at| EtaView { arrives_at }),
            external_id: external_id.as_ref(),
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
            ..progress(order)
        }
    }
}

/// Returns the view of a driver to whom the order is offered: enough to decide, without the customer,
/// references, contents and prices.
fn offered<'a>(order: &'a Order, details: Option<&'a Details>) -> OrderView<'a> {
    let addresses = details.map(|Details { addresses, .. }| {
        let area = addresses.dropoff.as_ref().and_then(|it| it.location).map(Location::coarse);
        let pickup = addresses.pickup.as_ref();
        AddressesView { pickup, dropoff_area: area, ..AddressesView::default() }
    });
    OrderView {
        offer: OfferView::of(Role::Driver, order),
        item_count: details.map(|details| details.items.len()),
        addresses: addresses.filter(|it| it.pickup.is_some() || it.dropoff_area.is_some()),
        ..progress(order)
    }
}

/// Returns the part of an order that everybody reads who sees it: where it comes from, and how far it
/// has come.
fn progress(order: &Order) -> OrderView<'_> {
    OrderView {
        id: order.id,
        merchant: &order.placed.merchant,
        customer: CustomerView { reference: None, name: None, contact: None },
        workflow: order.placed.workflow.name,
        status: order.status,
        phase: order.status.phase(),
        version: order.version,
        created_at: order.created_at,
        updated_at: order.updated_at,
        status_since: order.status_since,
        metadata: Metadata::EMPTY,
        driver: None,
        offer: None,
        courier: None,
        eta: None,
        external_id: None,
        store: order.store.as_ref(),
        stamps: &order.stamps,
        deadline: None,
        delayed_since: None,
        autopilot: None,
        unanswered: None,
        handover: None,
        currency: None,
        total: None,
        items: Vec::new(),
        item_count: None,
        substitutions: Vec::new(),
        issues: Vec::new(),
        addresses: None,
    }
}

impl<'a> OfferView<'a> {
    fn of(role: Role, order: &'a Order) -> Option<Self> {
        let offer = order.offer.as_ref().filter(|_| role != Role::Customer)?;
        let drivers = reads_notes(role).then(|| offer.asked().collect());
        Some(Self { round: offer.round, expires_at: offer.expires_at?, drivers })
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
    AddressesView { pickup: details.addresses.pickup.as_ref(), dropoff, ..AddressesView::default() }
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
