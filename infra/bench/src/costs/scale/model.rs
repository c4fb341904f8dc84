//! The model order, created and cancelled over HTTP: the orders written in bulk are copies of it.

use clock::Timestamp;
use db::Db;
use domain::{Details, DetailsChange, Event, OrderEffect, OrderId, Version};
use serde_json::{Value, json};
use waybill::Runner;

use super::{ScaleError, State};
use crate::costs::client::{ClientError, Person};
use crate::costs::reference;

/// The details and events of the model order, and its representation in the API while open and
/// when closed.
pub(super) struct Model {
    details: Details,
    /// The first event creates the order, the second closes it.
    events: Vec<Event>,
    open: Value,
    closed: Value,
}

impl Model {
    /// Creates and cancels the order on a runner, and reads it through that runner's `db`.
    pub(super) async fn new(runner: &Runner, db: &Db) -> Result<Self, ScaleError> {
        let ops = Person::new(runner, &reference::ops())?;
        let name = Person::new(runner, &reference::merchant())?.place(&reference::order()).await?;
        let open = view(&ops, &name).await?;
        ops.move_to(&name, "cancelled").await?;
        let closed = view(&ops, &name).await?;

        let lost = || ScaleError::Unlike(name.clone());
        let id = OrderId::parse(&name).map_err(|_| lost())?;
        let order = db.head(id).await?.ok_or_else(lost)?.order;
        let events = db.history(id, order.placed.workflow, Version(0), order.version).await?;
        let details = db.details(id).await?.ok_or_else(lost)?;
        Ok(Self { details, events, open, closed })
    }

    /// Returns the effect of a creation that stores the order's details.
    pub(super) fn details(&self) -> OrderEffect {
        OrderEffect::Details(DetailsChange::Put(Box::new(self.details.clone())))
    }

    /// Returns the events of an order in `state`, one per commit, all with the time `at`.
    pub(super) fn events(&self, state: State, at: Timestamp) -> impl Iterator<Item = Event> {
        let count = match state {
            State::Open => 1,
            State::Closed => self.events.len(),
        };
        self.events.iter().take(count).map(move |event| Event { at, ..event.clone() })
    }

    /// Fails unless the API returns the order `id` as it returned the model order, except for its
    /// id and times.
    pub(super) async fn compare(
        &self,
        runner: &Runner,
        id: OrderId,
        state: State,
    ) -> Result<(), ScaleError> {
        let ops = Person::new(runner, &reference::ops())?;
        let expected = match state {
            State::Open => &self.open,
            State::Closed => &self.closed,
        };
        let id = id.to_string();
        if view(&ops, &id).await? == *expected { Ok(()) } else { Err(ScaleError::Unlike(id)) }
    }
}

/// Returns an order with its details and its history, without its id and times.
async fn view(person: &Person, id: &str) -> Result<Value, ClientError> {
    let mut order = person.get(&format!("/orders/{id}")).await?;
    let mut history = person.get(&format!("/orders/{id}/history")).await?;
    let events = history["events"].as_array_mut().into_iter().flatten();
    for object in events.chain([&mut order]).filter_map(Value::as_object_mut) {
        object.retain(|name, _| name != "id" && !is_time(name));
    }
    Ok(json!({ "order": order, "events": history["events"] }))
}

fn is_time(name: &str) -> bool {
    name == "at" || name == "status_since" || name.ends_with("_at")
}
