//! Generates orders in bulk: `Db` makes its own commits, which are recorded instead of sent.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Range;

use clock::Timestamp;
use db::{ChangeError, Db, Digest, Head, Shards, Tables};
use domain::{Decision, Needs, OrderEffect, OrderId};
use serde_json::value::RawValue;

use super::model::Model;
use super::recorder::{Put, Recorder};
use super::{ScaleError, State};

/// The time between two orders, in milliseconds; a day has room for 172,800 orders.
const INTERVAL: u64 = 500;

/// Items by the name of their table, in DynamoDB's JSON.
pub(super) type Items = BTreeMap<String, Vec<Box<RawValue>>>;

/// A generator of orders that resemble the model order.
pub(super) struct Bulk {
    recorder: Recorder,
    /// Its commits go to the recorder.
    db: Db,
    orders_table: String,
}

impl Bulk {
    /// Creates a generator of orders for these tables.
    pub(super) fn new(tables: Tables, shards: Shards) -> Self {
        let (recorder, orders_table) = (Recorder::default(), tables.orders.clone());
        let db = Db::new(recorder.client(), tables, shards);
        Self { recorder, db, orders_table }
    }

    /// Returns every item that `Db` writes for the orders with these numbers. The order with
    /// number 0 was created at `start`.
    pub(super) async fn orders(
        &self,
        model: &Model,
        state: State,
        numbers: Range<u64>,
        start: Timestamp,
    ) -> Result<Items, ScaleError> {
        let mut items = Items::new();
        for number in numbers {
            for Put { table_name, item } in self.order(model, state, number, start).await? {
                items.entry(table_name).or_default().push(item);
            }
        }
        Ok(items)
    }

    async fn order(
        &self,
        model: &Model,
        state: State,
        number: u64,
        start: Timestamp,
    ) -> Result<Vec<Put>, ScaleError> {
        let millis = i64::try_from(number * INTERVAL).unwrap_or(i64::MAX);
        let at = Timestamp::from_epoch_millis(start.epoch_millis().saturating_add(millis));
        let mut events = model.events(state, at.unwrap_or(start));
        let first = events.by_ref().take(1).collect();
        let unlike = || ScaleError::Unlike(id(state, number).to_string());
        let created = Decision { events: first, effects: vec![model.details()] };
        self.db.create(id(state, number), created, None).await?;
        let mut puts = self.recorder.take()?;
        for event in events {
            let is_head = |put: &Put| put.table_name == self.orders_table;
            let head = puts.iter().position(is_head).ok_or_else(unlike)?;
            let head: serde_json::Value = serde_json::from_str(puts.remove(head).item.get())?;
            let needs = |_: &_| Needs::default();
            let decide = |_: &_, _: &_| {
                let events = vec![event.clone()];
                Ok::<_, Infallible>(Decision::<OrderEffect> { events, effects: Vec::new() })
            };
            let changed = self.db.change(Head::from_image(head)?, None, needs, decide).await;
            changed.map_err(|error| match error {
                ChangeError::Db(error) => error.into(),
                ChangeError::KeyReused | ChangeError::Refused { .. } => unlike(),
                ChangeError::Rejected(never) => match never {},
            })?;
            puts.extend(self.recorder.take()?);
        }
        Ok(puts)
    }
}

/// Returns the id of the order with that number. The id is the same in every run, and these ids
/// fill the shards as evenly as random ones.
pub(super) fn id(state: State, number: u64) -> OrderId {
    let label = match state {
        State::Open => b"open".as_slice(),
        State::Closed => b"closed",
    };
    OrderId::derived(Digest::bytes_of([label, &number.to_be_bytes()]))
}
