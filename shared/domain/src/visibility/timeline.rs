//! The view of an order's stages.

use clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{reads_notes, sees};
use crate::{OrderId, Phase, Principal, Stage, Status, Timeline, Workflow};

/// The stages of an order, as one principal sees them.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Timeline")]
pub struct TimelineView {
    order_id: OrderId,
    #[schemars(with = "Workflow")]
    workflow: &'static str,
    /// The stays in open statuses, in order of time.
    stages: Vec<StageView>,
    /// The next limit to pass if the order does not move; null if there is none.
    next_breach: Option<BreachView>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Stage")]
struct StageView {
    status: Status,
    phase: Phase,
    entered_at: Timestamp,
    /// Null while the order is in this status.
    left_at: Option<Timestamp>,
    /// The duration of the stay, in seconds, rounded up; while the order is in this status, the
    /// duration so far.
    seconds: u64,
    /// The time limit; null if there is none.
    limit_seconds: Option<u32>,
    /// The time at which the limit passes. A new question to the customer restarts the limit.
    due_at: Option<Timestamp>,
    /// The time beyond the limit, in seconds, rounded up; 0 if the limit has not passed.
    over_by_seconds: u64,
    /// The number of alerts raised during the stay.
    alerts: u32,
    /// The offers of the order to drivers during the stay, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    offers: Option<OffersView>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StageOffers")]
struct OffersView {
    /// The number of offers.
    count: u32,
    /// The time of the first offer.
    first_at: Timestamp,
    /// The time from the first offer until a driver accepted, in seconds, rounded up; null if none
    /// did.
    accept_seconds: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Breach")]
struct BreachView {
    status: Status,
    at: Timestamp,
    in_seconds: u64,
}

/// Returns the view that `principal` has of an order's stages at `now`; `None` if the principal
/// does not see the order, or its role does not see timelines.
pub fn timeline(
    principal: &Principal,
    timeline: &Timeline,
    now: Timestamp,
) -> Option<TimelineView> {
    let Timeline { order, stages, .. } = timeline;
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
            offers: stage.offers.map(|offers| OffersView {
                count: offers.count,
                first_at: offers.first_at,
                accept_seconds: offers.accept_seconds(),
            }),
        }
    }
}
