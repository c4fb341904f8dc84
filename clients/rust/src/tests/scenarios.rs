//! Plays every scenario that the two clients share.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Follower, News, Output};

const SCENARIOS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../js/scenarios.json"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    topic: String,
    #[serde(default = "certainty")]
    jitter: f64,
    steps: Vec<Step>,
    held: Vec<String>,
}

fn certainty() -> f64 {
    1.0
}

/// An input, and every output of the follower to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Milliseconds.
    at: u64,
    input: Option<String>,
    #[serde(default, with = "present")]
    frame: Option<Value>,
    #[serde(default)]
    expect: Vec<Value>,
}

/// Keeps a frame of `null` apart from an absent frame.
mod present {
    use super::{Deserialize, Value};

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

fn written(output: Output) -> Value {
    match output {
        Output::Connect => json!({ "connect": true }),
        Output::Send(message) => json!({ "send": message }),
        Output::Close => json!({ "close": true }),
        Output::News(News::Event(event)) => json!({ "event": event }),
        Output::News(News::Order(order)) => json!({ "order": order }),
        Output::News(News::Removed(id)) => json!({ "removed": id }),
        Output::News(News::Position(position)) => json!({ "position": position }),
        Output::News(News::Reset(order)) => json!({ "reset": order }),
        Output::News(News::Current) => json!({ "current": true }),
        Output::News(News::Synced) => json!({ "synced": true }),
        Output::News(News::Lost(reason)) => json!({ "lost": reason }),
        Output::News(News::Refused(problem)) => json!({ "refused": problem }),
    }
}

impl Step {
    fn play(&self, follower: &mut Follower) -> Vec<Value> {
        let now = Duration::from_millis(self.at);
        match (self.input.as_deref(), &self.frame) {
            (None, None) => {}
            (None, Some(frame)) => follower.frame(now, &frame.to_string()),
            (Some("opened"), None) => follower.opened(now),
            (Some("closed"), None) => follower.closed(now),
            (Some("refused"), None) => follower.refused(now),
            (Some("limited"), None) => follower.limited(now),
            (Some("tick"), None) => {
                let is_due = follower.due().is_some_and(|due| due <= now);
                assert!(is_due || self.expect.is_empty(), "nothing is due at {}", self.at);
                follower.tick(now);
            }
            (input, frame) => panic!("no such step: {input:?} {frame:?}"),
        }
        follower.outputs().into_iter().map(written).collect()
    }
}

#[test]
fn every_scenario_of_both_clients_plays() {
    let scenarios: Vec<Scenario> = serde_json::from_str(SCENARIOS).expect("scenarios");
    assert!(scenarios.len() >= 20);
    for Scenario { name, topic, jitter, steps, held } in scenarios {
        let mut follower = Follower::new(&topic, move || jitter);
        for step in &steps {
            assert_eq!(step.play(&mut follower), step.expect, "{name}, at {}", step.at);
            let due = follower.due();
            assert!(due.is_none_or(|due| due > Duration::from_millis(step.at)), "{name}: {due:?}");
        }
        assert!(follower.held().keys().eq(&held), "{name}: {:?}", follower.held().keys());
    }
}
