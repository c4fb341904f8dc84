//! Decides the actions that Waybill takes by itself.

use clock::Timestamp;

use super::dispatch::decide_and_escalate;
use crate::{
    Alert, Answer, Command, Context, Decision, InPlace, Known, Ladder, Measure, Message, Needs,
    Order, Phase, Principal, Reason, Rejection, Remarks, Status, Step, Substitution,
    SubstitutionId, Unanswered,
};

/// Returns the decision at the order's deadline; it has no events before the deadline. Its events
/// change the deadline, so that it is taken once.
pub fn due(order: &Order, now: Timestamp, known: &Known) -> Result<Decision, Rejection> {
    let (part, commands) = commands_due(order, now);
    let principal = Principal::system(part);
    decide_and_escalate(order, commands, &Context::new(now, &principal).knowing(known))
}

/// Returns the [needs](Needs) of the decision that [`due`] makes.
pub fn needs_when_due(order: &Order, now: Timestamp) -> Needs {
    let (_, commands) = commands_due(order, now);
    let needs = commands.iter().map(|command| Needs::of(order, command));
    // The order keeps the fallback store that it was created with.
    Needs { stores: false, ..needs.fold(Needs::default(), Needs::and) }
}

/// Returns the commands that are due at `now`, and the component of Waybill that issues them.
fn commands_due(order: &Order, now: Timestamp) -> (&'static str, Vec<Command>) {
    let is_over = order.offer_ends().is_some_and(|end| end <= now);
    let mut commands: Vec<_> = is_over.then(|| InPlace::ExpireOffer.into()).into_iter().collect();
    match (order.deadline.filter(|it| it.at <= now), order.next_by_itself()) {
        (None, _) => ("dispatch", commands),
        (Some(_), Some(to)) => ("autopilot", vec![Step::ChangeStatus { to }.into()]),
        (Some(deadline), None) => {
            commands.extend(measures(order, deadline.rung, now));
            ("sweep", commands)
        }
    }
}

impl Order {
    /// Returns the status that the order moves to by itself; `None` without an autopilot, or off
    /// its path.
    pub fn next_by_itself(&self) -> Option<Status> {
        self.placed.terms.autopilot.and_then(|_| self.placed.workflow.next_by_itself(self.status))
    }
}

/// Returns the commands of the first possible measure, starting at the escalation step `rung`;
/// raises an alert if no measure is possible.
fn measures(order: &Order, rung: usize, now: Timestamp) -> Vec<Command> {
    let otherwise = Ladder::DELAYED.rungs;
    let rungs = order.ladder().rungs.iter().skip(rung).chain(otherwise);
    let mut commands = rungs.map(|rung| commands(order, rung.measure, now));
    commands.find(|commands| !commands.is_empty()).unwrap_or_default()
}

fn commands(order: &Order, measure: Measure, now: Timestamp) -> Vec<Command> {
    match measure {
        Measure::Alert(kind, severity) => {
            // People are alerted before a limit if the rounds of dispatch were over before it.
            let limit = order
                .limit()
                .filter(|limit| order.status_since.plus_seconds((*limit).into()) <= now);
            let limit = limit.unwrap_or_default();
            vec![InPlace::RaiseAlert(Alert { kind, severity, limit }).into()]
        }
        Measure::Reassign(why) => {
            let fallback = order.placed.terms.fallback_store.clone();
            let reassign = |store| {
                let reason = Reason::of_system(why);
                Step::Reject { reason, reassign_to: Some(store) }.into()
            };
            let other = fallback.filter(|store| order.store.as_ref() != Some(store));
            other.map(reassign).into_iter().collect()
        }
        Measure::Cancel(why) => {
            let is_cancelled = |status: &&Status| status.phase() == Phase::Cancelled;
            let cancelled = order.placed.workflow.statuses.iter().find(is_cancelled);
            cancelled.map(|to| cancel(*to, why)).into_iter().collect()
        }
        Measure::AnswerSubstitutions => answers(order),
    }
}

fn cancel(to: Status, why: &'static str) -> Command {
    let message = Some(Message::of_system(why));
    let remarks = Remarks { message, ..Remarks::default() };
    Command { action: Step::ChangeStatus { to }.into(), remarks }
}

/// Returns the answers that the order prescribes for its unanswered substitutions.
fn answers(order: &Order) -> Vec<Command> {
    let substitutions = order.basket.iter().flat_map(|basket| &basket.substitutions);
    let approved = substitutions.clone().filter(|it| it.answer == Some(Answer::Approved));
    // Substitutions that the customer approved count too: the head does not record who approved.
    let spent = approved.map(Substitution::surcharge).fold(0, i64::saturating_add);
    let asked = SubstitutionId::after(0).and_following().zip(substitutions);
    let asked: Vec<_> = asked.filter(|(_, it)| it.answer.is_none()).collect();
    let unanswered = order.placed.terms.unanswered.unwrap_or(Unanswered::Reject);
    let answers = unanswered.answers(spent, asked.iter().map(|(_, substitution)| *substitution));
    let answer = |((id, _), answer): (&(SubstitutionId, _), _)| {
        Step::AnswerSubstitution { id: *id, answer }.into()
    };
    asked.iter().zip(answers).map(answer).collect()
}
