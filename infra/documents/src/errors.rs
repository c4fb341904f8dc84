//! `docs/reference/errors.md`: every type of problem, with its cause and the action to take.

use std::fmt::Write;

use functions::contract::openapi;
use http_api::ProblemKind;

use crate::document::{Document, PROBLEM, members, text};

/// Returns the page in Markdown.
pub fn page() -> String {
    let document = openapi().document;
    let document = Document(&document);
    let mut page = HEAD.to_owned();
    page.push_str("| status | type | title |\n|---|---|---|\n");
    for kind in ProblemKind::ALL {
        let (status, name, title) = kind.parts();
        let _ = writeln!(page, "| {} | [`{name}`](#{name}) | {title} |", status.as_u16());
    }
    page.push('\n');
    for kind in ProblemKind::ALL {
        let (status, name, title) = kind.parts();
        let urn = kind.urn();
        let explanation = explanation(kind);
        let _ = writeln!(
            page,
            "## {name}\n\n**{title}** · {} · `{urn}`\n\n{explanation}\n",
            status.as_u16(),
        );
        let users = users(document, name);
        if !users.is_empty() {
            let _ = writeln!(page, "Returned by {users}.\n");
        }
    }
    page.push_str(TAIL);
    page
}

const HEAD: &str = "\
# Errors

For developers who handle errors: every problem that the API returns, its cause, and the action \
to take. This page is generated; run `cargo run --bin documents` after a change.

An error has the media type `application/problem+json` ([RFC \
9457](https://www.rfc-editor.org/rfc/rfc9457)) and the members `type`, `title`, `status` and \
`detail`. Decide by `type`, which is stable; `title` and `detail` are for people. `detail` says \
how to correct the request. Problems about an order carry its `version` and the header `ETag`. \
The same problems arrive over WebSocket as `{\"type\": \"problem\", \"problem\": {…}}`.

";

const TAIL: &str = "\
## Errors of API Gateway

API Gateway rejects some requests before they reach a function, with a body of its own form, \
`{\"message\": \"…\"}`: 400 for a malformed request, 401 for a missing or invalid token, 404 for an \
unknown route, 413 for a request over 10 MB, 429 beyond a [rate \
limit](limits.md#bounds-of-a-request), 431 for headers that are too large, 500 and 503 when it \
cannot call the function. Retry 429, 500 and 503 with backoff and the same `Idempotency-Key`.

The runner answers in the same form. It has two more: 408 for a body that takes longer than ten \
seconds, and 421 for a `Host` that is not the runner's (`--host` adds one). Its 413 begins at 6 MB, \
and at 64 KB without a token; its 429 also says that too many requests or bodies are held at once.
";

/// Returns links to the endpoints that return a problem, or nothing if every endpoint does.
fn users(document: Document<'_>, problem: &str) -> String {
    let users: Vec<_> = document
        .operations()
        .filter(|(.., operation)| {
            members(&operation["responses"]).any(|(_, response)| {
                let examples = &response["content"][PROBLEM]["examples"];
                examples.get(problem).is_some()
            })
        })
        .map(|(.., operation)| {
            let id = text(&operation["operationId"]);
            format!("[{id}](http.md#{})", id.to_lowercase())
        })
        .collect();
    if users.len() == document.operations().count() { String::new() } else { users.join(", ") }
}

/// Returns the cause of a problem and the action to take.
#[expect(clippy::too_many_lines, reason = "one text for each kind")]
const fn explanation(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::InvalidJson => {
            "The body is not valid JSON, or a message over WebSocket is not. `detail` names the \
             position. Correct the body."
        }
        ProblemKind::InvalidHeader => {
            "`If-Match`, `If-None-Match` or `Idempotency-Key` is malformed. `detail` names the \
             header and its form."
        }
        ProblemKind::InvalidCursor => {
            "The cursor was changed, belongs to another caller or query, or comes from another \
             release. Start again from the first page."
        }
        ProblemKind::Unauthorized => {
            "The request reached a function without the claims of a token. Deployed, API Gateway \
             rejects such a request first, with its own 401 (see below). The live clients report a \
             handshake that was rejected twice with this type. Get a new token from the issuer."
        }
        ProblemKind::Forbidden => {
            "The caller may see the order, but the caller's role may never do this with an order \
             of its workflow, or may not use the endpoint. For a change of an order, `allowed` (statuses) and `operations` \
             list what the caller can do."
        }
        ProblemKind::NotFound => {
            "The order does not exist, or the caller may not see it; the response does not say \
             which. The same holds for merchants, issues, substitutions and topics."
        }
        ProblemKind::TransitionNotAllowed => {
            "The caller cannot make this transition from the order's current status, or nobody \
             can. `order_status` is the current status; `allowed` (statuses) and `operations` list what \
             the caller can do now. Often another request was faster: fetch the order, and retry \
             only if the change still makes sense. [workflows.md](workflows.md) has all transitions."
        }
        ProblemKind::OwnedByOperation => {
            "The transition needs more information than a status. Call `POST \
             /orders/{id}/OPERATION` with the `operation` that the problem names."
        }
        ProblemKind::AlreadyAssigned => {
            "The order is assigned to the driver `driver`, or is with the store `store`. If these \
             are yours, nothing needs to be done. If the order has another driver, somebody else \
             was faster: leave it, or send `If-Match` with the order's version, or `\"replace\": \
             true`, to take the order from this driver. Nothing was changed."
        }
        ProblemKind::DriverUnavailable => {
            "The driver is off duty, or has as many open orders as the capacity allows; `driver` names \
             them. Assign another driver, or wait. Operations can assign the order all the same."
        }
        ProblemKind::OfferOver => {
            "The offer to this driver is over: another driver has accepted it, its time has passed, \
             the order is closed, or the driver has declined or is not registered any more. `detail` says which. Nothing was \
             changed; wait for the next offer."
        }
        ProblemKind::OfferStands => {
            "The order is offered to drivers who can still accept: somebody was faster, or a request \
             that was repeated had been made. Wait for the end of the offer, or send `If-Match` with \
             the order's version, or `\"replace\": true`, to offer the order to others instead. \
             Nothing was changed."
        }
        ProblemKind::DriverExists => {
            "The id belongs to a registered driver, perhaps of another fleet. Change the driver with \
             `PATCH`, or use the id of the driver's token."
        }
        ProblemKind::DriverBusy => {
            "The driver has open orders, which `orders` of the driver lists. Assign them to others \
             first. Operations can end a duty all the same with `force`."
        }
        ProblemKind::LineTaken => {
            "The order's line `line` is removed, or named twice, or a substitution of it is not \
             answered yet: then have it answered first. The quantity of a line with a substitution \
             is changed by reporting a shortage; its price can be corrected."
        }
        ProblemKind::Answered => {
            "The substitution has been answered; `answer` is the answer that counts."
        }
        ProblemKind::TooMany => {
            "The order has reached its maximum number of substitutions, or of open issues of \
             the caller, see [limits.md](limits.md). Resolve an issue before opening another; no \
             further substitution can be proposed for the order."
        }
        ProblemKind::IssueNotOpen => {
            "The issue does not exist or is resolved. `issues` lists the open ones."
        }
        ProblemKind::OrderClosed => {
            "The operation requires an open order, and the order has reached a final status."
        }
        ProblemKind::OrderOpen => {
            "The operation requires a closed order, for example to erase personal data. Complete \
             or cancel the order first."
        }
        ProblemKind::OrderErased => {
            "The order cannot be reopened, because its personal data is erased. Create a new order."
        }
        ProblemKind::HandoverLocked => {
            "The handover code was wrong too often. Only operations can complete the delivery now."
        }
        ProblemKind::WrongHandoverCode => {
            "The handover code does not match the order's. The attempt was recorded; `tries_left` \
             is the number of attempts left."
        }
        ProblemKind::ExternalIdTaken => {
            "Another order of the merchant has this `external_id`; `order_id` names it if you see \
             it. If you are retrying a creation, use the same `Idempotency-Key` to get its result. \
             Once the other order is cancelled, the `external_id` can be used again."
        }
        ProblemKind::Contended => {
            "Other requests kept changing the order until this one gave up. The change was not \
             made. Fetch the order and retry."
        }
        ProblemKind::PreconditionFailed => {
            "The order is not at the version that `If-Match` names. `version` and `ETag` are the \
             current ones. Fetch the order, decide again, and retry with the new `ETag`."
        }
        ProblemKind::TooLarge => "The body is larger than 64 KB.",
        ProblemKind::UnsupportedMediaType => "The body's `Content-Type` is not `application/json`.",
        ProblemKind::InvalidFields => {
            "Fields of the body or parameters of the query are invalid. `errors` names \
             every one of them, up to 100: `pointer` is a JSON Pointer ([RFC \
             6901](https://www.rfc-editor.org/rfc/rfc6901)), or `?name` for a parameter; \
             `detail` completes the sentence \"NAME …\"."
        }
        ProblemKind::KeyReused => {
            "The `Idempotency-Key` was used before with a different body. Use a new key for a new \
             request, and the exact same bytes for a retry."
        }
        ProblemKind::TooManyTopics => {
            "The WebSocket connection has reached its maximum number of subscriptions. Unsubscribe \
             from a topic, or open another connection."
        }
        ProblemKind::TooManyMessages => {
            "The WebSocket connection sends messages too fast. The message was not processed; send \
             it again later. A connection that does not slow down is closed."
        }
        ProblemKind::TooManyConnections => {
            "You have as many WebSocket connections as one person or program can have. Close one, \
             or try again in a few minutes: a connection that was lost, without a word of its \
             client, counts for up to twelve. A handshake is refused with 429 alone."
        }
        ProblemKind::TooManyWebhooks => {
            "The merchant has as many webhooks as it can have. Delete one that is no longer used, or \
             let one receive the events of several."
        }
        ProblemKind::WebhookDisabled => {
            "The webhook is disabled, so messages would not be sent. Enable it with `PATCH` first."
        }
        ProblemKind::Internal => {
            "An unexpected error, which has been logged. Retry with the same `Idempotency-Key`; if \
             the error persists, report it with the time of the request."
        }
        ProblemKind::Unavailable => {
            "The database is throttling or did not respond. The response does not say whether the \
             change was made. Retry after the seconds in `Retry-After`, with the same \
             `Idempotency-Key`, which makes the retry safe."
        }
    }
}
