//! Replays of events that an operator requests.

use db::{Consistency, Db, DbError};
use domain::{OrderId, Version, fold};
use serde::Deserialize;

use crate::changes::Change;

/// An order whose events may not have been delivered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missed {
    pub(super) order_id: OrderId,
    /// The last version that every client has received; 0, the default, replays all events.
    #[serde(default = "nothing")]
    after: Version,
}

const fn nothing() -> Version {
    Version(0)
}

impl Missed {
    /// Reads the change since then from history; `None` if there are no later events.
    pub(super) async fn change(&self, db: &Db) -> Result<Option<Change>, DbError> {
        let id = self.order_id;
        let mut heads = db.heads(&[id], Consistency::Strong).await?;
        let Some(head) = heads.remove(&id) else { return Ok(None) };
        let new = head.order;
        let mut known = db.history(id, new.placed.workflow, nothing(), new.version).await?;
        let place = known.iter().take_while(|event| event.version <= self.after).count();
        let events = known.split_off(place);
        let old = if known.is_empty() { None } else { Some(fold(id, &known)) };
        let old = old.transpose().map_err(|error| DbError::Corrupt(error.to_string()))?;
        Ok((!events.is_empty()).then_some(Change { old, new, events }))
    }
}
