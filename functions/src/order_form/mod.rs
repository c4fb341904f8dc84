//! The body of `POST /orders`.

use db::MerchantSettings;
use domain::{
    Addresses, Autopilot, Basket, Contact, Created, Currency, Customer, CustomerReference, Details,
    ExternalId, HandoverCode, LineItem, MAX_ITEMS, MAX_TOTAL, MerchantId, Metadata, Name, NewOrder,
    Party, Placed, Principal, Role, Sku, StoreId, Terms, Unanswered, UnfitField, Workflow,
    unfit_fields,
};
use http_api::Fields;
use serde_json::Value;

mod terms;
use crate::workflow::named;

/// An order as requested, before the merchant's settings apply.
pub(crate) struct Draft {
    pub(crate) merchant: MerchantId,
    workflow: Option<&'static Workflow>,
    customer: Option<CustomerReference>,
    external_id: Option<ExternalId>,
    store: Option<StoreId>,
    autopilot: Option<Autopilot>,
    unanswered: Option<Unanswered>,
    metadata: Metadata,
}

impl Draft {
    /// Completes the order with the merchant's settings.
    pub(crate) fn into_order(self, settings: &MerchantSettings, details: &Details) -> NewOrder {
        let Self { merchant, customer, external_id, store, autopilot, unanswered, .. } = self;
        let workflow = self.workflow.unwrap_or_else(|| settings.workflow());
        let terms = Terms { autopilot, unanswered, ..settings.terms(workflow) };
        let created = Created {
            placed: Placed { merchant, customer, external_id, workflow, terms },
            store,
            basket: workflow.prepared_by_store.then(|| Basket::of(details)),
            has_handover_code: details.handover_code.is_some(),
        };
        NewOrder { created, metadata: self.metadata }
    }
}

/// The fields that only operations and the merchant can set, by the object that has them: a
/// customer decides neither on prices nor on the way of an order, and writes nothing that could
/// be taken for the merchant's.
const MERCHANTS: [(&str, &[&str]); 3] = [
    ("", &["external_id", "workflow", "autopilot", "metadata", "currency"]),
    ("addresses", &["pickup"]),
    ("items", &["unit_price"]),
];

/// Reports the fields of `object` that the role cannot set.
fn check_reserved(fields: &mut Fields<'_>, object: &str, role: Role) {
    if role != Role::Customer {
        return;
    }
    let reserved = MERCHANTS.iter().filter(|(of, _)| *of == object).flat_map(|(_, names)| *names);
    for name in reserved.filter(|name| fields.has(name)).collect::<Vec<_>>() {
        fields.wrong(name, "can be set only by the merchant or operations");
    }
}

/// Returns the merchant that an order of `principal` with this body belongs to, if it is one that
/// the principal may create orders for.
pub(crate) fn owner(body: &Value, principal: &Principal) -> Option<MerchantId> {
    let named = body["merchant"].as_str().map(MerchantId::parse);
    let own = principal.merchant();
    let merchant = named.map_or_else(|| own.cloned(), Result::ok)?;
    own.is_none_or(|own| *own == merchant).then_some(merchant)
}

/// Reads the order and its details from the body. `default` is the workflow of an order that
/// names none, if it is known; its needs are checked later otherwise.
pub(crate) fn read(
    fields: &mut Fields<'_>,
    principal: &Principal,
    default: Option<&'static Workflow>,
) -> Option<(Draft, Details)> {
    let given = given(fields, principal);
    let (names_workflow, names_currency) = (fields.has("workflow"), fields.has("currency"));
    let role = principal.role();
    check_reserved(fields, "", role);
    let merchant = merchant(fields, principal);
    let person = fields.required_object("customer", customer);
    let external_id = fields.text("external_id", ExternalId::parse);
    let store = fields.text("store", StoreId::parse);
    let workflow = fields.text("workflow", named);
    let autopilot = terms::autopilot(fields);
    let unanswered = fields.object("unanswered", terms::unanswered);
    let metadata = fields.metadata("metadata");
    let addresses =
        fields.object("addresses", |fields| Some(addresses(fields, role))).unwrap_or_default();
    let currency = fields.text("currency", Currency::parse);
    let items = fields.list("items", 0..=MAX_ITEMS, |fields| item(fields, role));
    let handover_code = fields.text("handover_code", HandoverCode::parse);
    if !names_currency && items.iter().any(|item| item.unit_price.is_some()) {
        fields.wrong("currency", "is required when an item has a unit_price");
    }
    if Details::priced(&items) > MAX_TOTAL {
        fields.wrong("items", format!("must not total more than {MAX_TOTAL}"));
    }
    let applied = if names_workflow { workflow } else { default };
    for UnfitField { name, why } in applied.into_iter().flat_map(|it| unfit_fields(it, &given)) {
        fields.wrong(name, why);
    }
    let ((person, customer), merchant) = (person?, merchant?);
    let details = Details { customer: person, addresses, items, currency, handover_code };
    let draft =
        Draft { merchant, workflow, customer, external_id, store, autopilot, unanswered, metadata };
    Some((draft, details))
}

/// Returns a function that tells if the order has a field, given by the body or by the token.
fn given(fields: &Fields<'_>, principal: &Principal) -> impl Fn(&str) -> bool + use<> {
    let names = ["store", "items", "handover_code", "autopilot", "unanswered"];
    let mut given: Vec<_> = names.into_iter().filter(|name| fields.is_filled(name)).collect();
    if matches!(principal.party, Party::Merchant { store: Some(_), .. }) {
        given.push("store");
    }
    move |name| given.contains(&name)
}

/// Reads the merchant. A caller whose token names a merchant can omit it.
fn merchant(fields: &mut Fields<'_>, principal: &Principal) -> Option<MerchantId> {
    match principal.merchant() {
        Some(own) => {
            Some(fields.text("merchant", MerchantId::parse).unwrap_or_else(|| own.clone()))
        }
        None => fields.required_text("merchant", MerchantId::parse),
    }
}

fn customer(fields: &mut Fields<'_>) -> Option<(Customer, Option<CustomerReference>)> {
    let reference = fields.text("reference", CustomerReference::parse);
    let name = fields.required_text("name", Name::parse);
    let contact = fields.required_text("contact", Contact::parse);
    Some((Customer { name: name?, contact: contact? }, reference))
}

fn addresses(fields: &mut Fields<'_>, role: Role) -> Addresses {
    check_reserved(fields, "addresses", role);
    let (pickup, dropoff) = (fields.address("pickup"), fields.address("dropoff"));
    Addresses { pickup, dropoff }
}

fn item(fields: &mut Fields<'_>, role: Role) -> Option<LineItem> {
    check_reserved(fields, "items", role);
    let sku = fields.required_text("sku", Sku::parse);
    let name = fields.required_text("name", Name::parse);
    let quantity = fields.required_number("quantity");
    let unit_price = fields.number("unit_price");
    Some(LineItem { sku: sku?, name: name?, quantity: quantity?, unit_price })
}
