//! The bodies of requests.

use std::collections::BTreeSet;

use clock::Timestamp;
use domain::webhooks::{Endpoint, EventType, WebhookUrl};
use domain::{Invalid, MerchantId, Name, StoreId, WebhookId};
use http::Uri;
use http_api::Fields;
use serde_json::{Value, json};

use crate::egress::Targets;

/// The fields of a new endpoint.
pub(super) struct NewEndpoint {
    pub(super) url: WebhookUrl,
    pub(super) store: Option<StoreId>,
    pub(super) events: BTreeSet<EventType>,
    pub(super) description: Option<Name>,
}

impl NewEndpoint {
    /// Returns the endpoint of a merchant with this id, created at `now`.
    pub(super) fn endpoint(self, merchant: MerchantId, id: WebhookId, now: Timestamp) -> Endpoint {
        let Self { url, store, events, description } = self;
        let (created_at, disabled) = (now, None);
        Endpoint { merchant, id, url, store, events, description, created_at, disabled }
    }
}

/// The fields to change; `None` for those that stay.
pub(super) struct Changes {
    pub(super) url: Option<WebhookUrl>,
    pub(super) events: Option<BTreeSet<EventType>>,
    pub(super) description: Option<Name>,
    pub(super) enabled: Option<bool>,
}

pub(super) fn example() -> Value {
    json!({
        "url": "https://shop.example.com/waybill",
        "events": ["order.created", "order.delivered"],
        "description": "The shop's order system",
        "store": "s1",
    })
}

/// `{"url", "store"?, "events"?: [TYPE, …], "description"?}`
pub(super) fn new_endpoint(fields: &mut Fields<'_>, targets: Targets) -> Option<NewEndpoint> {
    let url = fields.required_text("url", |text| url(text, targets));
    let store = fields.text("store", StoreId::parse);
    let events = events(fields).unwrap_or_default();
    let description = fields.text("description", Name::parse);
    Some(NewEndpoint { url: url?, store, events, description })
}

/// `{"url"?, "events"?, "description"?, "enabled"?}`; at least one is required.
pub(super) fn changes(fields: &mut Fields<'_>, targets: Targets) -> Changes {
    fields.some_of(&["url", "events", "description", "enabled"]);
    let url = fields.text("url", |text| url(text, targets));
    let events = events(fields);
    let description = fields.text("description", Name::parse);
    let is_given = fields.has("enabled");
    let enabled = Some(fields.flag("enabled")).filter(|_| is_given);
    Changes { url, events, description, enabled }
}

fn events(fields: &mut Fields<'_>) -> Option<BTreeSet<EventType>> {
    let events = fields.texts("events", 0..=EventType::ALL.len(), event_type)?;
    Some(events.into_iter().collect())
}

fn event_type(name: &str) -> Result<EventType, Invalid> {
    EventType::named(name).ok_or(Invalid::new("must be a type of messages, such as order.created"))
}

fn url(text: &str, targets: Targets) -> Result<WebhookUrl, Invalid> {
    let url = WebhookUrl::parse(text)?;
    let parsed: Uri = text.parse().map_err(|_| Invalid::new("must be a URL"))?;
    if targets.allow(&parsed) {
        return Ok(url);
    }
    Err(Invalid::new(if url.is_https() {
        "must not lead to a private or reserved address"
    } else {
        "must begin with https://"
    }))
}
