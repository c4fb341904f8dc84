//! `GET /orders/export`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Bounds, Order, Principal, Role, Shape, Shaped, Stamp, visibility};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http_api::{Authenticated, BasePath, Problem, ProblemKind, QueryParameters};
use serde_json::{Value, json};

use super::Reader;
use super::filter::one_of;
use super::listing::{Listing, link};
use crate::describe::{Endpoint, Header};

/// The maximum size of a file, in bytes. A Lambda response is limited to 6 MB, in which NDJSON is
/// base64, a third longer, and CSV is a JSON string, whose line breaks and quotes are escaped.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_BYTES: usize = 4_000_000;

/// The number of orders that are read at once.
const AT_ONCE: u16 = 250;

/// The maximum number of these reads for one response: at most 5,000 orders, and 10,000 heads that
/// are examined, at half a unit each.
const MAX_READS: usize = 20;

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

/// Responds with a part of the list as a file; `Link` points to the next part.
pub(super) async fn export(
    State(reader): State<Reader>,
    Authenticated(caller): Authenticated,
    base: BasePath,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    if !matches!(principal.role(), Role::Ops | Role::Merchant) {
        return Err(forbidden());
    }
    let (asked, bound) = (query.without(&["cursor"]), query.without(&["cursor", "format"]));
    let (listing, format) = take(&mut query);
    query.finish()?;
    // The concatenated pages have one header row.
    let mut file = File::new(format, listing.is_first())?;
    let bound = format!("export?{bound}");
    let mut reading = listing.open(&reader, principal, &bound)?;
    for _ in 0..MAX_READS {
        let page = reading.page(AT_ONCE).await?;
        let count = file.fill(principal, &page.orders)?;
        let is_full = count < page.orders.len();
        if count > 0 || !is_full {
            reading.after = page.after(count).cloned();
        }
        if is_full || reading.after.is_none() {
            break;
        }
    }
    let next = reading.cursor(reading.after.as_ref())?;
    let mut response = file.into_response();
    response.headers_mut().extend(link(&base, "/orders/export", &asked, next.as_ref())?);
    Ok(response)
}

fn forbidden() -> Problem {
    Problem::new(ProblemKind::Forbidden, "Only operations and merchants can export orders.")
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let text = || json!({ "schema": { "type": "string" } });
    let columns = columns().join(", ");
    let about = format!(
        "For operations and merchants. Takes the same filters as the list. A response has as many \
         orders as fit into 4 MB, at most 5,000; `Link` points to the next page, and is absent on \
         the last one. Concatenated, the pages make one file; `waybill export` writes it. An NDJSON \
         line is an order as in lists. CSV (RFC 4180) has a header row on the first page only and \
         these columns: {columns}."
    );
    it.is("exportOrders", "Orders", "Export orders as CSV or NDJSON")
        .about(&about)
        .query(take)
        .responds_as(
            StatusCode::OK,
            "One page of the file.",
            &[Header::Link, Header::Disposition],
            &[("text/csv", text()), ("application/x-ndjson", text())],
        )
        .refuses(&[ProblemKind::InvalidCursor])
        .refuses_as(forbidden())
}

fn columns() -> Vec<&'static str> {
    let stamps = Stamp::ALL.map(Stamp::name);
    COLUMNS.into_iter().chain(stamps).chain(LAST_COLUMNS).collect()
}

/// A file with as many orders as fit into a response.
struct File {
    format: Format,
    bytes: Vec<u8>,
}

impl File {
    fn new(format: Format, with_header: bool) -> Result<Self, Problem> {
        let bytes = match format {
            Format::Csv if with_header => record(columns())?,
            Format::Csv | Format::Ndjson => Vec::new(),
        };
        Ok(Self { format, bytes })
    }

    /// Adds those orders that `principal` sees, until one does not fit; returns the number of
    /// orders before it.
    fn fill(&mut self, principal: &Principal, orders: &[Order]) -> Result<usize, Problem> {
        for (count, order) in orders.iter().enumerate() {
            let Some(view) = visibility::order(principal, order, None) else { continue };
            let order = serde_json::to_value(view).map_err(Problem::from_fault)?;
            let line = match self.format {
                Format::Csv => record(columns().iter().map(|column| cell(&order, column)))?,
                Format::Ndjson => format!("{order}\n").into_bytes(),
            };
            // A single order always fits.
            if self.bytes.len() + line.len() > MAX_BYTES {
                return Ok(count);
            }
            self.bytes.extend(line);
        }
        Ok(orders.len())
    }
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let (content_type, disposition) = match self.format {
            Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"orders.csv\""),
            Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"orders.ndjson\""),
        };
        let headers = [(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, disposition)];
        (headers, self.bytes).into_response()
    }
}

/// Returns a row of CSV as specified by RFC 4180.
fn record<C: AsRef<[u8]>>(cells: impl IntoIterator<Item = C>) -> Result<Vec<u8>, Problem> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells).map_err(Problem::from_fault)?;
    writer.into_inner().map_err(Problem::from_fault)
}

fn cell(row: &Value, column: &str) -> String {
    let value = if column == "customer" { &row["customer"]["reference"] } else { &row[column] };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
