//! The endpoints of merchants, read once a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use clock::{Clock, Timestamp};
use db::{Consistency, Db, DbError};
use domain::MerchantId;
use domain::webhooks::Endpoint;

/// The time for which endpoints are remembered, in seconds. A new endpoint may miss the changes of
/// its first minute; the response to its creation says so.
pub(crate) const REMEMBERED: i64 = 60;

/// The number of merchants that are remembered.
const MOST: usize = 10_000;

/// Endpoints, and the time at which they were read.
type Known = (Timestamp, Arc<[Endpoint]>);

/// A cache of endpoints. A merchant without any is remembered, too, since most have none.
pub(super) struct Endpoints {
    db: Db,
    clock: Clock,
    known: Mutex<HashMap<MerchantId, Known>>,
}

impl Endpoints {
    pub(super) fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, known: Mutex::default() }
    }

    /// Returns the endpoints of a merchant, at most a minute old.
    pub(super) async fn of(&self, merchant: &MerchantId) -> Result<Arc<[Endpoint]>, DbError> {
        let now = self.clock.now();
        let known =
            self.known.lock().unwrap_or_else(PoisonError::into_inner).get(merchant).cloned();
        if let Some((_, endpoints)) =
            known.filter(|(read_at, _)| now < read_at.plus_seconds(REMEMBERED))
        {
            return Ok(endpoints);
        }
        let read = self.db.endpoints(merchant, Consistency::Eventual).await?;
        let endpoints: Arc<[_]> = read.into_iter().map(|stored| stored.endpoint).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(merchant.clone(), (now, Arc::clone(&endpoints)));
        Ok(endpoints)
    }
}
