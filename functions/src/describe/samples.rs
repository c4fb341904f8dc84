//! A sample order for examples, created by the same code as real orders.

use clock::Timestamp;
use db::MerchantSettings;
use domain::visibility::{self, EventView, PositionView, Precision, ShownPosition};
use domain::{
    self, Context, Decision, Details, Event, Fix, Location, MerchantId, Order, OrderId, Party,
    Principal, PrincipalId,
};
use http_api::Fields;
use serde_json::{Value, json};

use crate::order_form;

/// A sample order and the merchant who sees it.
pub(crate) struct Sample {
    pub(crate) principal: Principal,
    pub(crate) order: Order,
    pub(crate) details: Details,
    pub(crate) events: Vec<Event>,
}

/// Returns the body of the request that created the order.
pub(crate) fn body() -> Value {
    json!({
        "merchant": "green-grocer",
        "external_id": "web-1017",
        "store": "high-street",
        "workflow": "grocery",
        "customer": { "reference": "c-42", "name": "Ada Byron", "contact": "+44 20 7946 0018" },
        "addresses": { "pickup": "1 High Street, London", "dropoff": {
            "text": "12 St James's Square, London",
            "location": { "lat": 51.507_351, "lng": -0.136_272 },
        } },
        "currency": "GBP",
        "items": [
            { "sku": "tea-100", "name": "Assam tea, 100 bags", "quantity": 2, "unit_price": 450 },
            { "sku": "milk-1l", "name": "Whole milk, 1 l", "quantity": 1, "unit_price": 120 },
        ],
        "handover_code": "4711",
        "unanswered": { "answer": "approve", "price_cap": 200 },
        "metadata": { "basket": "b-7" },
    })
}

/// Returns the position of a driver on the way with an order.
pub(crate) fn position() -> Option<(OrderId, PositionView)> {
    let fix = Fix {
        at: Timestamp::parse("2026-11-21T10:05:00Z")?,
        location: Location::new(51.508_12, -0.131_45).ok()?,
        accuracy_m: Some(8.0),
        speed: Some(4.5),
        heading: Some(270.0),
    };
    let eta = Timestamp::parse("2026-11-21T10:12:40Z");
    let shown = ShownPosition { fix: &fix, stops_before: 0, eta };
    Some((Sample::new()?.order.id, shown.view(Precision::Exact)))
}

impl Sample {
    /// Creates the sample, or returns `None` if the body is not a valid order; a test checks that
    /// it is.
    pub(crate) fn new() -> Option<Self> {
        let merchant = MerchantId::parse("green-grocer").ok()?;
        let party = Party::Merchant { merchant, store: None };
        let principal = Principal { id: PrincipalId::parse("maria").ok()?, party };
        let read = Fields::read(body(), |fields| order_form::read(fields, &principal, None));
        let (draft, details) = read.ok()?;
        let order = draft.into_order(&MerchantSettings::default(), &details);
        let now = Timestamp::parse("2026-11-21T09:30:00Z")?;
        let id = OrderId::parse("0195b3c0-7b1e-7000-8000-0123456789ab").ok()?;
        let context = Context::new(now, &principal);
        let Decision { events, .. } = domain::create(id, order, details.clone(), &context).ok()?;
        let order = domain::fold(id, &events).ok()?;
        Some(Self { principal, order, details, events })
    }

    /// Returns the order with its details, as in the response of `GET /orders/{id}`.
    pub(crate) fn view(&self) -> Value {
        json!(visibility::order(&self.principal, &self.order, Some(&self.details)))
    }

    /// Returns the order without its details, as in lists.
    pub(crate) fn head(&self) -> Value {
        json!(visibility::order(&self.principal, &self.order, None))
    }

    /// Returns the order's events as its merchant sees them.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.views().map(|view| json!(view)).collect()
    }

    pub(crate) fn views(&self) -> impl Iterator<Item = EventView<'_>> {
        self.events
            .iter()
            .filter_map(|event| visibility::event(&self.principal, &self.order, event))
    }
}
