//! Every action that leaves an order in its status, by every principal in every status. The rules
//! are the same for all workflows.

use super::expectation::{Outcome, outcome};
use super::for_everybody_everywhere;
use crate::Role::{Customer, Driver, Merchant, Ops, Support, System};
use crate::samples::{account, at, correction, driver_id};
use crate::{
    Action, Alert, AlertKind, Author, DetailsField, EventData, Fact, InPlace, Issue, IssueKind,
    OfferTime, Offering, Order, Role, Round, Severity, Version,
};

/// The orders that an action applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Open,
    Closed,
    Always,
}

/// The rule of an action that is not a step.
pub(crate) struct InPlaceRule {
    pub(crate) name: &'static str,
    pub(crate) when: When,
    pub(crate) whose: &'static [Role],
}

/// The rules of all these actions, written from the design and not from the code.
pub(crate) const IN_PLACE: [InPlaceRule; 10] = [
    InPlaceRule {
        name: "open an issue",
        when: When::Always,
        whose: &[Ops, Support, Merchant, Driver, Customer],
    },
    InPlaceRule {
        name: "resolve an issue",
        when: When::Always,
        whose: &[Ops, Support, Merchant, Driver, Customer],
    },
    InPlaceRule { name: "correct details", when: When::Open, whose: &[Ops, Merchant, Customer] },
    InPlaceRule { name: "erase details", when: When::Closed, whose: &[Ops] },
    InPlaceRule { name: "raise an alert", when: When::Open, whose: &[System] },
    InPlaceRule { name: "offer", when: When::Open, whose: &[Ops, Merchant, System] },
    InPlaceRule { name: "decline", when: When::Always, whose: &[Driver] },
    InPlaceRule { name: "end an offer", when: When::Open, whose: &[System] },
    InPlaceRule { name: "find nobody", when: When::Open, whose: &[System] },
    InPlaceRule { name: "tell a fact", when: When::Open, whose: &[System] },
];

impl InPlaceRule {
    /// Returns the rule of the action that an event records; `None` if it records a step.
    pub(crate) fn of_event(data: &EventData) -> Option<&'static Self> {
        let name = match data {
            EventData::IssueOpened { .. } => "open an issue",
            EventData::IssueResolved { .. } => "resolve an issue",
            EventData::DetailsCorrected { .. } => "correct details",
            EventData::DetailsErased => "erase details",
            EventData::AlertRaised(_) => "raise an alert",
            EventData::DriverOffered { .. } => "offer",
            EventData::OfferDeclined { .. } => "decline",
            EventData::OfferExpired { .. } => "end an offer",
            EventData::Arrived(_)
            | EventData::Approaching { .. }
            | EventData::EtaChanged(_)
            | EventData::GpsGap(_)
            | EventData::GpsBack { .. } => "tell a fact",
            _ => return None,
        };
        IN_PLACE.iter().find(|rule| rule.name == name)
    }

    pub(crate) fn allows(&self, is_open: bool) -> bool {
        match self.when {
            When::Open => is_open,
            When::Closed => !is_open,
            When::Always => true,
        }
    }
}

/// Returns one action per rule, in the same order, for an order that has an issue of the
/// principal with the id 1.
pub(super) fn actions() -> [Action; IN_PLACE.len()] {
    [
        InPlace::OpenIssue {
            kind: IssueKind::Damaged,
            severity: Severity::High,
            description: account("the bag is torn"),
        },
        InPlace::ResolveIssue { id: Version(1), resolution: account("a new bag") },
        InPlace::CorrectDetails(correction(&[DetailsField::Dropoff])),
        InPlace::EraseDetails,
        InPlace::RaiseAlert(Alert {
            kind: AlertKind::Delayed,
            severity: Severity::Medium,
            limit: 60,
        }),
        InPlace::Offer(Offering {
            drivers: vec![driver_id("d3")],
            time: OfferTime::default(),
            replace: true,
            radius_m: None,
        }),
        InPlace::Decline { driver: driver_id("d1"), reason: None },
        InPlace::ExpireOffer,
        InPlace::FindNobody(Round { number: 1, radius_m: 3000 }),
        InPlace::Tell(Fact::Approaching { arrives_at: at(60) }),
    ]
    .map(Action::from)
}

#[test]
fn it_is_for_whom_the_table_says_while_the_order_is_what_it_says() {
    for_everybody_everywhere(|table, order, principal| {
        let by = Author::of(principal, order);
        let issue = Issue { id: Version(1), kind: IssueKind::Delay, severity: Severity::Low, by };
        let order = Order { issues: vec![issue], ..order.clone() };
        let is_offered = order.is_offered_to(principal);
        for (rule, action) in IN_PLACE.iter().zip(actions()) {
            let expected = match rule.when {
                _ if !rule.whose.contains(&principal.role()) => {
                    Outcome::NotYours(table.offer(&order, principal.role()))
                }
                When::Open if !order.is_open() => Outcome::IsClosed,
                When::Closed if order.is_open() => Outcome::IsOpen,
                _ if rule.name == "decline" && is_offered => Outcome::Told,
                _ if rule.name == "decline" => Outcome::OfferOver,
                _ if is_offered => Outcome::OnlyOffered,
                _ if rule.name == "offer" && !table.is_offerable(&order) => Outcome::NotOfferable,
                // No offer is over, because none stands.
                _ if rule.name == "end an offer" => Outcome::Same,
                _ => Outcome::Told,
            };
            let found = outcome(&order, principal, action);
            assert_eq!(found, expected, "{} at {} by {principal:?}", rule.name, order.status);
        }
    });
}
