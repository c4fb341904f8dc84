//! `GET /orders/export`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LINK};
use serde_json::Value;
use shared::auth::Caller;
use shared::domain::{Invalid, Role, Stamp, visibility};
use shared::http::{Kind, Problem, QueryParameters};

use super::{filter, list};
use crate::app::App;

/// The most orders of one answer. As a line of JSON an order has 17 KB at most, which
/// are 23 KB in the base64 that NDJSON travels in, and an answer of Lambda 6 MB.
const PAGE: u16 = 250;

/// The columns before those of the times that are kept of steps.
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Ndjson,
}

/// The orders of a list as a file, page by page: the next one is where `Link` says.
pub(super) async fn export(
    State(app): State<App>,
    caller: Caller,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    if !matches!(principal.role(), Role::Ops | Role::Merchant) {
        let detail = "Operations and merchants export orders.";
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    let (asked, bound) = (query.without(&["cursor"]), query.without(&["cursor", "format"]));
    let bound = format!("export?{bound}");
    let format = query.take("format", format).unwrap_or(Format::Csv);
    let (filter, direction) = (filter::filter(&mut query), filter::direction(&mut query));
    let cursor = query.take("cursor", |text| Ok(text.to_owned()));
    query.finish()?;
    let after = cursor.map(|cursor| app.cursors.verify(&cursor, principal, &bound)).transpose()?;
    let filter = filter.within(principal)?;
    let page = app.store.orders(&filter, direction, after.as_ref(), PAGE, app.clock.now()).await?;
    let views = page.orders.iter().filter_map(|order| visibility::order(principal, order, None));
    let rows = views.filter_map(|view| serde_json::to_value(view).ok());
    let next = page.next.map(|position| app.cursors.sign(&position, principal, &bound));
    let link = next.and_then(|cursor| list::link("/orders/export", &asked, &cursor));
    let mut response = match format {
        // The header stands once in what the pages make together.
        Format::Csv => csv(rows, after.is_none())?,
        Format::Ndjson => ndjson(rows),
    };
    response.headers_mut().extend(link.map(|link| (LINK, link)));
    Ok(response)
}

fn format(text: &str) -> Result<Format, Invalid> {
    match text {
        "csv" => Ok(Format::Csv),
        "ndjson" => Ok(Format::Ndjson),
        _ => Err(Invalid::new("must be csv or ndjson")),
    }
}

/// RFC 4180.
fn csv(rows: impl Iterator<Item = Value>, with_header: bool) -> Result<Response, Problem> {
    let columns: Vec<_> = COLUMNS.into_iter().chain(Stamp::ALL.map(Stamp::name)).collect();
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
