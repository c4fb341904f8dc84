//! What an order went through as it is seen.

use clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{reads_notes, sees};
use crate::{OrderId, Phase, Principal, Stage, Status, Timeline, Workflow};

/// What an order went through, as one principal sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Timeline")]
pub struct TimelineView {
    order_id: OrderId,
    #[schemars(with = "Workflow")]
    workflow: &'static str,
    /// Each stay in an open status, in order.
    stages: Vec<StageView>,
    /// The limit that passes next if nobody moves the order; null where none does.
    next_breach: Option<BreachView>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Stage")]
struct StageView {
    status: Status,
    phase: Phase,
    entered_at: Timestamp,
    /// Null while the order stands there.
    left_at: Option<Timestamp>,
    /// How long it lasted, or has lasted by now.
    seconds: u64,
    /// How long it might last; null for as long as it took.
    limit_seconds: Option<u32>,
    /// When the limit passed, or passes. A new question to the customer puts it off.
    due_at: Option<Timestamp>,
    /// By how much the limit had passed at the end, or has by now; 0 if it had not.
    over_by_seconds: u64,
    /// How many alerts were raised meanwhile.
    alerts: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Breach")]
struct BreachView {
    status: Status,
    at: Timestamp,
    in_seconds: u64,
}

/// What `principal` sees by `now` of what an order went through: nothing, unless it is
/// for them to answer for.
pub fn timeline(
    principal: &Principal,
    timeline: &Timeline,
    now: Timestamp,
) -> Option<TimelineView> {
    let Timeline { order, stages } = timeline;
    if !sees(principal, order) || !reads_notes(principal.role()) {
        return None;
    }
    Some(TimelineView {
        order_id: order.id,
        workflow: order.placed.workflow.name,
        stages: stages.iter().map(|stage| StageView::of(stage, now)).collect(),
        next_breach: timeline.next_breach(now).map(|breach| BreachView {
            status: breach.status,
            at: breach.at,
            in_seconds: breach.at.seconds_since(now),
        }),
    })
}

impl StageView {
    fn of(stage: &Stage, now: Timestamp) -> Self {
        Self {
            status: stage.status,
            phase: stage.status.phase(),
            entered_at: stage.entered_at,
            left_at: stage.left_at,
            seconds: stage.seconds(now),
            limit_seconds: stage.limit,
            due_at: stage.due_at,
            over_by_seconds: stage.over_by(now),
            alerts: stage.alerts,
        }
    }
}
