//! Creates orders.

use crate::{
    Actor, Context, Created, Decision, Details, DetailsChange, Event, EventData, Metadata, Order,
    OrderId, Party, Placed, Rejection, Role, Status, Version, evolve,
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
    let created = as_allowed(created, &context.principal.party)?;
    let workflow = created.placed.workflow;
    if workflow.prepared_by_store {
        if created.store.is_none() {
            return Err(Rejection::MissingField { name: "store" });
        }
        if created.basket.as_ref().is_none_or(|basket| basket.lines.is_empty()) {
            return Err(Rejection::MissingField { name: "items" });
        }
    }
    if created.store.as_ref().is_some_and(|store| !context.known.has_store(store)) {
        return Err(Rejection::UnknownStore { field: "store" });
    }
    check_terms(&created)?;
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

/// Rejects terms that the order's workflow or its handover code rules out.
fn check_terms(order: &Created) -> Result<(), Rejection> {
    let Placed { workflow, terms, .. } = &order.placed;
    let unfit = |name, why| Err(Rejection::UnfitField { name, why });
    if terms.autopilot.is_some() && workflow.autopilot.is_empty() {
        return unfit(
            "autopilot",
            "is only for workflows that can move by themselves, such as parcel",
        );
    }
    if terms.autopilot.is_some() && order.has_handover_code {
        return unfit("autopilot", "cannot be combined with handover_code");
    }
    if terms.unanswered.is_some() && !workflow.prepared_by_store {
        return unfit("unanswered", "is only for workflows with substitutions, such as grocery");
    }
    Ok(())
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
        Party::Ops => Ok(order),
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
        Party::Support => Err(Rejection::MayNotCreate { role: Role::Support }),
        Party::Driver => Err(Rejection::MayNotCreate { role: Role::Driver }),
        Party::System => Err(Rejection::MayNotCreate { role: Role::System }),
    }
}
