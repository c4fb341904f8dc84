//! The positions for each connection. Each view of a position is serialised once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use clock::Timestamp;
use db::{ConnectionId, Whereabouts};
use domain::topics::Topic;
use domain::visibility::{Precision, Source, on_the_way, position};
use domain::{Order, OrderId};
use serde_json::value::{RawValue, to_raw_value};

use crate::live::broadcast::{Content, Push, Subscribers, subscribed};
use crate::live::{Frame, OrderPosition, Positions};

/// The positions that a connection receives: one for each order, and a connection has a hundred topics
/// at most. So they fit into one message of 32 KB.
#[derive(Debug, Default)]
pub(super) struct Parts(Vec<Arc<RawValue>>);

/// Returns one push for each connection that sees any of the positions. `orders` are all orders of these
/// drivers as they are now.
pub(super) fn pushes(
    drivers: &[Whereabouts],
    subscribers: &Subscribers,
    orders: &HashMap<OrderId, Order>,
    now: Timestamp,
) -> Vec<Push<Parts>> {
    let mut pushes: BTreeMap<&ConnectionId, Push<Parts>> = BTreeMap::new();
    for (place, driver) in drivers.iter().enumerate() {
        let Some(last) = &driver.last else { continue };
        let roster = &driver.roster;
        let theirs: Vec<_> = roster.orders.iter().filter_map(|id| orders.get(id)).collect();
        let on_the_way = on_the_way(&roster.driver, theirs.iter().copied());
        let fix = last.fix.as_ref();
        let source = Source { roster, fix, stops: &last.stops, on_the_way: &on_the_way };
        for order in theirs {
            let mut views = Views { order, source, now, by_precision: HashMap::new() };
            for (connection, (subscriber, topics)) in
                subscribed([Topic::Order(order.id)], subscribers)
            {
                let Some(view) = views.of(&subscriber.principal) else { continue };
                let push = pushes.entry(connection).or_insert_with(|| Push::to(subscriber, place));
                push.content.0.push(view);
                push.found_in(topics);
            }
        }
    }
    pushes.into_values().collect()
}

/// The views of the position of an order's driver.
struct Views<'a> {
    order: &'a Order,
    source: Source<'a>,
    now: Timestamp,
    by_precision: HashMap<Precision, Option<Arc<RawValue>>>,
}

impl Views<'_> {
    /// Returns the view of `principal`, if they see the position.
    fn of(&mut self, principal: &domain::Principal) -> Option<Arc<RawValue>> {
        let Self { order, source, now, by_precision } = self;
        let (shown, precision) = position(principal, order, Some(source), *now).ok()?;
        let view = by_precision.entry(precision).or_insert_with(|| {
            let position = OrderPosition { order_id: order.id, position: shown.view(precision) };
            to_raw_value(&position).ok().map(Arc::from)
        });
        view.clone()
    }
}

impl Content for Parts {
    fn frames(&self) -> Vec<Frame> {
        let positions = self.0.iter().map(|position| (**position).to_owned()).collect();
        vec![Frame::Positions(Positions { positions })]
    }
}
