//! A simple model of lists: all orders in one vector, filtered and sorted as
//! docs/reference/http.md promises. It shares only the parsing of times with the product.

use clock::Timestamp;
use serde_json::Value;

use super::question::Question;

/// Every status with its phase.
pub(super) const STATUSES: [(&str, &str); 22] = [
    ("created", "placed"),
    ("pending", "placed"),
    ("submitted", "placed"),
    ("store_notified", "placed"),
    ("store_rejected", "placed"),
    ("processing", "preparing"),
    ("store_acknowledged", "preparing"),
    ("picking_in_progress", "preparing"),
    ("substitutions_needed", "preparing"),
    ("substitutions_approved", "preparing"),
    ("ready_for_pickup", "ready"),
    ("driver_assigned", "ready"),
    ("picked_up", "on_the_way"),
    ("driver_pickup_complete", "on_the_way"),
    ("in_transit", "on_the_way"),
    ("shipped", "on_the_way"),
    ("delivery_failed", "on_the_way"),
    ("returning", "returning"),
    ("delivered", "delivered"),
    ("returned", "returned"),
    ("cancelled", "cancelled"),
    ("failed", "failed"),
];

const CLOSED: [&str; 4] = ["delivered", "returned", "cancelled", "failed"];

/// The expected response to a query.
#[derive(Debug)]
pub(super) enum Expected<'o> {
    /// 403.
    Forbidden,
    /// 422, with the wrong parameter.
    Wrong(&'static str),
    /// The whole list.
    Orders(Vec<&'o Value>),
}

/// Returns the expected response to a query at the time `now`.
pub(super) fn response<'o>(
    question: &Question,
    orders: &'o [Value],
    now: Timestamp,
) -> Expected<'o> {
    for (from, to) in [("from", "to"), ("closed_from", "closed_to")] {
        let (start, end) = (question.get(from).map(instant), question.get(to).map(instant));
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Expected::Wrong(to);
        }
    }
    if asks_for_anothers(question) {
        return Expected::Forbidden;
    }
    if let Some(parameter) = wrong(question, now) {
        return Expected::Wrong(parameter);
    }
    let is_listed =
        |order: &&Value| is_seen_by(&question.person, order) && is_asked_for(question, order);
    let mut listed: Vec<_> = orders.iter().filter(is_listed).collect();
    let time = if is_by_status(question) { "status_since" } else { "created_at" };
    listed.sort_by_key(|order| (text(&order[time]), text(&order["id"])));
    if question.get("order") != Some("oldest") {
        listed.reverse();
    }
    Expected::Orders(listed)
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

/// Returns the value of a parameter that the person's token fixes.
fn own<'q>(question: &'q Question, parameter: &str) -> Option<&'q str> {
    let person = &question.person;
    match (text(&person["role"]).expect("a role"), parameter) {
        ("merchant" | "customer", "merchant") => text(&person["merchant"]),
        ("merchant", "store") => text(&person["store"]),
        ("customer", "customer") => text(&person["reference"]),
        ("driver", "driver") => text(&person["id"]),
        _ => None,
    }
}

/// Returns the requested value of a parameter, or else the person's own.
fn wanted<'q>(question: &'q Question, parameter: &str) -> Option<&'q str> {
    question.get(parameter).or_else(|| own(question, parameter))
}

fn asks_for_anothers(question: &Question) -> bool {
    ["merchant", "store", "customer", "driver"].into_iter().any(|parameter| {
        let (asked, own) = (question.get(parameter), own(question, parameter));
        asked.is_some() && own.is_some() && asked != own
    })
}

/// True if the person may see the order.
pub(super) fn is_seen_by(person: &Value, order: &Value) -> bool {
    match text(&person["role"]).expect("a role") {
        "ops" | "support" => true,
        "driver" => order["driver"] == person["id"],
        "merchant" => {
            let is_of_store = person["store"].is_null() || order["store"] == person["store"];
            order["merchant"] == person["merchant"] && is_of_store
        }
        "customer" => {
            let is_for_them = order["customer"]["reference"] == person["reference"];
            order["merchant"] == person["merchant"] && is_for_them
        }
        other => panic!("nobody is {other}"),
    }
}

fn is_asked_for(question: &Question, order: &Value) -> bool {
    let is =
        |parameter, found: &Value| question.get(parameter).is_none_or(|wanted| found == wanted);
    let status = text(&order["status"]).expect("a status");
    let is_closed = CLOSED.contains(&status);
    let fits_state = match state(question) {
        "open" => !is_closed,
        "closed" => is_closed,
        _ => is_closed || !is_by_closing(question),
    };
    let fits_status =
        question.get("status").is_none() || question.all("status").any(|wanted| wanted == status);
    let [created, since] =
        ["created_at", "status_since"].map(|time| text(&order[time]).expect("a time"));
    let after = |parameter, time| {
        question.get(parameter).is_none_or(|from| instant(from).to_string().as_str() <= time)
    };
    let before = |parameter, time| {
        question.get(parameter).is_none_or(|to| time < instant(to).to_string().as_str())
    };
    fits_state
        && fits_status
        && is("phase", &order["phase"])
        && is("merchant", &order["merchant"])
        && is("store", &order["store"])
        && is("customer", &order["customer"]["reference"])
        && is("driver", &order["driver"])
        && is("external_id", &order["external_id"])
        && (question.get("issues").is_none() || order["issues"].is_array())
        && after("from", created)
        && before("to", created)
        && after("closed_from", since)
        && before("closed_to", since)
}

/// Returns the requested state, or else the one that the other parameters imply.
fn state(question: &Question) -> &str {
    let are_closed =
        |named: Vec<&str>| !named.is_empty() && named.iter().all(|status| CLOSED.contains(status));
    let is_closed = is_by_closing(question) || named(question).is_some_and(are_closed);
    question.get("state").unwrap_or(match question.get("external_id").or(question.get("issues")) {
        Some(_) => "all",
        None if is_closed => "closed",
        None => "open",
    })
}

fn is_by_closing(question: &Question) -> bool {
    question.get("closed_from").or(question.get("closed_to")).is_some()
}

/// Parses a time; a date means its beginning.
pub(super) fn instant(text: &str) -> Timestamp {
    let time =
        if text.len() == "2026-11-21".len() { format!("{text}T00:00:00Z") } else { text.into() };
    Timestamp::parse(&time).expect("a time")
}

/// Returns the statuses selected by name or by phase, or `None` if neither is given.
fn named(question: &Question) -> Option<Vec<&'static str>> {
    let (status, phase) = (question.get("status"), question.get("phase"));
    status.or(phase)?;
    let is_named = |(name, of): &(&str, &str)| {
        (status.is_none() || question.all("status").any(|wanted| wanted == *name))
            && phase.is_none_or(|phase| phase == *of)
    };
    Some(STATUSES.into_iter().filter(is_named).map(|(name, _)| name).collect())
}

/// Returns the parameter that must have another value, or that needs another parameter.
fn wrong(question: &Question, now: Timestamp) -> Option<&'static str> {
    let merchant = wanted(question, "merchant");
    let merchants_own = ["customer", "store", "external_id"];
    if merchant.is_none()
        && let Some(own) = merchants_own.into_iter().find(|it| wanted(question, it).is_some())
    {
        return Some(own);
    }
    let closed = [question.get("closed_from"), question.get("closed_to")];
    match closed {
        [Some(_), _] if state(question) == "open" => return Some("closed_from"),
        [None, Some(_)] if state(question) == "open" => return Some("closed_to"),
        _ => {}
    }
    let named = named(question);
    let is_closed = |status: &&str| CLOSED.contains(status);
    if state(question) == "open" {
        let contradicts = named.as_ref().is_some_and(|named| named.iter().any(is_closed));
        let parameter = if question.get("phase").is_some() { "phase" } else { "status" };
        return contradicts.then_some(parameter);
    }
    let (from, to) = (question.get("from").map(instant), question.get("to").map(instant));
    let statuses = statuses_wanted(question);
    let is_by_status =
        statuses.is_some_and(|statuses| statuses.len() <= 1 || statuses.iter().all(is_closed));
    let has_index = is_by_closing(question) || question.get("issues").is_some();
    if merchant.is_some() || is_by_status || has_index {
        return None;
    }
    let is_narrower = named.is_some() || wanted(question, "driver").is_some();
    match from {
        None if is_narrower => Some("state"),
        Some(from) if from.plus_seconds(366 * 24 * 60 * 60) < to.unwrap_or(now) => Some("from"),
        // Without `from` the list covers a year, and the orders of these tests are no older.
        None | Some(_) => None,
    }
}

/// Returns the selected statuses that the state leaves.
fn statuses_wanted(question: &Question) -> Option<Vec<&'static str>> {
    let mut named = named(question)?;
    if state(question) == "closed" || is_by_closing(question) {
        named.retain(|status| CLOSED.contains(status));
    }
    Some(named)
}

/// True if the list is sorted by the time at which orders entered their status: it has a single
/// open status, or closed statuses, and orders of everybody; or it has the orders closed in a
/// period, and not only those of one customer.
fn is_by_status(question: &Question) -> bool {
    if question.get("issues").is_some() {
        return false;
    }
    if is_by_closing(question) {
        return wanted(question, "customer").is_none();
    }
    let Some(statuses) = statuses_wanted(question) else { return false };
    let are_closed = statuses.iter().all(|status| CLOSED.contains(status));
    let is_open_list = state(question) == "open";
    let is_of_everybody = wanted(question, "merchant").is_none()
        && !(is_open_list && wanted(question, "driver").is_some());
    is_of_everybody && (statuses.len() == 1 || are_closed)
}
