//! `POST /live/tickets`: a ticket for clients that cannot send a header with the WebSocket
//! handshake, such as browsers.

use axum::Json;
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::Ticket;
use domain::ClaimNames;
use http::StatusCode;
use http_api::{Authenticated, Problem, ProblemKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::{self, App};
use crate::live::{ConnectionBound, too_many_connections};
use crate::routes::{Method, Routes};
use crate::{Environment, VariableError};

/// The lifetime of an unused ticket.
const LIFETIME_SECONDS: i64 = 60;

/// The state of this handler: also has the bound of connections.
#[derive(Clone)]
pub(crate) struct TicketIssuer {
    app: App,
    bound: ConnectionBound,
}

impl app::State for TicketIssuer {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        Ok(Self { app: App::new(env)?, bound: ConnectionBound::new(env)? })
    }
}

impl FromRef<TicketIssuer> for ClaimNames {
    fn from_ref(issuer: &TicketIssuer) -> Self {
        Self::from_ref(&issuer.app)
    }
}

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<TicketIssuer>>(routes: R) -> R {
    routes.route(Method::Post, "/live/tickets", issue, |it| {
        it.is("issueLiveTicket", "Live", "Issue a ticket for one WebSocket connection")
            .about(
                "For clients that cannot send headers with the WebSocket handshake, such as \
                 browsers. Connect with `?ticket=` within 60 seconds.",
            )
            .responds::<View<'_>>(StatusCode::CREATED, "The ticket.", &[])
            .refuses(&[ProblemKind::TooManyConnections])
            .refuses_as(too_many_connections(20))
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
    State(TicketIssuer { app, bound }): State<TicketIssuer>,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    // A browser does not show its page why a handshake was refused. The handshake itself is
    // decided when it comes, by a transaction.
    if let Some(most) = bound.of(caller.principal.role())
        && app.db.connections_of(&caller.principal).await? >= most
    {
        return Err(too_many_connections(most));
    }
    let ends = app.clock.now().plus_seconds(LIFETIME_SECONDS).min(caller.expires_at);
    let ticket = Ticket::random();
    app.db.issue_ticket(&ticket, &caller.principal, ends, caller.expires_at).await?;
    let body = Json(View { ticket: ticket.reveal(), expires_at: ends });
    Ok((StatusCode::CREATED, body).into_response())
}
