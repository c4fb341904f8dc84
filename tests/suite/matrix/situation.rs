//! The progress of our order.

/// A period of our order's life, as the tables write it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch(pub(super) &'static str);

impl Stretch {
    /// True if the period has begun and not ended after these events.
    pub(super) fn lasts(self, events: &[Event]) -> bool {
        let Self(text) = self;
        let (begin, end) = text.split_once('/').unwrap_or((text, ""));
        let names = |list: &str, event: &Event| list.split(',').any(|name| name == event.name);
        match text {
            "always" => !events.is_empty(),
            "never" => false,
            _ => {
                let mut bounds = events.iter().rev();
                bounds
                    .find(|it| names(begin, it) || names(end, it))
                    .is_some_and(|last| names(begin, last))
            }
        }
    }
}

/// An event of our order in a scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) name: &'static str,
    /// The event's type in the API.
    pub(super) kind: &'static str,
    pub(super) by: &'static str,
}

impl Event {
    /// True if the event has no remarks and no metadata: most of these the system caused by itself.
    pub(super) fn is_silent(self) -> bool {
        ["notified", "late", "undriven", "processed", "wished", "expired"].contains(&self.name)
    }

    /// True if a person requested the change; a creation carries no note or message.
    pub(super) fn is_said(self) -> bool {
        !self.is_silent() && self.kind != "created"
    }
}

/// The progress of our order; the last event is the newest.
#[derive(Clone, Copy)]
pub(super) struct Situation<'a> {
    pub(super) id: &'a str,
    pub(super) theirs: &'a str,
    pub(super) events: &'a [Event],
    /// The number of events that the latest commit added.
    pub(super) new: usize,
}

impl Situation<'_> {
    pub(super) fn holds(&self, stretch: Stretch) -> bool {
        stretch.lasts(self.events)
    }

    pub(super) fn held(&self, stretch: Stretch) -> bool {
        stretch.lasts(&self.events[..self.events.len() - self.new])
    }

    /// True if the latest commit changed who may see the order or which fields it shows: then
    /// everybody requests everything. Otherwise only people who see the order request it, once in
    /// each way.
    pub(super) fn is_turn(&self) -> bool {
        const TURNS: [&str; 14] = [
            "placed",
            "notified",
            "assigned",
            "passed",
            "taken",
            "offered",
            "turned_down",
            "expired",
            "moved",
            "delivered",
            "called_off",
            "given_up",
            "reopened",
            "erased",
        ];
        self.events.last().is_some_and(|last| TURNS.contains(&last.name))
    }

    pub(super) fn is_open(&self) -> bool {
        !self.holds(Stretch("delivered,called_off,given_up/reopened"))
    }
}
