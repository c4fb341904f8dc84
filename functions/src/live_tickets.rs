//! `POST /live/tickets`: a ticket for clients that cannot send a header with the WebSocket
//! handshake, such as browsers.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::Ticket;
use http::StatusCode;
use http_api::{Authenticated, Problem};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::routes::{Method, Routes};

/// The lifetime of an unused ticket.
const LIFETIME_SECONDS: i64 = 60;

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<App>>(routes: R) -> R {
    routes.route(Method::Post, "/live/tickets", issue, |it| {
        it.is("issueLiveTicket", "Live", "Issue a ticket for one WebSocket connection")
            .about(
                "For clients that cannot send headers with the WebSocket handshake, such as \
                 browsers. Connect with `?ticket=` within 60 seconds.",
            )
            .responds::<View<'_>>(StatusCode::CREATED, "The ticket.", &[])
    })
}

/// A ticket that opens one WebSocket connection.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LiveTicket")]
struct View<'a> {
    /// The ticket, valid for one connection. Send it as the query parameter `ticket`.
    ticket: &'a str,
    /// The time at which the unused ticket expires.
    expires_at: Timestamp,
}

async fn issue(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    let ends = app.clock.now().plus_seconds(LIFETIME_SECONDS).min(caller.expires_at);
    let ticket = Ticket::random();
    app.db.issue_ticket(&ticket, &caller.principal, ends, caller.expires_at).await?;
    let body = Json(View { ticket: ticket.reveal(), expires_at: ends });
    Ok((StatusCode::CREATED, body).into_response())
}
