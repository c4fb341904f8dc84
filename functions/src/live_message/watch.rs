//! Watches: a subscription to an order or a fleet has the devices of its drivers send positions often.

use clock::Timestamp;
use db::DbError;
use domain::visibility::may_watch;
use domain::{Fleet, Order};

use super::{Live, Sender};

/// The longest watch, in seconds: API Gateway closes a connection after two hours.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
const LONGEST_S: i64 = 2 * 60 * 60;

/// The unit of the ends of watches, in seconds. Many who subscribe within a minute change a position
/// once, since each change is relayed to all of them.
const UNIT_S: i64 = 60;

impl Live {
    /// Has the drivers of `order` watched, those who get it later too, and returns the end. `order` was
    /// read before the subscription; the one that is read after it says whom to [`watch`](Self::watch)
    /// now.
    pub(super) async fn watch_order(
        &self,
        sender: &Sender,
        order: &Order,
    ) -> Result<Option<Timestamp>, DbError> {
        if !may_watch(sender.principal(), order) {
            return Ok(None);
        }
        let until = self.end(sender);
        if let Some(until) = until {
            self.db.watch_order(order.id, until).await?;
        }
        Ok(until)
    }

    /// Has the drivers of a fleet watched.
    pub(super) async fn watch_fleet(&self, sender: &Sender, fleet: &Fleet) -> Result<(), DbError> {
        match self.end(sender) {
            Some(until) => self.db.watch_fleet(fleet, until).await,
            None => Ok(()),
        }
    }

    /// Returns the end of a watch that begins now; `None` if it is too short.
    fn end(&self, sender: &Sender) -> Option<Timestamp> {
        let now = self.clock.now();
        end(now, sender.identity.expires_at).filter(|until| now < *until)
    }

    /// Has the driver of `order` watched until `until`, if `watch_order` returned one.
    pub(super) async fn watch_driver(
        &self,
        order: &Order,
        until: Option<Timestamp>,
    ) -> Result<(), DbError> {
        match (&order.driver, until) {
            (Some(driver), Some(until)) if order.is_open() => {
                self.db.watch_driver(driver, until).await
            }
            _ => Ok(()),
        }
    }
}

/// Returns the end of a watch: in two hours, or when the token expires, rounded down to the minute.
fn end(now: Timestamp, expires_at: Timestamp) -> Option<Timestamp> {
    let end = now.plus_seconds(LONGEST_S).min(expires_at).epoch_seconds();
    Timestamp::from_epoch_seconds(end / UNIT_S * UNIT_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_ends_with_the_connection_or_its_token() {
        let at = |text| Timestamp::parse(text).unwrap();
        let now = at("2026-11-21T12:00:59.999Z");
        for (expires_at, expected) in [
            ("2026-11-21T18:00:00Z", "2026-11-21T14:00:00Z"),
            ("2026-11-21T12:30:30Z", "2026-11-21T12:30:00Z"),
            ("2026-11-21T12:01:00Z", "2026-11-21T12:01:00Z"),
        ] {
            assert_eq!(end(now, at(expires_at)), Some(at(expected)), "{expires_at}");
        }
    }
}
