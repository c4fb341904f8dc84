//! What one connection hears, in as few messages as there are.

use domain::visibility::OrderView;
use domain::{OrderId, Version};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Frame, OrderEvent};

/// The most bytes of events and orders in one message. API Gateway takes 128 KB
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>);
/// the rest is for what surrounds them.
pub(crate) const MAX_BYTES: usize = 120 * 1024;

/// What happened, and how the orders stand that it happened to.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Changes {
    /// Each with its `order_id`.
    #[schemars(with = "Vec<OrderEvent<'_>>")]
    pub(crate) events: Vec<Box<RawValue>>,
    /// The orders of these events as they are now, each once. One may be further on
    /// than its events: then those come later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<OrderView<'_>>")]
    pub(crate) orders: Vec<Box<RawValue>>,
    /// Orders that are not the client's to see any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) removed: Vec<Removed>,
}

/// An order that somebody has lost sight of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Removed {
    /// Which.
    pub(crate) order_id: OrderId,
    /// With which of its events.
    pub(crate) version: Version,
}

/// Fills messages up to the size that a connection takes.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    full: Vec<Frame>,
    open: Changes,
    bytes: usize,
}

impl Messages {
    pub(crate) fn event(&mut self, event: &RawValue) {
        self.make_room(event.get().len());
        self.open.events.push(event.to_owned());
    }

    pub(crate) fn order(&mut self, order: &RawValue) {
        self.make_room(order.get().len());
        self.open.orders.push(order.to_owned());
    }

    pub(crate) fn removed(&mut self, removed: Removed) {
        /// `{"order_id":"…","version":…}`, with a version of as many digits as there can be.
        const LENGTH: usize = 90;
        self.make_room(LENGTH);
        self.open.removed.push(removed);
    }

    fn make_room(&mut self, bytes: usize) {
        if self.bytes + bytes > MAX_BYTES {
            self.close();
        }
        // A comma stands between two.
        self.bytes += bytes + 1;
    }

    fn close(&mut self) {
        let events = std::mem::take(&mut self.open);
        if self.bytes > 0 {
            self.full.push(Frame::Events(events));
        }
        self.bytes = 0;
    }

    /// The messages, in order; none if there is nothing to be heard.
    pub(crate) fn into_frames(mut self) -> Vec<Frame> {
        self.close();
        self.full
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::*;

    #[test]
    fn a_message_takes_no_more_than_a_connection_does() {
        let event = to_raw_value(&json!({ "note": "x".repeat(1000) })).unwrap();
        let order = to_raw_value(&json!({ "id": "y".repeat(57_000) })).unwrap();
        let id = OrderId::parse("0195b3c0-7b1e-7000-8000-0123456789ab").unwrap();
        let mut messages = Messages::default();
        for n in 0..300 {
            messages.event(&event);
            if n % 100 == 0 {
                messages.order(&order);
            }
            messages.removed(Removed { order_id: id, version: Version(u64::MAX) });
        }
        let frames = messages.into_frames();
        let sizes: Vec<_> = frames.iter().map(|frame| frame.to_json().len()).collect();
        assert!(sizes.iter().all(|size| *size <= 128 * 1024), "{sizes:?}");
        assert_eq!(sizes.len(), 5, "and no more messages than that takes: {sizes:?}");
        let events = |count: fn(&Changes) -> usize| -> usize {
            frames.iter().map(|it| if let Frame::Events(it) = it { count(it) } else { 0 }).sum()
        };
        assert_eq!(events(|it| it.events.len()), 300);
        assert_eq!(events(|it| it.orders.len()), 3);
        assert_eq!(events(|it| it.removed.len()), 300);
        assert!(Messages::default().into_frames().is_empty());
    }
}
