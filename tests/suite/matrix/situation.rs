//! How far our order has come.

/// A stretch of our order's life, as the tables write it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch(pub(super) &'static str);

impl Stretch {
    /// Whether it lasts after these events.
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

/// An event of our order, as the scenario has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// What the tables call it.
    pub(super) name: &'static str,
    /// Its type.
    pub(super) kind: &'static str,
    /// Who did it, of the crowd.
    pub(super) by: &'static str,
}

impl Event {
    /// Whether the system does it by itself.
    pub(super) fn is_silent(self) -> bool {
        ["notified", "late", "processed"].contains(&self.name)
    }

    /// Whether it is a change that somebody asked for: a creation says nothing.
    pub(super) fn is_said(self) -> bool {
        !self.is_silent() && self.kind != "created"
    }
}

/// How far our order has come: the last of its events is the newest.
#[derive(Clone, Copy)]
pub(super) struct Situation<'a> {
    pub(super) id: &'a str,
    pub(super) theirs: &'a str,
    pub(super) events: &'a [Event],
    /// How many of these came last, in one commit.
    pub(super) new: usize,
}

impl Situation<'_> {
    pub(super) fn holds(&self, stretch: Stretch) -> bool {
        stretch.lasts(self.events)
    }

    pub(super) fn held(&self, stretch: Stretch) -> bool {
        stretch.lasts(&self.events[..self.events.len() - self.new])
    }

    /// Whether it is now somebody else's to see, or shows something else of itself:
    /// then everybody looks at everything, and otherwise whoever sees the order looks
    /// at it once in each way that there is.
    pub(super) fn is_turn(&self) -> bool {
        const TURNS: [&str; 8] =
            ["placed", "notified", "assigned", "passed", "taken", "moved", "delivered", "erased"];
        self.events.last().is_some_and(|last| TURNS.contains(&last.name))
    }

    pub(super) fn is_open(&self) -> bool {
        !self.holds(Stretch("delivered"))
    }
}
