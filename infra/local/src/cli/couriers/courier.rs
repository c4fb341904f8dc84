//! A courier, without input or output: the caller reports news, answers and the time, and carries
//! out what the courier wants. Times are those of a monotonic clock, from any zero.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{Location, Operation};
use serde_json::Value;

use super::choice::Choice;
use super::load::{Load, Next};
use super::offers::{Due, Offers};
use super::order::{Order, Stop};
use super::request::{Answer, Ask, Output, Request};
use super::town::{self, Motion, Town, Trip};
use super::words;

/// The wait after a request without a usable response.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// A courier of the simulation.
#[derive(Debug)]
pub(super) struct Courier {
    id: String,
    town: Town,
    place: Location,
    trip: Option<Trip>,
    offers: Offers,
    load: Load,
    /// The version of each order that the courier has heard of.
    known: BTreeMap<String, u64>,
    /// True while a request has no answer.
    is_asking: bool,
    /// The time before which nothing is requested, after a request that failed.
    paused_until: Option<Duration>,
    said: Vec<Output>,
}

impl Courier {
    /// Creates the courier with this id and number, from 1, who stands at `home`.
    pub(super) fn new(id: &str, number: u8, town: Town, home: Location) -> Self {
        Self {
            id: id.to_owned(),
            town,
            place: home,
            trip: None,
            offers: Offers::new(number),
            load: Load::default(),
            known: BTreeMap::new(),
            is_asking: false,
            paused_until: None,
            said: Vec::new(),
        }
    }

    /// Reports the state of an order. An offer of it is answered after the time `think`.
    pub(super) fn hear(&mut self, now: Duration, order: Order, think: Duration) {
        if let Some(offer) = &order.offer
            && self.is_news(&order)
        {
            self.offers.take(&order.id, offer.round, now + think);
        }
        self.take(order);
        self.advance(now);
    }

    /// Reports that an order is out of sight.
    pub(super) fn lose(&mut self, now: Duration, order: &str) {
        self.known.remove(order);
        if self.offers.remove(order) {
            self.say(format!(
                "is too late for order {order}: another driver has it, or the offer is over"
            ));
        }
        if self.load.drop(order) {
            self.say(format!("has order {order} no more: it was taken away"));
        }
        self.advance(now);
    }

    /// Reports the time.
    pub(super) fn tick(&mut self, now: Duration) {
        self.advance(now);
    }

    /// Returns the time of the next [`tick`](Self::tick), unless something else happens before.
    pub(super) fn due(&self) -> Option<Duration> {
        let arrival = self.trip.as_ref().map(Trip::ends);
        let due = arrival.into_iter().chain(self.offers.due()).chain(self.paused_until).min()?;
        Some(due.max(self.paused_until.unwrap_or_default()))
    }

    /// Takes the outputs since the last call, in order.
    pub(super) fn outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.said)
    }

    /// Returns the place and the movement at a time.
    pub(super) fn motion(&self, now: Duration) -> Motion {
        match &self.trip {
            Some(trip) => Motion::on(trip, now),
            None => Motion::none(self.place),
        }
    }

    /// Returns the orders that the courier has.
    pub(super) fn orders(&self) -> impl Iterator<Item = &str> {
        self.load.ids()
    }

    /// Reports the answer to a request.
    pub(super) fn answer(&mut self, now: Duration, ask: &Ask, answer: Answer) {
        self.is_asking = false;
        match answer {
            Answer::Done(body) => self.done(now, ask, body),
            Answer::Refused { status, detail } => self.refused(ask, status, &detail),
            Answer::Failed(why) => {
                self.offers.not_answered(&ask.order);
                self.say(format!("tries again with order {} in a moment: {why}", ask.order));
                self.paused_until = Some(now + RETRY_AFTER);
            }
        }
        self.advance(now);
    }

    fn done(&mut self, now: Duration, ask: &Ask, body: Value) {
        let id = &ask.order;
        let order = Order::parse(body);
        match (ask.request, order) {
            (Request::Read, Some(order)) => self.read(now, &order),
            (Request::Read, None) => self.forgo(id),
            (Request::Decline(reason), _) => {
                self.offers.remove(id);
                self.say(format!("declines order {id}: {reason}"));
            }
            (Request::Accept, order) => {
                self.offers.remove(id);
                self.say(format!("accepts order {id}"));
                if let Some(order) = order.filter(|order| self.is_news(order)) {
                    self.known.insert(order.id.clone(), order.version);
                    self.load.add(order);
                }
                self.said.push(Output::SendPosition);
            }
            (Request::Step(errand), order) => {
                self.say(format!("{} order {id}", errand.told));
                match order.filter(Order::is_open) {
                    Some(order) => self.take(order),
                    None => self.finish(id),
                }
            }
        }
    }

    /// Drops an order that the courier has closed, or has given away.
    fn finish(&mut self, id: &str) {
        self.load.drop(id);
        if self.load.is_empty() {
            self.say("is free".to_owned());
        }
        self.said.push(Output::SendPosition);
    }

    fn read(&mut self, now: Duration, order: &Order) {
        let stops = [Stop::Pickup, Stop::Dropoff].map(|stop| order.location(stop));
        if self.offers.seen(order) {
            let pickup = stops[0].map_or_else(String::new, |pickup| {
                let distance = town::metres(self.motion(now).location, pickup);
                format!(", whose pickup is {} away", words::distance(distance))
            });
            self.say(format!("is offered order {}{pickup}", order.id));
        }
        if let Some(carried) = self.load.get(&order.id) {
            carried.stops = Some(stops);
        }
    }

    /// Does nothing more about an order until there is news of it.
    fn forgo(&mut self, id: &str) {
        self.offers.remove(id);
        if let Some(carried) = self.load.get(id) {
            carried.next = Next::Nothing;
        }
    }

    fn refused(&mut self, ask: &Ask, status: u16, detail: &str) {
        let id = &ask.order;
        match ask.request {
            // The offer is over, or the order was taken away, and the news of it follow.
            Request::Read => self.forgo(id),
            Request::Accept | Request::Decline(_) => {
                self.offers.remove(id);
                self.say(format!("does not get order {id}: {detail}"));
            }
            Request::Step(errand) => {
                self.say(format!("cannot {} order {id}: {detail}", errand.operation.name()));
                // The customer alone knows the handover code, and is not there to tell it.
                let is_undeliverable = errand.operation == Operation::Deliver && status == 422;
                if let Some(carried) = self.load.get(id) {
                    carried.next = if is_undeliverable { Next::Failure } else { Next::Nothing };
                }
            }
        }
    }

    fn is_news(&self, order: &Order) -> bool {
        self.known.get(&order.id).is_none_or(|known| *known < order.version)
    }

    /// Takes the state of an order, if it is news.
    fn take(&mut self, order: Order) {
        if !self.is_news(&order) {
            return;
        }
        let (id, status) = (order.id.clone(), order.status.clone());
        self.known.insert(id.clone(), order.version);
        if order.offer.is_none() {
            self.offers.remove(&id);
        }
        let is_mine = order.driver.as_ref() == Some(&self.id) && order.is_open();
        match self.load.get(&id) {
            Some(carried) if is_mine => {
                carried.order = order;
                carried.next = Next::Errand;
            }
            None if is_mine => {
                self.say(format!("has order {id}, which is {status}"));
                self.load.add(order);
                self.said.push(Output::SendPosition);
            }
            Some(_) => {
                self.load.drop(&id);
                self.say(format!("has order {id} no more: it is {status}"));
            }
            None => {}
        }
    }

    fn say(&mut self, text: String) {
        self.said.push(Output::Say(text));
    }

    /// Does what is due: at most one request at a time.
    fn advance(&mut self, now: Duration) {
        if self.trip.is_some_and(|trip| trip.ends() <= now) {
            self.stand(now);
            self.said.push(Output::SendPosition);
        }
        if self.is_asking || self.paused_until.is_some_and(|until| now < until) {
            return;
        }
        self.paused_until = None;
        if !self.answer_offers(now) {
            self.carry(now);
        }
    }

    /// Answers the offers that are due; true if this takes a request.
    fn answer_offers(&mut self, now: Duration) -> bool {
        while let Some(due) = self.offers.next(now, self.motion(now).location) {
            match due {
                Due::Read { order } => self.ask(order, Request::Read),
                Due::Answer { order, choice: Choice::Accept } => self.ask(order, Request::Accept),
                Due::Answer { order, choice: Choice::Decline(reason) } => {
                    self.ask(order, Request::Decline(reason));
                }
                Due::Answer { order, choice: Choice::Ignore } => {
                    self.say(format!("does not answer the offer of order {order}"));
                    continue;
                }
            }
            return true;
        }
        false
    }

    /// Goes on with the first order for which there is something to do.
    fn carry(&mut self, now: Duration) {
        let Some((id, errand, stops)) = self.load.next() else { return self.stand(now) };
        let Some(stops) = stops else { return self.ask(id, Request::Read) };
        if let Some(stop) = errand.stop {
            let location = stops[stop as usize];
            let target = location.unwrap_or(self.town.centre);
            if self.motion(now).location != target {
                return self.drive(now, target, &words::stop(stop, &id, location.is_some()));
            }
        }
        self.stand(now);
        self.ask(id, Request::Step(errand));
    }

    fn drive(&mut self, now: Duration, target: Location, stop: &str) {
        if self.trip.is_some_and(|trip| trip.to == target) {
            return;
        }
        self.stand(now);
        let distance = words::distance(town::metres(self.place, target));
        self.say(format!("drives {distance} to {stop}"));
        self.trip = Some(Trip::new(self.place, target, now));
    }

    fn stand(&mut self, now: Duration) {
        self.place = self.motion(now).location;
        self.trip = None;
    }

    fn ask(&mut self, order: String, request: Request) {
        self.is_asking = true;
        self.said.push(Output::Ask(Ask { order, request }));
    }
}
