//! The body of `POST /orders`.

use shared::domain::{
    Address, Addresses, Contact, Currency, Customer, CustomerReference, Details, ExternalId,
    Invalid, Item, MAX_ITEMS, MerchantId, Name, NewOrder, Principal, Role, Sku, StoreId, Workflow,
};
use shared::http::Fields;

/// The order that the body asks for, and its details.
pub(super) fn read(fields: &mut Fields<'_>, principal: &Principal) -> Option<(NewOrder, Details)> {
    let merchant = merchant(fields, principal);
    let person = fields.required_object("customer", customer);
    let external_id = external_id(fields, principal);
    let store = fields.text("store", StoreId::parse);
    let workflow = fields.text("workflow", workflow).unwrap_or(Workflow::DEFAULT);
    let metadata = fields.metadata("metadata");
    let addresses =
        fields.object("addresses", |fields| Some(addresses(fields))).unwrap_or_default();
    let currency = fields.text("currency", Currency::parse);
    let items = fields.list("items", MAX_ITEMS, item);
    if currency.is_none() && items.iter().any(|item| item.unit_price.is_some()) {
        fields.wrong("currency", "is required where an item has a unit_price");
    }
    let (person, customer) = person?;
    let details = Details { customer: person, addresses, items, currency };
    Some((
        NewOrder { merchant: merchant?, customer, external_id, store, workflow, metadata },
        details,
    ))
}

/// Whoever belongs to a merchant may leave it out.
fn merchant(fields: &mut Fields<'_>, principal: &Principal) -> Option<MerchantId> {
    match principal.merchant() {
        Some(own) => {
            Some(fields.text("merchant", MerchantId::parse).unwrap_or_else(|| own.clone()))
        }
        None => fields.required_text("merchant", MerchantId::parse),
    }
}

/// The merchant's own name of the order is not for its customers to give.
fn external_id(fields: &mut Fields<'_>, principal: &Principal) -> Option<ExternalId> {
    let external_id = fields.text("external_id", ExternalId::parse);
    if external_id.is_some() && principal.role() == Role::Customer {
        fields.wrong("external_id", "is for the merchant to give");
    }
    external_id
}

fn customer(fields: &mut Fields<'_>) -> Option<(Customer, Option<CustomerReference>)> {
    let reference = fields.text("reference", CustomerReference::parse);
    let name = fields.required_text("name", Name::parse);
    let contact = fields.required_text("contact", Contact::parse);
    Some((Customer { name: name?, contact: contact? }, reference))
}

fn workflow(name: &str) -> Result<&'static Workflow, Invalid> {
    Workflow::named(name).ok_or_else(|| {
        let names: Vec<_> = Workflow::ALL.iter().map(|workflow| workflow.name).collect();
        Invalid(format!("must be one of: {}", names.join(", ")).into())
    })
}

fn addresses(fields: &mut Fields<'_>) -> Addresses {
    let pickup = fields.text("pickup", Address::parse);
    let dropoff = fields.text("dropoff", Address::parse);
    Addresses { pickup, dropoff }
}

fn item(fields: &mut Fields<'_>) -> Option<Item> {
    let sku = fields.required_text("sku", Sku::parse);
    let name = fields.required_text("name", Name::parse);
    let quantity = fields.required_number("quantity");
    let unit_price = fields.number("unit_price");
    Some(Item { sku: sku?, name: name?, quantity: quantity?, unit_price })
}
