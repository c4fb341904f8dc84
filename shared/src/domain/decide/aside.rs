//! What leaves an order where it stands, in every workflow alike.

use super::Fact;
use crate::domain::Role::{Customer, Driver, Merchant, Ops, Support, System};
use crate::domain::rejection::Allowed;
use crate::domain::{
    Action, Context, DetailsField, EventData, MAX_OPEN_ISSUES, Order, Rejection, Role,
};

/// Who may, and while the order is what.
pub(super) struct Rule {
    by: &'static [Role],
    when: When,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Open,
    Closed,
    Always,
}

const EVERYBODY: &[Role] = &[Ops, Support, Merchant, Driver, Customer];

/// The rule of an action that is no step.
pub(super) const fn rule(action: &Action) -> Option<Rule> {
    Some(match action {
        Action::OpenIssue { .. } | Action::ResolveIssue { .. } => {
            Rule { by: EVERYBODY, when: When::Always }
        }
        Action::CorrectDetails { .. } => Rule { by: &[Ops, Merchant, Customer], when: When::Open },
        Action::EraseDetails => Rule { by: &[Ops], when: When::Closed },
        Action::RaiseAlert(_) => Rule { by: &[System], when: When::Open },
        Action::ChangeStatus { .. }
        | Action::Acknowledge
        | Action::Reject { .. }
        | Action::Reassign { .. }
        | Action::StartPicking
        | Action::Ready
        | Action::ProposeSubstitutions(_)
        | Action::AnswerSubstitution { .. }
        | Action::Assign { .. }
        | Action::Unassign { .. }
        | Action::Pickup
        | Action::Deliver { .. }
        | Action::DeliveryFailed { .. }
        | Action::Retry
        | Action::Return
        | Action::Returned => return None,
    })
}

/// What happens, if anything does.
pub(super) fn fact(
    order: &Order,
    action: Action,
    &Rule { by, when }: &Rule,
    context: &Context<'_>,
) -> Result<Option<Fact>, Rejection> {
    match (when, order.is_open()) {
        (When::Open, false) => return Err(Rejection::IsClosed { status: order.status }),
        (When::Closed, true) => return Err(Rejection::IsOpen { status: order.status }),
        _ => {}
    }
    let role = context.principal.role();
    if !by.contains(&role) {
        return Err(Rejection::NotYours { role, allowed: Allowed::to(context.principal, order) });
    }
    if role == Customer
        && matches!(&action, Action::CorrectDetails { fields } if fields.contains(&DetailsField::Pickup))
    {
        // Where it is fetched is its merchant's to say.
        return Err(Rejection::NotYours { role, allowed: Allowed::to(context.principal, order) });
    }
    Ok(data(order, action)?.map(|data| (order.status, data)))
}

fn data(order: &Order, action: Action) -> Result<Option<EventData>, Rejection> {
    Ok(match action {
        Action::OpenIssue { .. } if order.issues.len() >= MAX_OPEN_ISSUES => {
            return Err(Rejection::TooManyIssues { status: order.status });
        }
        Action::OpenIssue { kind, severity, description } => {
            Some(EventData::IssueOpened { kind, severity, description })
        }
        Action::ResolveIssue { id, resolution } => {
            if order.issues.iter().all(|issue| issue.id != id) {
                let open = order.issues.iter().map(|issue| issue.id).collect();
                return Err(Rejection::NoSuchIssue { status: order.status, open });
            }
            Some(EventData::IssueResolved { id, resolution })
        }
        Action::CorrectDetails { fields } if fields.is_empty() => None,
        Action::CorrectDetails { fields } => Some(EventData::DetailsCorrected { fields }),
        Action::EraseDetails if order.is_erased => None,
        Action::EraseDetails => Some(EventData::DetailsErased),
        Action::RaiseAlert(alert) => Some(EventData::AlertRaised(alert)),
        _ => None,
    })
}
