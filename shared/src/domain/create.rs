//! How an order comes to be.

use super::{
    Actor, Basket, Context, Created, CustomerReference, Event, EventData, ExternalId, MerchantId,
    Metadata, Party, Rejection, Role, Status, StoreId, Terms, Version, Workflow,
};

/// An order as somebody wants it.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Whose order it is to be.
    pub merchant: MerchantId,
    /// For whom, as the merchant calls them.
    pub customer: Option<CustomerReference>,
    /// What the merchant calls the order.
    pub external_id: Option<ExternalId>,
    /// Which of the merchant's stores prepares it.
    pub store: Option<StoreId>,
    /// How it is to move.
    pub workflow: &'static Workflow,
    /// What is in it, if a store is to prepare it.
    pub basket: Option<Basket>,
    /// Whether whoever hands it over must name a code.
    pub has_handover_code: bool,
    /// What Waybill may do with it by itself.
    pub terms: Terms,
    /// Free pairs.
    pub metadata: Metadata,
}

/// The events of the new order's first commit: its creation, and the steps that
/// the workflow takes of itself.
pub fn create(order: NewOrder, context: &Context<'_>) -> Result<Vec<Event>, Rejection> {
    let order = as_allowed(order, &context.principal.party)?;
    if order.workflow.prepared_by_store {
        if order.store.is_none() {
            return Err(Rejection::MissingField { name: "store" });
        }
        if order.basket.as_ref().is_none_or(|basket| basket.lines.is_empty()) {
            return Err(Rejection::MissingField { name: "items" });
        }
    }
    check_terms(&order)?;
    let NewOrder { workflow, metadata, .. } = order;
    let created = Created {
        merchant: order.merchant,
        customer: order.customer,
        external_id: order.external_id,
        store: order.store,
        workflow,
        basket: order.basket,
        has_handover_code: order.has_handover_code,
        terms: order.terms,
    };
    let first = Event {
        version: Version::FIRST,
        status: workflow.initial,
        previous_status: None,
        at: context.now,
        actor: context.principal.actor(),
        note: None,
        message: None,
        metadata,
        data: EventData::Created(Box::new(created)),
    };
    let mut events = vec![first];
    for status in workflow.automatic {
        events.push(automatic(&events[events.len() - 1], *status));
    }
    Ok(events)
}

/// Refuses what could not be done with an order of its workflow.
fn check_terms(order: &NewOrder) -> Result<(), Rejection> {
    let NewOrder { workflow, terms, .. } = order;
    let unfit = |name, why| Err(Rejection::UnfitField { name, why });
    if terms.autopilot.is_some() && workflow.autopilot.is_empty() {
        return unfit("autopilot", "is for workflows that go on by themselves, such as parcel");
    }
    if terms.autopilot.is_some() && order.has_handover_code {
        return unfit("autopilot", "hands nothing over that has a handover_code: leave one out");
    }
    if terms.unanswered.is_some() && !workflow.prepared_by_store {
        return unfit("unanswered", "is for workflows that ask about substitutes, such as grocery");
    }
    Ok(())
}

fn automatic(previous: &Event, status: Status) -> Event {
    Event {
        version: previous.version.next(),
        status,
        previous_status: Some(previous.status),
        at: previous.at,
        actor: Actor::system("workflow"),
        note: None,
        message: None,
        metadata: Metadata::default(),
        data: EventData::StatusChanged,
    }
}

/// Fills in what binds the creator, and refuses what is beyond it.
fn as_allowed(order: NewOrder, party: &Party) -> Result<NewOrder, Rejection> {
    match party {
        Party::Ops => Ok(order),
        Party::Merchant { merchant, store } => {
            let bound = store.clone().or_else(|| order.store.clone());
            if *merchant != order.merchant || (order.store.is_some() && order.store != bound) {
                return Err(Rejection::ForAnother);
            }
            Ok(NewOrder { store: bound, ..order })
        }
        Party::Customer { merchant, reference } => {
            let other = order.customer.as_ref().is_some_and(|customer| customer != reference);
            if *merchant != order.merchant || other {
                return Err(Rejection::ForAnother);
            }
            Ok(NewOrder { customer: Some(reference.clone()), ..order })
        }
        Party::Support => Err(Rejection::MayNotCreate { role: Role::Support }),
        Party::Driver => Err(Rejection::MayNotCreate { role: Role::Driver }),
        Party::System => Err(Rejection::MayNotCreate { role: Role::System }),
    }
}
