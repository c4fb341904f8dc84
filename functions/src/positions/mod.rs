//! Uploads of drivers' positions, over HTTP and over WebSocket.

mod upload;

use clock::{Clock, Timestamp};
use db::{Db, LastPosition, Whereabouts};
use domain::{
    Advice, Cell, DriverId, Fix, OrderId, Outage, Principal, Verdicts, Watch, may_be_news,
};
use http_api::{Problem, ProblemKind};

pub(crate) use self::upload::{Receipt, Upload, example_fix};
use crate::app::State;
use crate::{Environment, VariableError};

/// The number of attempts to keep an upload, while others come first.
const ATTEMPTS: u32 = 8;

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Receives uploads.
#[derive(Clone)]
pub(crate) struct Positions {
    db: Db,
    clock: Clock,
    /// The time for which positions are kept, in days.
    retention_days: i64,
}

impl State for Positions {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        let name = "POSITION_RETENTION_DAYS";
        let days = env.variables.get(name)?.parse().ok().filter(|days| *days > 0);
        let retention_days = days.ok_or(VariableError::Invalid(name, "a number of days"))?;
        Ok(Self { db: env.db()?, clock: env.clock.clone(), retention_days })
    }
}

impl Positions {
    /// Returns the roster and the position of a driver whose positions `principal` may send.
    pub(crate) async fn whereabouts(
        &self,
        principal: &Principal,
        driver: &DriverId,
    ) -> Result<Whereabouts, Problem> {
        permitted(principal, self.db.whereabouts(driver).await?)
    }

    /// Returns the end of the watch of the driver's fleet, or, if it cannot be read, the last one that is
    /// known: an upload does not fail for it.
    async fn fleet_watch(&self, at: &Whereabouts) -> Option<Timestamp> {
        self.db.fleet_watch(&at.roster.fleet).await.unwrap_or_else(|error| {
            tracing::error!(fleet = %at.roster.fleet, %error, "the watch of a fleet was not read");
            at.last.as_ref().and_then(|last| last.fleet_watched_until)
        })
    }

    /// Keeps what an upload says of a driver, first of the driver as in `at`. If other uploads or a
    /// change of duty come first, it is decided again.
    pub(crate) async fn receive(
        &self,
        principal: &Principal,
        mut at: Whereabouts,
        upload: Upload,
    ) -> Result<Receipt, Problem> {
        let fixes: Vec<_> = upload.fixes.iter().map(|fix| fix.as_ref().ok().copied()).collect();
        let fleet = self.fleet_watch(&at).await;
        for _ in 0..ATTEMPTS {
            let now = self.clock.now();
            let known = at.last.as_ref().map_or(&[][..], |last| &last.run.fixes);
            let verdicts = Verdicts::of(&fixes, &at.roster, known, now);
            let fleet = fleet.filter(|until| now < *until);
            let read = at.last.clone();
            if self.keep(&mut at, &verdicts.accepted, upload.outage, (now, fleet)).await? {
                let orders = at.last.as_ref().and_then(|last| last.watched_until);
                let next = Advice::to(&at.roster, Watch::of(&at.roster, orders, fleet, now));
                self.tell_orders(read.as_ref(), &verdicts.accepted, &at, now).await;
                self.settle(at).await?;
                return Ok(Receipt::of(verdicts, upload.fixes, next));
            }
            let read = self.db.whereabouts(&at.roster.driver).await?;
            if read.is_none() {
                // The deletion may have come before this upload's runs.
                self.db.delete_runs(&at.roster.driver).await?;
            }
            at = permitted(principal, read)?;
        }
        let detail = "Other uploads kept changing the driver's position. Try again.";
        Err(Problem::new(ProblemKind::Contended, detail))
    }

    /// Stores fixes that were accepted, and an outage of a driver on duty, whose fleet is watched until
    /// `fleet`; returns false if others came first.
    async fn keep(
        &self,
        at: &mut Whereabouts,
        accepted: &[Fix],
        outage: Option<Outage>,
        (now, fleet): (Timestamp, Option<Timestamp>),
    ) -> Result<bool, Problem> {
        let outage = outage.filter(|_| at.roster.on_duty_since.is_some());
        if accepted.is_empty() && outage.is_none() {
            return Ok(true);
        }
        let stops = self.db.stops(at).await?;
        let is_first = at.last.is_none();
        let new = new_orders(at);
        if !is_first {
            self.carry_watches(at, &new, now).await?;
        }
        let mut last = at.last.clone().unwrap_or_default();
        last.fleet_watched_until = fleet;
        let kept = last.with(&at.roster, accepted, stops, outage);
        let expires_at = now.plus_seconds(self.retention_days * SECONDS_PER_DAY);
        if !self.db.keep(at, &kept, now, expires_at).await? {
            return Ok(false);
        }
        at.last = Some(kept.into_last());
        // A watch is not written to a position that does not exist, so this one is written first.
        if is_first {
            self.carry_watches(at, &new, now).await?;
        }
        Ok(true)
    }

    /// Tells the driver's orders what the position makes new for them. The upload is kept whether or not
    /// this succeeds: the next one tells the same, if it is still so.
    async fn tell_orders(
        &self,
        read: Option<&LastPosition>,
        new: &[Fix],
        at: &Whereabouts,
        now: Timestamp,
    ) {
        if !is_news(read, new, at) {
            return;
        }
        // Boxed, because what a commit needs would make every future that awaits an upload large.
        match Box::pin(self.db.tell_orders(at, now)).await {
            Ok(told) => {
                for (id, result) in told {
                    if let Err(error) = result {
                        tracing::error!(order.id = %id, ?error, "the facts of a trip were not told");
                    }
                }
            }
            Err(error) => {
                let driver = at.roster.driver.as_str();
                tracing::error!(driver.id = driver, ?error, "the facts of trips were not told");
            }
        }
    }

    /// Has a driver watched for as long as somebody follows one of these orders.
    async fn carry_watches(
        &self,
        at: &mut Whereabouts,
        orders: &[OrderId],
        now: Timestamp,
    ) -> Result<(), Problem> {
        if orders.is_empty() {
            return Ok(());
        }
        let Some(until) = self.db.watches(orders).await?.filter(|until| now < *until) else {
            return Ok(());
        };
        self.db.watch_driver(&at.roster.driver, until).await?;
        if let Some(last) = &mut at.last {
            last.watched_until = last.watched_until.max(Some(until));
        }
        Ok(())
    }

    /// Has searches find the driver at the last position of the duty. If others come first until the
    /// last attempt, the next upload does it.
    async fn settle(&self, mut at: Whereabouts) -> Result<(), Problem> {
        for _ in 0..ATTEMPTS {
            let Some(cell) = new_cell(&at) else { return Ok(()) };
            if self.db.move_to(&at, &cell).await? {
                return Ok(());
            }
            match self.db.whereabouts(&at.roster.driver).await? {
                Some(moved) => at = moved,
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

/// Returns a driver whose positions `principal` may send.
fn permitted(principal: &Principal, read: Option<Whereabouts>) -> Result<Whereabouts, Problem> {
    let at = read.ok_or_else(Problem::not_found)?;
    at.roster.rights_of(principal).map_err(|it| Problem::denied(it, "drivers"))?;
    Ok(at)
}

/// Returns the driver's orders that no upload has met yet.
fn new_orders(at: &Whereabouts) -> Vec<OrderId> {
    let known = at.last.as_ref().map_or(&[][..], |last| &last.stops);
    let is_known = |order: &OrderId| known.iter().any(|stop| stop.order == *order);
    at.roster.orders.iter().copied().filter(|order| !is_known(order)).collect()
}

/// Returns the cell of the last position of the duty, if searches find the driver in another one.
fn new_cell(at: &Whereabouts) -> Option<Cell> {
    let last = at.last.as_ref()?.fix.filter(|fix| fix.is_of_duty(&at.roster))?;
    Some(Cell::of(last.location)).filter(|cell| at.cell.as_ref() != Some(cell))
}

/// True if the driver's position, which was `read` and is now as in `at`, and these `new` fixes may be news
/// to the driver's orders.
fn is_news(read: Option<&LastPosition>, new: &[Fix], at: &Whereabouts) -> bool {
    let Some(last) = &at.last else { return false };
    let before = read.and_then(|read| Some((read, read.fix?)));
    match (before, last.fix) {
        (_, None) => false,
        (Some((read, before)), Some(after)) if read.stops == last.stops => {
            may_be_news(&before, &after, new, &last.stops, at.roster.vehicle.kind)
        }
        // The driver has other orders, or has sent no position before.
        (_, Some(_)) => true,
    }
}
