//! Orders in bulk: the store's own commits, taken down.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Range;

use serde_json::value::RawValue;
use shared::config::Config;
use shared::domain::OrderId;
use shared::domain::time::Timestamp;
use shared::store::{ChangeError, Digest, Head, Store};

use super::model::Model;
use super::recorder::{Put, Recorder};
use super::{ScaleError, State};

/// How many milliseconds after another an order comes: a day has room for 172,800.
const INTERVAL: u64 = 500;

/// Items, by the name of their table, in DynamoDB's JSON.
pub(super) type Items = BTreeMap<String, Vec<Box<RawValue>>>;

/// Makes orders like one that was placed.
pub(super) struct Bulk {
    recorder: Recorder,
    /// Commits to the recorder.
    store: Store,
}

impl Bulk {
    /// Orders for the tables that `config` names.
    pub(super) fn new(config: &Config) -> Self {
        let recorder = Recorder::default();
        Self { store: Store::new(recorder.client(), config), recorder }
    }

    /// Everything that the store writes of the orders with those numbers, the first
    /// of all of which came at `start`.
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
        self.store.create(id(state, number), first, model.details(), None).await?;
        let mut puts = self.recorder.take()?;
        for event in events {
            // A commit writes the head first.
            let head: serde_json::Value = serde_json::from_str(puts.remove(0).item.get())?;
            let decide = |_: &_| Ok::<_, Infallible>(vec![event.clone()]);
            let changed = self.store.change(Head::from_image(head)?, None, None, decide).await;
            changed.map_err(|error| match error {
                ChangeError::Store(error) => error.into(),
                ChangeError::KeyReused => ScaleError::Unlike(id(state, number).to_string()),
                ChangeError::Rejected(never) => match never {},
            })?;
            puts.splice(0..0, self.recorder.take()?);
        }
        Ok(puts)
    }
}

/// The id of the order with that number. It is the same each time, and shards are
/// as evenly filled by such ids as by random ones.
pub(super) fn id(state: State, number: u64) -> OrderId {
    let label = match state {
        State::Open => b"open".as_slice(),
        State::Closed => b"closed",
    };
    OrderId::derived(Digest::bytes_of([label, &number.to_be_bytes()]))
}
