//! The positions for each connection. Each view of a position is serialised once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use clock::Timestamp;
use db::{ConnectionId, Subscriber, Whereabouts};
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

/// The topics that drivers are published to.
pub(super) struct Targets {
    /// The drivers who have moved, and of whom an order is watched.
    pub(super) to_orders: BTreeSet<DriverId>,
    pub(super) to_fleets: BTreeSet<DriverId>,
}

impl Targets {
    /// Returns the topics that a driver is published to.
    pub(super) fn topics(&self, driver: &Whereabouts) -> impl Iterator<Item = Topic> {
        self.orders(driver).chain(self.fleet(driver))
    }

    fn orders(&self, Whereabouts { roster, .. }: &Whereabouts) -> impl Iterator<Item = Topic> {
        let orders = roster.orders.iter().filter(|_| self.to_orders.contains(&roster.driver));
        orders.map(|order| Topic::Order(*order)).collect::<Vec<_>>().into_iter()
    }

    fn fleet(&self, Whereabouts { roster, .. }: &Whereabouts) -> Option<Topic> {
        let is_one = self.to_fleets.contains(&roster.driver);
        is_one.then(|| Topic::Fleet(roster.fleet.clone()))
    }

    /// True if any of these topics of the driver has a subscriber.
    pub(super) fn has_any(&self, driver: &Whereabouts, subscribers: &Subscribers) -> bool {
        self.topics(driver).any(|topic| is_followed(&topic, subscribers))
    }

    /// True if it depends on the driver's orders who sees the driver. Operations see a fleet without.
    pub(super) fn need_orders(&self, driver: &Whereabouts, subscribers: &Subscribers) -> bool {
        let is_merchant = |it: &Subscriber| it.principal.merchant().is_some();
        let of_fleet = self.fleet(driver).and_then(|fleet| subscribers.get(&fleet));
        of_fleet.is_some_and(|found| found.iter().any(is_merchant))
            || self.orders(driver).any(|topic| is_followed(&topic, subscribers))
    }
}

fn is_followed(topic: &Topic, subscribers: &Subscribers) -> bool {
    subscribers.get(topic).is_some_and(|found| !found.is_empty())
}

/// The drivers who are published to the followers of their orders, and of their fleets.
pub(super) struct Published<'a> {
    pub(super) drivers: &'a [Whereabouts],
    pub(super) targets: &'a Targets,
    pub(super) subscribers: &'a Subscribers,
    /// The orders of the drivers, as they are now, as far as it depends on them who sees a driver.
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
            let is_for_orders = self.targets.to_orders.contains(&roster.driver);
            for order in orders.iter().filter(|_| is_for_orders) {
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
            if self.targets.to_fleets.contains(&roster.driver) {
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
