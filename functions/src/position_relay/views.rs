//! The positions for each connection. Each view of a position is serialised once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use clock::Timestamp;
use db::{ConnectionId, Whereabouts};
use domain::topics::Topic;
use domain::visibility::{Source, fleet_position, position};
use domain::{DriverId, Order, OrderId, Principal};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::live::broadcast::{Content, Push, Subscribers, subscribed};
use crate::live::{Frame, OrderPosition, positions};

/// The positions that a connection receives: of orders, and of the drivers of fleets.
#[derive(Debug, Default)]
pub(super) struct Parts(Vec<Arc<RawValue>>);

/// The drivers who are published to the followers of their orders, and of their fleets.
pub(super) struct Published<'a> {
    pub(super) drivers: &'a [Whereabouts],
    /// Those of the drivers who are published to their fleets now.
    pub(super) to_fleets: &'a BTreeSet<DriverId>,
    pub(super) subscribers: &'a Subscribers,
    /// All orders of the drivers, as they are now.
    pub(super) orders: &'a HashMap<OrderId, Order>,
}

impl Published<'_> {
    /// Returns one push for each connection that sees any of the positions at `now`.
    pub(super) fn pushes(&self, now: Timestamp) -> Vec<Push<Parts>> {
        let mut pushes = Pushes { subscribers: self.subscribers, by_connection: BTreeMap::new() };
        for (place, Whereabouts { roster, last, .. }) in self.drivers.iter().enumerate() {
            let Some(last) = last else { continue };
            let orders = roster.orders.iter().filter_map(|id| self.orders.get(id));
            let orders: Vec<_> = orders.collect();
            let fix = last.fix.as_ref();
            let source = Source::new(roster, fix, &last.stops, orders.iter().copied());
            for order in &orders {
                let mut by_precision = HashMap::new();
                pushes.add(Topic::Order(order.id), place, |principal| {
                    let (shown, precision) = position(principal, order, Some(&source), now).ok()?;
                    let view = by_precision.entry(precision).or_insert_with(|| {
                        let position = shown.view(precision);
                        serialised(&OrderPosition { order_id: order.id, position })
                    });
                    view.clone()
                });
            }
            if self.to_fleets.contains(&roster.driver) {
                let mut view = None;
                pushes.add(Topic::Fleet(roster.fleet.clone()), place, |principal| {
                    let fix = fleet_position(principal, &source, &orders, now)?;
                    view.get_or_insert_with(|| serialised(&source.view(fix))).clone()
                });
            }
        }
        pushes.by_connection.into_values().collect()
    }
}

struct Pushes<'a> {
    subscribers: &'a Subscribers,
    by_connection: BTreeMap<&'a ConnectionId, Push<Parts>>,
}

impl Pushes<'_> {
    /// Adds the view of the driver at this place of the batch for each subscriber who sees it.
    fn add(
        &mut self,
        topic: Topic,
        place: usize,
        mut view: impl FnMut(&Principal) -> Option<Arc<RawValue>>,
    ) {
        for (connection, (subscriber, topics)) in subscribed([topic], self.subscribers) {
            let Some(view) = view(&subscriber.principal) else { continue };
            let push = self.by_connection.entry(connection);
            let push = push.or_insert_with(|| Push::to(subscriber, place));
            push.content.0.push(view);
            push.found_in(topics);
        }
    }
}

fn serialised(view: &impl Serialize) -> Option<Arc<RawValue>> {
    to_raw_value(view).ok().map(Arc::from)
}

impl Content for Parts {
    fn frames(&self) -> Vec<Frame> {
        positions(self.0.iter().map(|position| (**position).to_owned()))
    }
}
