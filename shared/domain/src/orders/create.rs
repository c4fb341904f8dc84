//! Creates orders.

use crate::{
    Actor, Context, Created, Decision, Details, DetailsChange, Event, EventData, Metadata, Order,
    OrderId, Party, Placed, Principal, Rejection, Role, Status, Version, Workflow, evolve,
};

/// A request for a new order.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub created: Created,
    pub metadata: Metadata,
}

/// Returns the first commit of a new order: its creation, followed by the automatic steps of its
/// workflow.
pub fn create(
    id: OrderId,
    order: NewOrder,
    details: Details,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let NewOrder { created, metadata } = order;
    may_create(context.principal)?;
    let created = as_allowed(created, &context.principal.party)?;
    let workflow = created.placed.workflow;
    let unfit = unfit_fields(workflow, |name| has(&created, name));
    if !unfit.is_empty() {
        return Err(Rejection::UnfitFields(unfit));
    }
    if created.store.as_ref().is_some_and(|store| !context.known.has_store(store)) {
        return Err(Rejection::UnknownStore { field: "store" });
    }
    let first = Event {
        version: Version::FIRST,
        status: workflow.initial,
        previous_status: None,
        at: context.now,
        actor: context.principal.actor(),
        note: None,
        message: None,
        metadata,
        data: EventData::Created(Box::new(created.clone())),
    };
    let mut order = Order::created(id, &created, &first);
    let mut events = vec![first];
    for status in workflow.automatic {
        let next = automatic(&order, *status);
        order = evolve(order, &next);
        events.push(next);
    }
    Ok(Decision::new(None, &order, events, [DetailsChange::Put(Box::new(details))]))
}

/// A field that the workflow of a new order needs, or that it or another field excludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnfitField {
    pub name: &'static str,
    /// The rest of the message, after the name.
    pub why: &'static str,
}

/// Returns every field that does not fit a new order of `workflow`. `has` tells if the order has
/// one of `store`, `items`, `handover_code`, `autopilot` and `unanswered`.
pub fn unfit_fields(workflow: &Workflow, has: impl Fn(&str) -> bool) -> Vec<UnfitField> {
    let needs = "is required by the order's workflow";
    let is_prepared = workflow.prepared_by_store;
    let moves_by_itself = !workflow.autopilot.is_empty();
    let rules = [
        (is_prepared && !has("store"), "store", needs),
        (is_prepared && !has("items"), "items", needs),
        (
            has("autopilot") && !moves_by_itself,
            "autopilot",
            "is only for workflows that can move by themselves, such as parcel",
        ),
        (
            has("autopilot") && moves_by_itself && has("handover_code"),
            "autopilot",
            "cannot be combined with handover_code",
        ),
        (
            has("unanswered") && !is_prepared,
            "unanswered",
            "is only for workflows with substitutions, such as grocery",
        ),
    ];
    let broken = rules.into_iter().filter(|(is_broken, ..)| *is_broken);
    broken.map(|(_, name, why)| UnfitField { name, why }).collect()
}

/// True if a new order has the field.
fn has(order: &Created, name: &str) -> bool {
    let terms = &order.placed.terms;
    match name {
        "store" => order.store.is_some(),
        "items" => order.basket.as_ref().is_some_and(|basket| !basket.lines.is_empty()),
        "handover_code" => order.has_handover_code,
        "autopilot" => terms.autopilot.is_some(),
        "unanswered" => terms.unanswered.is_some(),
        _ => false,
    }
}

/// Rejects a principal whose role cannot create any order.
pub const fn may_create(principal: &Principal) -> Result<(), Rejection> {
    match principal.role() {
        Role::Ops | Role::Merchant | Role::Customer => Ok(()),
        role @ (Role::Support | Role::Driver | Role::System) => {
            Err(Rejection::MayNotCreate { role })
        }
    }
}

fn automatic(order: &Order, status: Status) -> Event {
    Event {
        version: order.version.next(),
        status,
        previous_status: Some(order.status),
        at: order.updated_at,
        actor: Actor::system("workflow"),
        note: None,
        message: None,
        metadata: Metadata::default(),
        data: EventData::StatusChanged,
    }
}

/// Fills in the store or customer that the creator is bound to, and rejects an order that the
/// creator may not create.
fn as_allowed(order: Created, party: &Party) -> Result<Created, Rejection> {
    let Created { placed, store, .. } = &order;
    match party {
        Party::Ops | Party::Support | Party::Driver | Party::System => Ok(order),
        Party::Merchant { merchant, store: own } => {
            let bound = own.clone().or_else(|| store.clone());
            if *merchant != placed.merchant || (store.is_some() && *store != bound) {
                return Err(Rejection::ForAnother);
            }
            Ok(Created { store: bound, ..order })
        }
        Party::Customer { merchant, reference } => {
            let other = placed.customer.as_ref().is_some_and(|customer| customer != reference);
            if *merchant != placed.merchant || other {
                return Err(Rejection::ForAnother);
            }
            let placed = Placed { customer: Some(reference.clone()), ..placed.clone() };
            Ok(Created { placed, ..order })
        }
    }
}
