//! The messages for one connection, as few as possible.

use domain::visibility::OrderView;
use domain::{OrderId, Version};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Frame, OrderEvent, Positions};

/// The maximum number of bytes of events and orders in one post; the rest of 32 KB is for the
/// surrounding JSON. API Gateway accepts messages of 128 KB, but "a message larger than 32 KB must
/// be split into multiple frames. This applies to @connections commands", which have no frames. A
/// single event or order that is larger is posted by itself.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
const MAX_POST_BYTES: usize = 31 * 1024;

/// The maximum number of bytes of orders in the response to a message; the rest of API Gateway's
/// 128 KB is for the surrounding JSON.
pub(crate) const MAX_BYTES: usize = 120 * 1024;

/// Events, and the current state of the orders that they belong to.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Changes {
    /// The events, each with its `order_id`.
    #[schemars(with = "Vec<OrderEvent<'_>>")]
    pub(crate) events: Vec<Box<RawValue>>,
    /// The current orders of these events, each once. An order can be newer than its events; the
    /// missing events then arrive later. Empty if the orders are in another message.
    #[schemars(with = "Vec<OrderView<'_>>")]
    pub(crate) orders: Vec<Box<RawValue>>,
    /// Orders that have left the client's topics, or are no longer visible to the client.
    pub(crate) removed: Vec<Removed>,
}

/// An order that has left the client's topics, or is no longer visible to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Removed {
    /// The id of the order.
    pub(crate) order_id: OrderId,
    /// The order's version after the change that removed it.
    pub(crate) version: Version,
}

/// A builder that fills messages up to the size limit of a connection.
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
        /// An upper bound for `{"order_id":"…","version":…}` with a version of the most digits.
        const LENGTH: usize = 90;
        self.make_room(LENGTH);
        self.open.removed.push(removed);
    }

    fn make_room(&mut self, bytes: usize) {
        if self.bytes + bytes > MAX_POST_BYTES {
            self.close();
        }
        // Elements are separated by a comma.
        self.bytes += bytes + 1;
    }

    fn close(&mut self) {
        let events = std::mem::take(&mut self.open);
        if self.bytes > 0 {
            self.full.push(Frame::Events(events));
        }
        self.bytes = 0;
    }

    /// Returns the messages in order; empty if there is nothing to send.
    pub(crate) fn into_frames(mut self) -> Vec<Frame> {
        self.close();
        self.full
    }
}

/// Returns the messages with these positions, as few as possible.
pub(crate) fn positions(all: impl IntoIterator<Item = Box<RawValue>>) -> Vec<Frame> {
    let (mut messages, mut bytes) = (Vec::<Vec<_>>::new(), 0);
    for position in all {
        bytes += position.get().len() + 1;
        match messages.last_mut() {
            Some(open) if bytes <= MAX_POST_BYTES => open.push(position),
            _ => {
                bytes = position.get().len() + 1;
                messages.push(vec![position]);
            }
        }
    }
    let frame = |positions| Frame::Positions(Positions { positions });
    messages.into_iter().map(frame).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::*;

    #[test]
    fn a_message_takes_no_more_than_a_connection_does() {
        let event = to_raw_value(&json!({ "note": "x".repeat(1000) })).unwrap();
        let order = to_raw_value(&json!({ "id": "y".repeat(20_000) })).unwrap();
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
        assert!(sizes.iter().all(|size| *size <= 32 * 1024), "{sizes:?}");
        assert_eq!(sizes.len(), 14, "and no more messages than that takes: {sizes:?}");
        let events = |count: fn(&Changes) -> usize| -> usize {
            frames.iter().map(|it| if let Frame::Events(it) = it { count(it) } else { 0 }).sum()
        };
        assert_eq!(events(|it| it.events.len()), 300);
        assert_eq!(events(|it| it.orders.len()), 3);
        assert_eq!(events(|it| it.removed.len()), 300);
        assert_eq!(
            Frame::Events(Changes::default()).to_json(),
            r#"{"type":"events","events":[],"orders":[],"removed":[]}"#
        );
        assert!(Messages::default().into_frames().is_empty());
    }

    #[test]
    fn positions_are_in_as_few_messages_as_a_connection_takes() {
        let position = to_raw_value(&json!({ "driver": "x".repeat(300) })).unwrap();
        let frames = positions(std::iter::repeat_n(position, 250));
        let sizes: Vec<_> = frames.iter().map(|frame| frame.to_json().len()).collect();
        assert_eq!(sizes.len(), 3, "{sizes:?}");
        assert!(sizes.iter().all(|size| *size <= 32 * 1024), "{sizes:?}");
        let count =
            |frame: &Frame| if let Frame::Positions(it) = frame { it.positions.len() } else { 0 };
        assert_eq!(frames.iter().map(count).sum::<usize>(), 250);
        assert!(positions([]).is_empty());
    }
}
