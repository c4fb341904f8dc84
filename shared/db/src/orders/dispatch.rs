//! Automatic dispatch: ends offers, and looks for the drivers of the next round.

use std::collections::BTreeSet;

use clock::Timestamp;
use domain::{
    Decision, DispatchTask, DriverId, Event, EventData, Fleet, FleetChoice, Location, Order,
    OrderId, Rejection, Roster, Round, Searched, Stamp, Version, needs_of_round, ranked, round,
};

use super::due::{DueError, acted};
use super::head::Head;
use crate::{Db, DbError};

/// The number of drivers near the pickup that a round chooses from.
const CHOICE: usize = 12;

/// The number of times that a search begins anew, because the order has changed meanwhile.
const SEARCHES: usize = 4;

/// The time until another search, in seconds, if everybody whom one found was given other orders
/// meanwhile.
const PAUSE_S: i64 = 5;

/// The result of a call of dispatch.
#[derive(Debug)]
pub enum Dispatched {
    /// The events that were committed; empty if there was nothing to do, or another call did it.
    Done(Vec<Event>),
    /// The next thing is due at this time.
    Early(Timestamp),
    /// The thing is due, and has to be tried again at this time.
    Again(Timestamp),
}

impl Db {
    /// Does the next thing that dispatch has to do about an order, if its time has come by `now`.
    pub async fn dispatch(&self, id: OrderId, now: Timestamp) -> Result<Dispatched, DueError> {
        for _ in 0..SEARCHES {
            let head = self.head(id).await?;
            let next = head.as_ref().and_then(|head| head.order.next_dispatch());
            let (Some(head), Some(next)) = (head, next) else {
                return Ok(Dispatched::Done(Vec::new()));
            };
            if now < next.at {
                return Ok(Dispatched::Early(next.at));
            }
            let DispatchTask::Search(round) = next.task else {
                return Ok(Dispatched::Done(self.act(head, now).await?));
            };
            if let Some(done) = self.search(head, round, now).await? {
                return Ok(done);
            }
        }
        Ok(Dispatched::Again(now.plus_seconds(PAUSE_S)))
    }

    /// Commits a round with the drivers that it finds; returns `None` if the order has changed
    /// meanwhile. A search reads rosters eventually consistently, so a driver whom it found may have
    /// no room: then the next one is asked.
    async fn search(
        &self,
        head: Head,
        this: Round,
        now: Timestamp,
    ) -> Result<Option<Dispatched>, DueError> {
        let (order, version) = (&head.order, head.order.version);
        let mut searched = match self.locations(order).await?.0 {
            Some(from) => Searched::Found(self.near(order, this, (from, now)).await?),
            None => Searched::NoLocation,
        };
        loop {
            let needs = |order: &_| needs_of_round(order, this, &searched, now);
            let decide = |order: &Order, known: &_| {
                // The search was for the order as it was.
                if order.version != version {
                    return Ok(Decision { events: Vec::new(), effects: Vec::new() });
                }
                round(order, this, &searched, now, known)
            };
            match acted(self.change(head.clone(), None, needs, decide).await) {
                Err(DueError::Rejected(
                    Rejection::DriverUnavailable { driver, .. }
                    | Rejection::UnknownDriver { driver, .. },
                )) => {
                    let Searched::Found(found) = &mut searched else {
                        return Err(DbError::corrupt("nobody was found").into());
                    };
                    found.retain(|it| *it != driver);
                    if found.is_empty() {
                        return Ok(Some(Dispatched::Again(now.plus_seconds(PAUSE_S))));
                    }
                }
                Ok(events) if events.is_empty() => return Ok(None),
                Ok(events) => return Ok(Some(Dispatched::Done(events))),
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the drivers who declined the order before, or had it.
    async fn turned_down(&self, order: &Order) -> Result<BTreeSet<DriverId>, DbError> {
        if order.offer.is_none() && !order.stamps.contains_key(&Stamp::DriverAssigned) {
            return Ok(BTreeSet::new());
        }
        let (id, workflow) = (order.id, order.placed.workflow);
        let events = self.history(id, workflow, Version(0), order.version).await?;
        let drivers = events.into_iter().filter_map(|event| match event.data {
            EventData::OfferDeclined { driver, .. }
            | EventData::DriverUnassigned { driver, .. } => Some(driver),
            _ => None,
        });
        Ok(drivers.collect())
    }

    /// Returns drivers for a round, the best first: those of a fleet before those of the merchant's
    /// next one, which is searched if there are too few.
    async fn near(
        &self,
        order: &Order,
        Round { radius_m, .. }: Round,
        (from, now): (Location, Timestamp),
    ) -> Result<Vec<DriverId>, DbError> {
        let Some(dispatch) = &order.placed.terms.dispatch else { return Ok(Vec::new()) };
        let without = self.turned_down(order).await?;
        let within_m = f64::from(radius_m);
        let is_free = |it: &Roster| !without.contains(&it.driver) && it.check_available().is_ok();
        let mut drivers = Vec::new();
        for fleet in &dispatch.fleets {
            let fleet = match fleet {
                FleetChoice::Own => Fleet::Merchant(order.placed.merchant.clone()),
                FleetChoice::Platform => Fleet::Platform,
            };
            if drivers.len() < dispatch.asks() {
                let limit = CHOICE.max(dispatch.asks());
                let found = self.candidates(&fleet, (from, within_m), limit, is_free).await?;
                let ranked = ranked(found, from, now).into_iter();
                let near = ranked.filter(|it| it.distance_m <= within_m);
                drivers.extend(near.map(|it| it.candidate.roster.driver));
            }
        }
        Ok(drivers)
    }
}
