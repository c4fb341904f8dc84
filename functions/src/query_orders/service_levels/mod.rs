//! `GET /reports/service-levels`.

mod progress;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::Timelines;
use domain::{
    Accuracy, Filter, MerchantId, OrderState, Role, ServiceLevel, Status, Timeline, Workflow,
};
use http::StatusCode;
use http_api::{
    Authenticated, BasePath, Cursor, FieldError, Problem, ProblemKind, QueryParameters,
};
use schemars::JsonSchema;
use serde::Serialize;

use self::progress::Progress;
use super::Reader;
use super::filter;
use super::listing::link;
use crate::describe::{Endpoint, Header, Sample};

/// The maximum number of orders whose histories one request reads.
const PAGE: usize = 1_000;

/// Service levels: the durations of stays in each status.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServiceLevels")]
struct Report {
    /// The earliest creation time of the orders (inclusive); null if not limited.
    from: Option<Timestamp>,
    /// The latest creation time of the orders (exclusive); null if not limited.
    to: Option<Timestamp>,
    /// The merchant of the orders; null for all merchants.
    merchant: Option<MerchantId>,
    /// The number of orders counted so far.
    orders: u64,
    /// The number of orders not counted, because their history cannot be parsed.
    unread: u64,
    /// The open statuses that orders entered, by workflow.
    stages: Vec<Row>,
    /// The accuracy of the estimates that customers were told, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimates: Option<Estimates>,
    /// The cursor of the next request, which continues the report; null at the end.
    next: Option<Cursor>,
}

/// The stays of orders in one status.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServiceLevel")]
struct Row {
    #[schemars(with = "Workflow")]
    workflow: &'static str,
    status: Status,
    /// The number of completed stays.
    count: u64,
    /// The median duration of completed stays, in seconds; null if there are none.
    p50_seconds: Option<u64>,
    /// The 95th percentile of the duration of completed stays, in seconds; null if there are none.
    p95_seconds: Option<u64>,
    /// The number of stays beyond their time limit, completed or not.
    breaches: u64,
    /// The number of stays not completed.
    standing: u64,
    /// The offers to drivers during the stays, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    offers: Option<Offers>,
}

/// The offers of orders to drivers in one status.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServiceLevelOffers")]
struct Offers {
    /// The number of offers.
    count: u64,
    /// The number of stays in which a driver accepted.
    accepted: u64,
    /// The median time from the first offer of a stay until a driver accepted, in seconds; null if
    /// none did.
    p50_accept_seconds: Option<u64>,
    /// The 95th percentile of this time, in seconds; null if no driver accepted.
    p95_accept_seconds: Option<u64>,
}

/// The errors of the first estimates after orders were picked up, against the times of their delivery.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EstimateAccuracy")]
struct Estimates {
    /// The number of delivered orders that had an estimate.
    count: u64,
    /// The mean time by which deliveries were later than estimated, in seconds; negative if they were
    /// earlier.
    bias_seconds: Option<i64>,
    /// The median of the errors, late or early, in seconds.
    p50_error_seconds: Option<u64>,
    /// The 90th percentile of the errors, in seconds.
    p90_error_seconds: Option<u64>,
}

impl Estimates {
    fn of(accuracy: &Accuracy) -> Option<Self> {
        let count = accuracy.errors.count();
        (count > 0).then(|| Self {
            count,
            bias_seconds: accuracy.bias_seconds(),
            p50_error_seconds: accuracy.errors.percentile(50),
            p90_error_seconds: accuracy.errors.percentile(90),
        })
    }
}

impl Row {
    fn of((workflow, status, level): (&Workflow, Status, &ServiceLevel)) -> Self {
        Self {
            workflow: workflow.name,
            status,
            count: level.ended.count(),
            p50_seconds: level.ended.percentile(50),
            p95_seconds: level.ended.percentile(95),
            breaches: level.breaches,
            standing: level.standing,
            offers: (level.offers > 0).then(|| Offers {
                count: level.offers,
                accepted: level.accepted.count(),
                p50_accept_seconds: level.accepted.percentile(50),
                p95_accept_seconds: level.accepted.percentile(95),
            }),
        }
    }
}

impl Report {
    fn new(filter: Filter, progress: &Progress, next: Option<Cursor>) -> Self {
        let Filter { from, to, merchant, .. } = filter;
        let Progress { orders, unread, levels, .. } = progress;
        let stages = levels.each().map(Row::of).collect();
        let estimates = Estimates::of(&levels.estimates);
        Self { from, to, merchant, orders: *orders, unread: *unread, stages, estimates, next }
    }
}

/// Reads `from`, `to`, `merchant` and `cursor`.
fn take(query: &mut QueryParameters) -> (Filter, Option<Cursor>) {
    let (from, to) = filter::range(query, "from", "to");
    let (state, merchant) = (OrderState::All, filter::merchant(query));
    (Filter { state, merchant, from, to, ..Filter::default() }, Cursor::take(query))
}

/// Responds with the service levels of all orders that the report has covered so far.
pub(super) async fn report(
    State(Reader { app, cursors }): State<Reader>,
    Authenticated(caller): Authenticated,
    base: BasePath,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    if !matches!(principal.role(), Role::Ops | Role::Merchant) {
        return Err(forbidden());
    }
    let asked = query.without(&["cursor"]);
    let (filter, after) = take(&mut query);
    query.finish()?;
    let filter = filter.within(principal)?;
    if filter.merchant.is_none() && filter.from.is_none() {
        return Err(wrong_from("is required unless `merchant` is given"));
    }
    let mut progress = match after {
        Some(cursor) => Progress::open(&cursors, &cursor, principal, &asked)?,
        None => Progress::default(),
    };
    let now = app.clock.now();
    let found = app.db.timelines(&filter, progress.position.as_ref(), PAGE, now).await?;
    count(&mut progress, found, now);
    let next = progress.seal(&cursors, principal, &asked)?;
    if next.as_ref().is_some_and(|next| !next.fits()) {
        let detail = "must be given, or closer to `to`: the report is too large for its cursor";
        return Err(wrong_from(detail));
    }
    let link = link(&base, "/reports/service-levels", &asked, next.as_ref())?;
    let mut response = Json(Report::new(filter, &progress, next)).into_response();
    response.headers_mut().extend(link);
    Ok(response)
}

fn wrong_from(detail: &str) -> Problem {
    Problem::fields(vec![FieldError { pointer: "?from".to_owned(), detail: detail.to_owned() }])
}

fn count(progress: &mut Progress, found: Timelines, now: Timestamp) {
    let Timelines { read, unread, next } = found;
    for Timeline { order, stages, estimate } in read {
        progress.orders += 1;
        progress.levels.add(order.placed.workflow, &stages, estimate.as_ref(), now);
    }
    for (id, error) in unread {
        progress.unread += 1;
        tracing::error!(
            order.id = %id,
            ?error,
            "an order's history cannot be parsed; the report leaves it out"
        );
    }
    progress.position = next;
}

fn forbidden() -> Problem {
    Problem::new(ProblemKind::Forbidden, "Only operations and merchants can request reports.")
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().and_then(|sample| {
        let timeline = Timeline::of(sample.order.id, &sample.events).ok()?;
        let (now, mut progress) = (sample.order.created_at.plus_seconds(90), Progress::default());
        count(&mut progress, Timelines { read: vec![timeline], ..Timelines::default() }, now);
        let merchant = Some(sample.order.placed.merchant);
        let filter = Filter { merchant, ..Filter::default() };
        serde_json::to_value(Report::new(filter, &progress, None)).ok()
    });
    let about = format!(
        "For operations and merchants. Covers the visible orders created from `from` (inclusive) \
         to `to` (exclusive); without a `merchant`, `from` is required and the range is at most 366 \
         days. A request reads the histories of at most {PAGE} orders. The next request, with \
         `cursor`, continues and adds to the counts, so the last page is the whole report. An order \
         that enters a status twice is counted twice. Durations are whole seconds, rounded up; from \
         10 s they are rounded up to the E24 series (IEC 60063: 10, 11, 12, 13, 15, 16, 18, 20, 22, \
         24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91 and their multiples by powers \
         of ten). Percentiles use the nearest-rank method."
    );
    it.is("getServiceLevels", "Reports", "Report service levels")
        .about(&about)
        .query(take)
        .responds::<Report>(StatusCode::OK, "The totals so far.", &[Header::Link])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::InvalidCursor])
        .refuses_as(forbidden())
}
