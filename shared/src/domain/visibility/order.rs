//! An order as it is seen.

use serde::Serialize;

use super::sees;
use crate::domain::time::Timestamp;
use crate::domain::{
    Currency, CustomerReference, Details, DriverId, ExternalId, Item, MerchantId, Metadata, Name,
    Order, OrderId, Phase, Principal, Quantity, Role, Sku, Status, StoreId, Text, UnitPrice,
    Version,
};

/// An order as one principal sees it.
#[derive(Debug, Serialize)]
pub struct OrderView<'a> {
    id: OrderId,
    merchant: &'a MerchantId,
    customer: CustomerView<'a>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<ItemView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<AddressesView<'a>>,
}

#[derive(Debug, Serialize)]
struct CustomerView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a CustomerReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
}

#[derive(Debug, Serialize)]
struct ItemView<'a> {
    line: usize,
    sku: &'a Sku,
    name: &'a Name,
    quantity: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<UnitPrice>,
}

impl<'a> ItemView<'a> {
    fn new(line: usize, item: &'a Item) -> Self {
        let Item { sku, name, quantity, unit_price } = item;
        Self { line, sku, name, quantity: *quantity, unit_price: *unit_price }
    }
}

#[derive(Debug, Serialize)]
struct AddressesView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropoff: Option<&'a str>,
}

/// What `principal` sees of `order`: nothing of an order that is not theirs;
/// the head alone where no details are at hand.
pub fn order<'a>(
    principal: &Principal,
    order: &'a Order,
    details: Option<&'a Details>,
) -> Option<OrderView<'a>> {
    if !sees(principal, order) {
        return None;
    }
    let addresses = details.map(|details| addresses(principal, order, details));
    Some(OrderView {
        id: order.id,
        merchant: &order.merchant,
        customer: CustomerView {
            reference: order.customer.as_ref(),
            name: details.map(|details| details.customer.name.as_str()),
            contact: details.and_then(|details| contact(principal, order, details)),
        },
        workflow: order.workflow.name,
        status: order.status,
        phase: order.status.phase(),
        version: order.version,
        created_at: order.created_at,
        updated_at: order.updated_at,
        status_since: order.status_since,
        metadata: &order.metadata,
        driver: order.driver.as_ref(),
        external_id: order.external_id.as_ref(),
        store: order.store.as_ref(),
        currency: details.and_then(|details| details.currency.as_ref()).map(Currency::as_str),
        items: details.map(items).unwrap_or_default(),
        addresses: addresses.filter(|it| it.pickup.is_some() || it.dropoff.is_some()),
    })
}

/// Support sees enough to recognise it; a driver needs it until the order is closed.
fn contact(principal: &Principal, order: &Order, details: &Details) -> Option<String> {
    let contact = &details.customer.contact;
    match principal.role() {
        Role::Support => Some(contact.masked()),
        Role::Driver if !order.is_open() => None,
        Role::Ops | Role::Merchant | Role::Driver | Role::Customer | Role::System => {
            Some(contact.as_str().to_owned())
        }
    }
}

fn addresses<'a>(principal: &Principal, order: &Order, details: &'a Details) -> AddressesView<'a> {
    let hides_dropoff = principal.role() == Role::Driver && !order.is_open();
    let dropoff = details.addresses.dropoff.as_ref().filter(|_| !hides_dropoff);
    AddressesView {
        pickup: details.addresses.pickup.as_ref().map(Text::as_str),
        dropoff: dropoff.map(Text::as_str),
    }
}

fn items(details: &Details) -> Vec<ItemView<'_>> {
    details.items.iter().zip(1..).map(|(item, line)| ItemView::new(line, item)).collect()
}
