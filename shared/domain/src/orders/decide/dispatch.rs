//! Decides the rounds in which Waybill looks for a driver.

use clock::Timestamp;

use super::decide_all;
use crate::{
    Action, Alert, AlertKind, Command, Context, Decision, Dispatch, DispatchMode, DispatchTask,
    DriverId, InPlace, Known, Needs, NextDispatch, Note, Offering, Order, Principal, Rejection,
    Remarks, Round, Severity, Step, evolve,
};

/// The result of a round's search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// The drivers who can take the order, the best first.
    Found(Vec<DriverId>),
    /// The pickup has no location to search from.
    NoLocation,
}

/// The note of a round that cannot search.
const NO_LOCATION: &str = "The pickup has no location, so no driver can be looked for. Correct the \
                           pickup address before the last round, or assign a driver.";

/// Returns the decision on a round of dispatch with the result of its search; it has no events
/// unless this round is due. Its events make another one due, so that it is decided once.
pub fn round(
    order: &Order,
    round: Round,
    searched: &Searched,
    now: Timestamp,
    known: &Known,
) -> Result<Decision, Rejection> {
    let principal = Principal::system("dispatch");
    let commands = commands(order, round, searched, now);
    // A driver whom the search has found had a roster, and is gone without it.
    let mut asked = commands.iter().flat_map(|it| Needs::of(order, it).drivers);
    if let Some(driver) = asked.find(|driver| !known.rosters.contains_key(driver)) {
        return Err(Rejection::UnknownDriver { field: "drivers", driver });
    }
    decide_and_escalate(order, commands, &Context::new(now, &principal).knowing(known))
}

/// Returns the [needs](Needs) of the decision that [`round`] makes.
pub fn needs_of_round(order: &Order, round: Round, searched: &Searched, now: Timestamp) -> Needs {
    let commands = commands(order, round, searched, now);
    let needs = commands.iter().map(|command| Needs::of(order, command));
    needs.fold(Needs::default(), Needs::and)
}

fn commands(order: &Order, round: Round, searched: &Searched, now: Timestamp) -> Vec<Command> {
    let is_due = |next: NextDispatch| next.task == DispatchTask::Search(round) && next.at <= now;
    let dispatch = order.dispatch().filter(|_| order.next_dispatch().is_some_and(is_due));
    let Some(dispatch) = dispatch else { return Vec::new() };
    let note = match searched {
        Searched::Found(drivers) if !drivers.is_empty() => {
            return vec![taken(dispatch, round, drivers).into()];
        }
        Searched::Found(_) => None,
        Searched::NoLocation => Some(Note::of_system(NO_LOCATION)),
    };
    let remarks = Remarks { note, ..Remarks::default() };
    vec![Command { action: InPlace::FindNobody(round).into(), remarks }]
}

/// Returns the action that gets the order one of the drivers.
fn taken(dispatch: &Dispatch, round: Round, drivers: &[DriverId]) -> Action {
    if dispatch.mode == DispatchMode::Assign {
        return Step::Assign { driver: drivers[0].clone(), replace: false }.into();
    }
    let drivers = drivers.iter().take(dispatch.asks()).cloned().collect();
    let (time, radius_m) = (dispatch.offer_time, Some(round.radius_m));
    InPlace::Offer(Offering { drivers, time, replace: false, radius_m }).into()
}

/// Returns the decision on several commands in one commit, with an alert to people if dispatch then
/// has nothing left to do but that.
pub(super) fn decide_and_escalate(
    order: &Order,
    mut commands: Vec<Command>,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let decision = decide_all(order, commands.clone(), context)?;
    let after = decision.events.iter().fold(order.clone(), evolve);
    let now = decision.events.last().map_or(context.now, |event| event.at);
    let next = after.next_dispatch().filter(|next| next.at <= now);
    if next.is_none_or(|next| next.task != DispatchTask::Escalate) {
        return Ok(decision);
    }
    let (kind, severity) = (AlertKind::NoDriver, Severity::Medium);
    commands.push(InPlace::RaiseAlert(Alert { kind, severity, limit: 0 }).into());
    decide_all(order, commands, context)
}
