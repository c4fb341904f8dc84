//! The orders that a courier has.

use domain::Location;

use super::order::{Errand, Order};

/// The locations of an order's pickup and drop-off, where they have one.
type Stops = [Option<Location>; 2];

/// The orders that a courier has, the one that came first in front.
#[derive(Debug, Default)]
pub(super) struct Load(Vec<Carried>);

/// An order that a courier has.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) order: Order,
    /// `None` until they were read.
    pub(super) stops: Option<Stops>,
    pub(super) next: Next,
}

/// The next step with an order, while the order stays as it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    /// The one that the workflow expects.
    Errand,
    /// The report that the customer does not take the order.
    Failure,
    /// None: it would be refused.
    Nothing,
}

impl Load {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the ids of the orders.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|carried| &*carried.order.id)
    }

    pub(super) fn add(&mut self, order: Order) {
        self.0.push(Carried { order, stops: None, next: Next::Errand });
    }

    pub(super) fn get(&mut self, id: &str) -> Option<&mut Carried> {
        self.0.iter_mut().find(|carried| carried.order.id == id)
    }

    /// Drops an order; true if the courier had it.
    pub(super) fn drop(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|carried| carried.order.id != id);
        self.0.len() < before
    }

    /// Returns the first order with which there is something to do, what it is, and the stops.
    pub(super) fn next(&self) -> Option<(String, Errand, Option<Stops>)> {
        self.0.iter().find_map(|carried| {
            let errand = carried.errand()?;
            Some((carried.order.id.clone(), errand, carried.stops))
        })
    }
}

impl Carried {
    fn errand(&self) -> Option<Errand> {
        match self.next {
            Next::Errand => self.order.errand(),
            Next::Failure => self.order.failure(),
            Next::Nothing => None,
        }
    }
}
