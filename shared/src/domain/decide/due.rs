//! What Waybill does with an order by itself.

use super::decide;
use crate::domain::time::Timestamp;
use crate::domain::{
    Action, Alert, Answer, Command, Context, Event, Ladder, Measure, Message, Operation, Order,
    Phase, Principal, Reason, Rejection, Remarks, Status, Substitution, SubstitutionId, Unanswered,
    evolve,
};

/// The events that the order's deadline makes happen: none before it. What it makes
/// happen moves the deadline, so that it happens once.
pub fn due(order: &Order, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let Some(deadline) = order.deadline.filter(|deadline| deadline.at <= now) else {
        return Ok(Vec::new());
    };
    let (part, commands) = match order.next_by_itself() {
        Some(next) => ("autopilot", step(order, next).into_iter().collect()),
        None => ("sweep", measures(order, deadline.rung)),
    };
    let principal = Principal::system(part);
    let context = Context::new(now, &principal);
    let (mut then, mut events) = (order.clone(), Vec::new());
    for command in commands {
        let more = decide(&then, command, &context)?;
        then = more.iter().fold(then, evolve);
        events.extend(more);
    }
    Ok(events)
}

impl Order {
    /// Where it goes by itself from where it stands.
    pub fn next_by_itself(&self) -> Option<Status> {
        self.terms.autopilot.and_then(|_| self.workflow.next_by_itself(self.status))
    }
}

/// The step of an order that moves by itself.
fn step(order: &Order, next: Status) -> Option<Command> {
    let edge = order.workflow.edge(order.status, next)?;
    let action = match edge.operation {
        Some(Operation::Deliver) => Action::Deliver { code: None, note: None },
        _ => Action::ChangeStatus { to: next },
    };
    Some(action.into())
}

/// What the first rung from this one on does that can be done; if none can, people are
/// told.
fn measures(order: &Order, rung: usize) -> Vec<Command> {
    let told = Ladder::DELAYED.rungs;
    let rungs = order.ladder().rungs.iter().skip(rung).chain(told);
    let mut commands = rungs.map(|rung| commands(order, rung.measure));
    commands.find(|commands| !commands.is_empty()).unwrap_or_default()
}

fn commands(order: &Order, measure: Measure) -> Vec<Command> {
    match measure {
        Measure::Alert(kind, severity) => {
            let limit = order.limit().unwrap_or_default();
            vec![Action::RaiseAlert(Alert { kind, severity, limit }).into()]
        }
        Measure::Reassign(why) => {
            let fallback = order.terms.fallback_store.clone();
            let reassign = |store| {
                let reason = Reason::of_system(why);
                Action::Reject { reason, reassign_to: Some(store) }.into()
            };
            let other = fallback.filter(|store| order.store.as_ref() != Some(store));
            other.map(reassign).into_iter().collect()
        }
        Measure::Cancel(why) => {
            let is_cancelled = |status: &&Status| status.phase() == Phase::Cancelled;
            let cancelled = order.workflow.statuses.iter().find(is_cancelled);
            cancelled.map(|to| cancel(*to, why)).into_iter().collect()
        }
        Measure::AnswerSubstitutions => answers(order),
    }
}

fn cancel(to: Status, why: &'static str) -> Command {
    let message = Some(Message::of_system(why));
    let remarks = Remarks { message, ..Remarks::default() };
    Command { action: Action::ChangeStatus { to }, remarks }
}

/// What the customer has not answered, as the order says.
fn answers(order: &Order) -> Vec<Command> {
    let substitutions = order.basket.iter().flat_map(|basket| &basket.substitutions);
    let approved = substitutions.clone().filter(|it| it.answer == Some(Answer::Approved));
    // What the customer has approved counts too: the head does not say who did.
    let spent = approved.map(Substitution::surcharge).fold(0, i64::saturating_add);
    let asked = SubstitutionId::after(0).and_following().zip(substitutions);
    let asked: Vec<_> = asked.filter(|(_, it)| it.answer.is_none()).collect();
    let unanswered = order.terms.unanswered.unwrap_or(Unanswered::Reject);
    let answers = unanswered.answers(spent, asked.iter().map(|(_, substitution)| *substitution));
    let answer = |((id, _), answer): (&(SubstitutionId, _), _)| {
        Action::AnswerSubstitution { id: *id, answer }.into()
    };
    asked.iter().zip(answers).map(answer).collect()
}
