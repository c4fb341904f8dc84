//! The facts of drivers' trips: arrivals, estimates and gaps, which positions tell.

use std::collections::{BTreeSet, HashMap};

use clock::Timestamp;
use domain::{
    Advice, Direction, DriverId, Event, Needs, News, Order, OrderId, Sighting, Silence, Stop,
    facts, tell,
};

use super::due::{DueError, acted};
use super::head::Head;
use super::list::{Consistency, MAX_BATCH};
use super::plan::Scan;
use super::walk::Walk;
use crate::{Db, DbError, Whereabouts};

/// A walk over the orders on their way to customers.
pub struct OnTheWay<'s> {
    db: &'s Db,
    walk: Walk<'s>,
}

/// An order whose driver has been silent for too long.
#[derive(Debug)]
pub struct Missed {
    pub head: Head,
    pub silence: Silence,
}

impl Db {
    /// Commits the facts that the news of an order's driver makes, and returns their events; empty if
    /// none is new, or the order has been changed meanwhile so that none applies. Of several calls with
    /// the same news one commits.
    pub async fn tell(
        &self,
        head: Head,
        news: &News,
        now: Timestamp,
    ) -> Result<Vec<Event>, DueError> {
        let decide = |order: &Order, _: &_| tell(order, news, now);
        acted(self.change(head, None, |_| Needs::default(), decide).await)
    }

    /// Tells the orders of a driver what the driver's position, `at`, makes new for them. Returns the
    /// result of each order that has news.
    pub async fn tell_orders(
        &self,
        at: &Whereabouts,
        now: Timestamp,
    ) -> Result<Vec<(OrderId, Result<Vec<Event>, DueError>)>, DbError> {
        let Some((last, fix)) = at.last.as_ref().and_then(|last| Some((last, last.fix?))) else {
            return Ok(Vec::new());
        };
        let ids: Vec<_> = last.stops.iter().map(|stop| stop.order).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let heads = self.heads(&ids, Consistency::Strong).await?;
        let remaining = |stop: &Stop| stop.remaining(&heads.get(&stop.order)?.order);
        let stops = last.stops.iter().filter_map(remaining);
        let news = News::Positions(Sighting {
            driver: at.roster.driver.clone(),
            vehicle: at.roster.vehicle.kind,
            fixes: last.run.fixes.clone(),
            last: fix,
            stops: stops.collect(),
        });
        let mut told = Vec::new();
        for (id, head) in heads {
            if !facts(&head.order, &news, now).is_empty() {
                told.push((id, self.tell(head, &news, now).await));
            }
        }
        Ok(told)
    }

    /// Starts a walk over the orders that drivers bring to customers.
    pub fn on_the_way(&self) -> OnTheWay<'_> {
        let scan = Scan::on_the_way(self.shards.read);
        OnTheWay { db: self, walk: Walk::new(self, scan, Direction::Oldest, None) }
    }
}

/// Returns how long a driver has been silent; `None` without a position.
fn silence(known: Whereabouts, now: Timestamp) -> Option<(DriverId, Silence)> {
    let Whereabouts { roster, last, .. } = known;
    let last = last?;
    let advised = Advice::to(&roster, last.watch(&roster, now));
    let (driver, since, reason) = (roster.driver, last.seen_at()?, last.outage);
    Some((driver.clone(), Silence { driver, since, advised, reason }))
}

/// Returns the drivers who have the orders.
fn carriers<'a>(heads: impl IntoIterator<Item = &'a Head>) -> Vec<DriverId> {
    let drivers = heads.into_iter().filter_map(|head| head.order.carrier().cloned());
    drivers.collect::<BTreeSet<_>>().into_iter().collect()
}

impl OnTheWay<'_> {
    /// Looks at the next orders, at most 100, and returns those whose driver is missed now; `None` at the
    /// end. Positions are read eventually consistently, and again, consistently, of those who seem to be
    /// missed: an upload may just have come. [`Db::tell`] decides on the order as it is.
    pub async fn next(&mut self, now: Timestamp) -> Result<Option<Vec<Missed>>, DbError> {
        let entries = self.walk.next(MAX_BATCH).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let ids: Vec<_> = entries.iter().map(|entry| entry.order_id).collect();
        let heads = self.db.each_head(&ids, Consistency::Eventual).await?;
        // A head that cannot be read is reported by the sweep of deadlines, and by every reader.
        let heads: Vec<_> = heads.into_values().filter_map(Result::ok).collect();
        let seemingly = self.missed(heads, Consistency::Eventual, now).await?;
        let heads = seemingly.into_iter().map(|missed| missed.head).collect();
        Ok(Some(self.missed(heads, Consistency::Strong, now).await?))
    }

    /// Returns those of the orders whose driver is missed, by positions that are read so.
    async fn missed(
        &self,
        heads: Vec<Head>,
        consistency: Consistency,
        now: Timestamp,
    ) -> Result<Vec<Missed>, DbError> {
        let drivers = carriers(&heads);
        let known = self.db.whereabouts_of(&drivers, consistency).await?.into_iter();
        let silences: HashMap<_, _> = known.filter_map(|known| silence(known, now)).collect();
        let missed = heads.into_iter().filter_map(|head| {
            let silence = silences.get(head.order.carrier()?)?.clone();
            let news = News::Silence(silence.clone());
            (!facts(&head.order, &news, now).is_empty()).then_some(Missed { head, silence })
        });
        Ok(missed.collect())
    }
}
