//! An order as the API shows it to a driver, and what the driver has to do with it.

use domain::{Location, Operation, Role, Status, Workflow};
use serde::Deserialize;
use serde_json::{Value, json};

/// An order in a response or a live message, with the fields that a courier uses.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) status: String,
    workflow: String,
    pub(super) driver: Option<String>,
    pub(super) offer: Option<Offer>,
    /// In responses of `GET /orders/{id}` only.
    #[serde(default)]
    addresses: Value,
}

/// An offer of an order.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Offer {
    pub(super) round: u64,
}

/// A place of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Pickup,
    Dropoff,
}

/// The next step of a driver with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    pub(super) operation: Operation,
    /// The place where the step is taken; `None` for anywhere.
    pub(super) stop: Option<Stop>,
    /// The verb of a line that tells that the step was taken.
    pub(super) told: &'static str,
}

impl Errand {
    /// Returns the body of the request that takes the step.
    pub(super) fn body(&self) -> Value {
        if self.operation == Operation::DeliveryFailed {
            return json!({ "reason": "The customer did not tell the handover code." });
        }
        json!({})
    }
}

/// The steps of drivers, the one that comes first preferred.
const ERRANDS: [Errand; 5] = [
    Errand { operation: Operation::Pickup, stop: Some(Stop::Pickup), told: "picks up" },
    Errand { operation: Operation::Depart, stop: None, told: "departs with" },
    Errand { operation: Operation::Deliver, stop: Some(Stop::Dropoff), told: "delivers" },
    Errand { operation: Operation::Return, stop: None, told: "goes back with" },
    Errand { operation: Operation::Returned, stop: Some(Stop::Pickup), told: "brings back" },
];

/// The step of a driver from whom the customer does not take the order.
const FAILURE: Errand =
    Errand { operation: Operation::DeliveryFailed, stop: None, told: "gives up the delivery of" };

impl Order {
    /// Parses an order.
    pub(super) fn parse(body: Value) -> Option<Self> {
        serde_json::from_value(body).ok()
    }

    /// Returns the workflow and the status, if this program knows them.
    fn state(&self) -> Option<(&'static Workflow, Status)> {
        let workflow = Workflow::named(&self.workflow)?;
        Some((workflow, workflow.status(&self.status)?))
    }

    /// True unless the order is closed.
    pub(super) fn is_open(&self) -> bool {
        self.state().is_none_or(|(_, status)| status.phase().is_open())
    }

    /// Returns the next step of the order's driver; `None` while it is not the driver's turn.
    pub(super) fn errand(&self) -> Option<Errand> {
        ERRANDS.into_iter().find(|errand| self.allows(errand.operation))
    }

    /// Returns the report that the customer does not take the order, if it can be made now.
    pub(super) fn failure(&self) -> Option<Errand> {
        self.allows(FAILURE.operation).then_some(FAILURE)
    }

    /// True if the workflow lets the order's driver do this now.
    fn allows(&self, operation: Operation) -> bool {
        self.state().is_some_and(|(workflow, status)| {
            let mut transitions = workflow.transitions_of(operation, status);
            transitions.any(|transition| transition.is_for(Role::Driver, true))
        })
    }

    /// Returns the location of a stop, if it is known.
    pub(super) fn location(&self, stop: Stop) -> Option<Location> {
        let location = self.addresses[stop.name()]["location"].clone();
        serde_json::from_value(location).ok()
    }
}

impl Stop {
    /// Returns the name in `addresses` of an order.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pickup => "pickup",
            Self::Dropoff => "dropoff",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(workflow: &str, status: &str) -> Order {
        let body = json!({ "id": "1", "version": 1, "workflow": workflow, "status": status });
        Order::parse(body).unwrap()
    }

    /// Drives every order that a driver can have as the errands say.
    #[test]
    fn errands_lead_every_order_of_a_driver_to_its_end() {
        for workflow in Workflow::ALL {
            let accepted = workflow.transitions.iter();
            for transition in accepted.filter(|it| it.operation == Some(Operation::Accept)) {
                let mut done = Vec::new();
                let mut status = transition.to;
                while let Some(errand) = order(workflow.name, status.name()).errand() {
                    done.push(errand.operation.name());
                    let mut taken = workflow.transitions_of(errand.operation, status);
                    status = taken.next().expect("a transition").to;
                }
                assert_eq!(done, ["pickup", "depart", "deliver"], "{}", workflow.name);
                assert!(!order(workflow.name, status.name()).is_open());
            }
        }
    }

    #[test]
    fn an_order_that_was_not_delivered_goes_back() {
        let step = |status| order("courier", status).errand().map(|it| (it.operation, it.stop));
        assert!(order("courier", "in_transit").failure().is_some());
        assert!(order("courier", "driver_assigned").failure().is_none());
        assert_eq!(step("delivery_failed"), Some((Operation::Return, None)));
        assert_eq!(step("returning"), Some((Operation::Returned, Some(Stop::Pickup))));
    }

    #[test]
    fn a_driver_has_nothing_to_do_with_an_order_of_an_unknown_or_another_kind() {
        assert_eq!(order("courier", "created").errand(), None);
        assert_eq!(order("parcel", "processing").errand(), None);
        assert_eq!(order("teleport", "beaming").errand(), None);
        assert!(order("teleport", "beaming").is_open());
    }

    #[test]
    fn a_stop_has_the_location_of_its_address() {
        let location = json!({ "lat": 51.5, "lng": -0.1 });
        let addresses =
            json!({ "pickup": { "text": "1 Mill Lane", "location": location }, "dropoff": "Here" });
        let body = json!({
            "id": "1", "version": 1, "workflow": "courier", "status": "created",
            "addresses": addresses,
        });
        let order = Order::parse(body).unwrap();
        assert_eq!(order.location(Stop::Pickup), Location::new(51.5, -0.1).ok());
        assert_eq!(order.location(Stop::Dropoff), None);
    }
}
