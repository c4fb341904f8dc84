//! No dead ends: whoever is on an order can bring it to an end without operations and without
//! Waybill's own steps.

use crate::Role::{Customer, Driver, Merchant, Ops, System};
use crate::{Operation, Phase, Role, Status, Transition, Workflow};

/// An order for the purpose of these tests.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    status: Status,
    has_driver: bool,
}

/// The places from which an order without operations is never delivered, with the reason.
const NEVER_DELIVERED: [(&str, &str, bool, &str); 1] = [(
    "grocery",
    "substitutions_needed",
    false,
    "nobody else may answer for a customer who has no reference: the clock does; the merchant can \
     cancel",
)];

impl Place {
    fn after(self, transition: &Transition) -> Self {
        let has_driver = match transition.operation {
            Some(Operation::Assign) => true,
            Some(Operation::Unassign) => false,
            _ => self.has_driver,
        };
        Self { status: transition.to, has_driver }
    }

    /// True if a transition is open to one of these roles. Without a driver, nobody has the role.
    fn takes(self, transition: &Transition, roles: &[Role]) -> bool {
        let has = |role: &&Role| **role != Driver || self.has_driver;
        roles.iter().filter(has).any(|role| transition.is_for(*role, self.has_driver))
    }

    /// Returns this place and all that these roles can bring the order to.
    fn onwards(self, workflow: &Workflow, roles: &[Role]) -> Vec<Self> {
        let mut places = vec![self];
        let mut next = 0;
        while let Some(place) = places.get(next).copied() {
            let transitions = workflow.transitions_from(place.status);
            for transition in transitions.filter(|it| place.takes(it, roles)) {
                let then = place.after(transition);
                if !places.contains(&then) {
                    places.push(then);
                }
            }
            next += 1;
        }
        places
    }

    fn ends(self, workflow: &Workflow, roles: &[Role], is_end: impl Fn(Phase) -> bool) -> bool {
        self.onwards(workflow, roles).iter().any(|place| is_end(place.status.phase()))
    }
}

/// Calls `check` with every place that an order can come to.
fn everywhere(mut check: impl FnMut(&'static Workflow, Place)) {
    for workflow in Workflow::ALL {
        let status = *workflow.automatic.last().unwrap_or(&workflow.initial);
        let start = Place { status, has_driver: false };
        for place in start.onwards(workflow, &[Ops, Merchant, Driver, Customer, System]) {
            check(workflow, place);
        }
    }
}

/// Returns the roles on an order with or without a customer.
fn people(has_customer: bool) -> &'static [Role] {
    if has_customer { &[Merchant, Driver, Customer] } else { &[Merchant, Driver] }
}

#[test]
fn every_order_can_be_closed_by_those_who_are_on_it() {
    let mut places = 0;
    everywhere(|workflow, place| {
        for has_customer in [true, false] {
            let closes = place.ends(workflow, people(has_customer), |phase| !phase.is_open());
            assert!(closes, "{} {place:?}", workflow.name);
            places += 1;
        }
    });
    assert!(places > 50, "{places}");
}

#[test]
fn every_order_can_be_delivered_by_those_who_are_on_it() {
    let mut never = Vec::new();
    everywhere(|workflow, place| {
        let is_back = place.status.phase() == Phase::Returning;
        for has_customer in [true, false] {
            let roles = people(has_customer);
            let delivered = place.ends(workflow, roles, |phase| phase == Phase::Delivered);
            if place.status.phase().is_open() && !is_back && !delivered {
                never.push((workflow.name, place.status.name(), has_customer));
            }
        }
    });
    assert_eq!(never, NEVER_DELIVERED.map(|(workflow, status, it, _)| (workflow, status, it)));
}

#[test]
fn every_step_that_a_person_takes_has_a_name() {
    for workflow in Workflow::ALL {
        for transition in workflow.transitions {
            let is_persons = transition.by.iter().any(|role| *role != System);
            let is_named = transition.operation.is_some();
            assert_eq!(is_named, is_persons, "{} {transition:?}", workflow.name);
        }
    }
}

/// A role that takes an order from its origin can finish the trip alone.
#[test]
fn who_starts_a_trip_can_finish_it() {
    let mut trips = Vec::new();
    everywhere(|workflow, place| {
        let is_under_way = |status: Status| status.phase() == Phase::OnTheWay;
        for transition in workflow.transitions_from(place.status) {
            for role in [Merchant, Driver, Customer] {
                let starts = is_under_way(transition.to) && !is_under_way(place.status);
                if starts && place.takes(transition, &[role]) {
                    let then = place.after(transition);
                    let delivered = then.ends(workflow, &[role], |phase| phase == Phase::Delivered);
                    assert!(delivered, "{} {place:?} by {role:?}", workflow.name);
                    trips.push((workflow.name, place.status.name(), role));
                }
            }
        }
    });
    let expected = [
        ("courier", "created", Merchant),
        ("courier", "driver_assigned", Driver),
        ("grocery", "driver_assigned", Driver),
        ("parcel", "processing", Merchant),
    ];
    assert_eq!(trips, expected);
}
