//! The filters of `GET /orders`.

use clock::Timestamp;
use domain::{
    Bounds, CustomerReference, Direction, DriverId, ExternalId, Filter, Invalid, MerchantId,
    OrderState, Phase, Shape, Shaped, Status, StoreId, Workflow, statuses,
};
use http_api::{QueryParameters, time_or_date};

const DELAYED: &str = "Only orders that are past the time limit of their status.";

/// Reads `state`, `status` (repeatable), `phase`, `merchant`, `store`, `customer`, `driver`,
/// `external_id`, `delayed`, `issues`, and the times `from` and `closed_from` (inclusive), `to` and
/// `closed_to` (exclusive). A bare date means the start of that day in UTC.
pub(super) fn filter(query: &mut QueryParameters) -> Filter {
    let state = query.take("state", state);
    let filter = Filter {
        statuses: query.take_all("status", status).into_iter().map(Status::name).collect(),
        phase: query.take("phase", phase),
        merchant: merchant(query),
        store: query.take("store", StoreId::parse),
        customer: query.take("customer", CustomerReference::parse),
        driver: query.take("driver", DriverId::parse),
        external_id: query.take("external_id", ExternalId::parse),
        delayed: query.flag("delayed", DELAYED),
        has_issues: query.take("issues", open_issues).is_some(),
        ..Filter::default()
    };
    let (from, to) = range(query, "from", "to");
    let (closed_from, closed_to) = range(query, "closed_from", "closed_to");
    let filter = Filter { from, to, closed_from, closed_to, ..filter };
    Filter { state: state.unwrap_or_else(|| filter.implied_state()), ..filter }
}

/// Reads `merchant`.
pub(super) fn merchant(query: &mut QueryParameters) -> Option<MerchantId> {
    query.take("merchant", MerchantId::parse)
}

/// Reads `order`.
pub(super) fn direction(query: &mut QueryParameters) -> Direction {
    query.take("order", |text| one_of(Direction::ALL, Direction::name, text)).unwrap_or_default()
}

/// The maximum number of orders on a page.
struct Limit(u16);

impl Shaped for Limit {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The maximum number of orders per page; 50 by default.",
        bounds: Bounds::Integer(1, 100),
    };
}

/// Reads `limit`.
pub(super) fn limit(query: &mut QueryParameters) -> u16 {
    let limit = query.take("limit", |text| match text.parse() {
        Ok(limit @ 1..=100) => Ok(Limit(limit)),
        _ => Err(Invalid::new("must be a whole number from 1 to 100")),
    });
    limit.map_or(50, |Limit(limit)| limit)
}

fn state(text: &str) -> Result<OrderState, Invalid> {
    one_of(OrderState::ALL, OrderState::name, text)
}

fn status(text: &str) -> Result<Status, Invalid> {
    let known = Workflow::ALL.iter().flat_map(|workflow| workflow.statuses);
    let status = known.copied().find(|status| status.name() == text);
    status.ok_or_else(|| {
        let names: Vec<_> = statuses().map(|(name, _)| name).collect();
        let names = names.join(", ");
        Invalid(format!("must be one of: {names}; for several, repeat the parameter").into())
    })
}

/// A marker that only orders with open issues are requested.
struct OpenIssues;

impl Shaped for OpenIssues {
    const SHAPE: Shape = Shape {
        name: None,
        about: "Only orders with open issues, which closed orders can have too.",
        bounds: Bounds::OneOf(|| vec!["open"]),
    };
}

fn open_issues(text: &str) -> Result<OpenIssues, Invalid> {
    if text == "open" { Ok(OpenIssues) } else { Err(Invalid::new("must be open, or omitted")) }
}

fn phase(text: &str) -> Result<Phase, Invalid> {
    one_of(Phase::ALL, Phase::name, text)
}

/// Returns the value with the name `text`.
pub(super) fn one_of<T: Copy, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
    text: &str,
) -> Result<T, Invalid> {
    all.into_iter().find(|it| name(*it) == text).ok_or_else(|| {
        let names = all.map(name).join(", ");
        Invalid(format!("must be one of: {names}").into())
    })
}

/// The start or the end of a time range.
struct TimeBound(Timestamp);

impl Shaped for TimeBound {
    const SHAPE: Shape = Shape {
        name: None,
        about: "An RFC 3339 time, or a date, meaning the start of that day in UTC.",
        bounds: Bounds::AnyOf(&[Bounds::Format("date"), Bounds::Format("date-time")]),
    };
}

/// Reads the start (inclusive) and the end (exclusive) of a time range, which must not be empty.
pub(super) fn range(
    query: &mut QueryParameters,
    from: &'static str,
    to: &'static str,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let mut bound = |name| {
        let bound = query.take(name, |text| time_or_date(text).map(TimeBound));
        bound.map(|TimeBound(time)| time)
    };
    let (start, end) = (bound(from), bound(to));
    if start.zip(end).is_some_and(|(start, end)| start >= end) {
        query.wrong(to, &format!("must be after `{from}`"));
    }
    (start, end)
}
