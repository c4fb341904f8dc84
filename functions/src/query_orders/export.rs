//! `GET /orders/export`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Bounds, Role, Shape, Shaped, Stamp, visibility};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_api::{Authenticated, BasePath, Problem, ProblemKind, QueryParameters};
use serde_json::{Value, json};

use super::Reader;
use super::filter::one_of;
use super::listing::{Found, Listing, link};
use crate::describe::{Endpoint, Header};

/// The maximum number of orders in one response. An order takes at most 17 KB as a JSON line,
/// which is 23 KB in the base64 that carries NDJSON; a Lambda response is limited to 6 MB.
const PAGE: u16 = 250;

/// The columns before the timestamps of steps.
const COLUMNS: [&str; 15] = [
    "id",
    "external_id",
    "merchant",
    "store",
    "customer",
    "workflow",
    "status",
    "phase",
    "version",
    "created_at",
    "updated_at",
    "status_since",
    "driver",
    "currency",
    "total",
];

/// The columns after the timestamps. New columns are appended, so that the positions of others
/// stay the same.
const LAST_COLUMNS: [&str; 2] = ["deadline", "delayed_since"];

#[derive(Clone, Copy)]
enum Format {
    Csv,
    Ndjson,
}

impl Format {
    const ALL: [Self; 2] = [Self::Csv, Self::Ndjson];

    const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

impl Shaped for Format {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The file format; `csv` by default.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
    };
}

fn take(query: &mut QueryParameters) -> (Listing, Format) {
    let format = query.take("format", |text| one_of(Format::ALL, Format::name, text));
    (Listing::take(query), format.unwrap_or(Format::Csv))
}

/// Responds with a page of the list as a file; `Link` points to the next page.
pub(super) async fn export(
    State(reader): State<Reader>,
    Authenticated(caller): Authenticated,
    base: BasePath,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let (asked, bound) = (query.without(&["cursor"]), query.without(&["cursor", "format"]));
    let (listing, format) = take(&mut query);
    query.finish()?;
    if !matches!(principal.role(), Role::Ops | Role::Merchant) {
        let detail = "Only operations and merchants can export orders.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    let is_first = listing.is_first();
    let bound = format!("export?{bound}");
    let Found { orders, next } = listing.find(&reader, principal, &bound, PAGE).await?;
    let views = orders.iter().filter_map(|order| visibility::order(principal, order, None));
    let rows: Result<Vec<_>, _> = views.map(serde_json::to_value).collect();
    let rows = rows.map_err(Problem::from_fault)?.into_iter();
    let mut response = match format {
        // The concatenated pages have one header row.
        Format::Csv => csv(rows, is_first)?,
        Format::Ndjson => ndjson(rows),
    };
    response.headers_mut().extend(link(&base, "/orders/export", &asked, next.as_ref())?);
    Ok(response)
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let text = || json!({ "schema": { "type": "string" } });
    let columns = columns().join(", ");
    let about = format!(
        "For operations and merchants. Takes the same filters as the list. A response has at most \
         {PAGE} orders, and `Link` points to the next page; concatenated, the pages make one file. \
         An NDJSON line is an order as in lists. CSV (RFC 4180) has a header row on the first page \
         only and these columns: {columns}."
    );
    it.is("exportOrders", "Orders", "Export orders as CSV or NDJSON")
        .about(&about)
        .query(take)
        .responds_as(
            StatusCode::OK,
            "One page of the file.",
            &[Header::Link],
            &[("text/csv", text()), ("application/x-ndjson", text())],
        )
        .refuses(&[ProblemKind::InvalidCursor])
}

fn columns() -> Vec<&'static str> {
    let stamps = Stamp::ALL.map(Stamp::name);
    COLUMNS.into_iter().chain(stamps).chain(LAST_COLUMNS).collect()
}

/// Writes CSV as specified by RFC 4180.
fn csv(rows: impl Iterator<Item = Value>, with_header: bool) -> Result<Response, Problem> {
    let columns = columns();
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let header = with_header.then(|| columns.iter().map(ToString::to_string).collect());
    let rows = rows.map(|row| columns.iter().map(|column| cell(&row, column)).collect::<Vec<_>>());
    for record in header.into_iter().chain(rows) {
        writer.write_record(&record).map_err(Problem::from_fault)?;
    }
    let file = writer.into_inner().map_err(Problem::from_fault)?;
    Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8")], file).into_response())
}

fn cell(row: &Value, column: &str) -> String {
    let value = if column == "customer" { &row["customer"]["reference"] } else { &row[column] };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn ndjson(rows: impl Iterator<Item = Value>) -> Response {
    let file: String = rows.flat_map(|row| [row.to_string(), "\n".to_owned()]).collect();
    ([(CONTENT_TYPE, "application/x-ndjson")], file).into_response()
}
