//! Decides the actions that do not change the status. They are the same in every workflow.

use super::{items, offers};
use crate::Role::{Customer, Driver, Merchant, Ops, Support, System};
use crate::{
    Allowed, Author, Context, DetailsField, EventData, InPlace, Order, Rejection, Role, Round,
    Version,
};

/// The roles that may take an action, and the states of the order that it requires.
struct Rule {
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

const fn rule(action: &InPlace) -> Rule {
    match action {
        InPlace::OpenIssue { .. } | InPlace::ResolveIssue { .. } => {
            Rule { by: EVERYBODY, when: When::Always }
        }
        // Only operations and the merchant decide the pickup address and the prices.
        InPlace::CorrectDetails(correction)
            if correction.pickup.is_some() || !correction.items.is_empty() =>
        {
            Rule { by: &[Ops, Merchant], when: When::Open }
        }
        InPlace::CorrectDetails(_) => Rule { by: &[Ops, Merchant, Customer], when: When::Open },
        InPlace::EraseDetails => Rule { by: &[Ops], when: When::Closed },
        InPlace::RaiseAlert(_)
        | InPlace::ExpireOffer
        | InPlace::FindNobody(_)
        | InPlace::Tell(_) => Rule { by: &[System], when: When::Open },
        InPlace::Offer(_) => Rule { by: &[Ops, Merchant, System], when: When::Open },
        // An offer that is over has its own reasons.
        InPlace::Decline { .. } => Rule { by: &[Driver], when: When::Always },
    }
}

/// Returns the data of the resulting event, or `None` if nothing changes.
pub(super) fn done(
    order: &Order,
    action: InPlace,
    context: &Context<'_>,
) -> Result<Option<EventData>, Rejection> {
    let Rule { by, when } = rule(&action);
    let role = context.principal.role();
    if !by.contains(&role) {
        return Err(Rejection::NotYours { role, allowed: Allowed::to(context.principal, order) });
    }
    let is_answer = matches!(action, InPlace::Decline { .. });
    if !is_answer && order.is_offered_to(context.principal) {
        let allowed = Allowed::to(context.principal, order);
        return Err(Rejection::OnlyOffered { status: order.status, allowed });
    }
    match (when, order.is_open()) {
        (When::Open, false) => Err(Rejection::IsClosed { status: order.status }),
        (When::Closed, true) => Err(Rejection::IsOpen { status: order.status }),
        (When::Open, true) | (When::Closed, false) | (When::Always, _) => {
            data(order, action, context)
        }
    }
}

fn data(
    order: &Order,
    action: InPlace,
    context: &Context<'_>,
) -> Result<Option<EventData>, Rejection> {
    Ok(match action {
        InPlace::OpenIssue { kind, severity, description } => {
            let by = Author::of(context.principal, order);
            if by.as_ref().is_some_and(|author| !order.has_room_for_issue_of(author)) {
                return Err(Rejection::TooManyIssues { status: order.status });
            }
            Some(EventData::IssueOpened { kind, severity, description, by })
        }
        InPlace::ResolveIssue { id, resolution } => {
            check_resolver(order, id, context)?;
            Some(EventData::IssueResolved { id, resolution })
        }
        InPlace::CorrectDetails(correction) => {
            let mut lines = items::corrected(order, &correction, context.known)?;
            let fields = correction.changed(&context.known.items);
            lines.retain(|_| fields.contains(&DetailsField::Items));
            let currency = correction.currency.filter(|_| order.basket.is_some());
            (!fields.is_empty()).then_some(EventData::DetailsCorrected { fields, lines, currency })
        }
        InPlace::EraseDetails => (!order.is_erased).then_some(EventData::DetailsErased),
        InPlace::RaiseAlert(alert) => Some(EventData::AlertRaised(alert)),
        InPlace::Offer(offering) => Some(offers::offered(order, offering, context)?),
        InPlace::Decline { driver, reason } => offers::declined(order, driver, reason, context)?,
        InPlace::ExpireOffer => offers::expired(order, context.now),
        InPlace::FindNobody(Round { number, radius_m }) => {
            let (round, drivers, radius_m) = (number, Vec::new(), Some(radius_m));
            Some(EventData::OfferExpired { round, drivers, radius_m })
        }
        InPlace::Tell(fact) => Some(fact.into()),
    })
}

fn check_resolver(order: &Order, id: Version, context: &Context<'_>) -> Result<(), Rejection> {
    let Some(issue) = order.issues.iter().find(|issue| issue.id == id) else {
        let open = order.issues.iter().map(|issue| issue.id).collect();
        return Err(Rejection::NoSuchIssue { status: order.status, open });
    };
    if !issue.is_resolved_by(context.principal, order) {
        let allowed = Allowed::to(context.principal, order);
        return Err(Rejection::NotYourIssue { kind: issue.kind, allowed });
    }
    Ok(())
}
