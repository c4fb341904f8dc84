//! What is said over WebSocket.

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, items, members, pretty, referred, text};
use super::fields::{self, Depth};
use super::parts::{figure, prose};
use super::schema;

/// The channels with their handshakes, and each direction's messages.
pub(super) fn section(document: Document<'_>) -> Markup {
    html! {
        section aria-labelledby="live" {
            h2 id="live" { (text(&document.0["info"]["title"])) }
            p { (prose(text(&document.0["info"]["description"]))) }
            @for (_, server) in members(&document.0["servers"]) { (address(server)) }
            @for (_, channel) in members(&document.0["channels"]) {
                p { (prose(text(&channel["description"]))) }
                @let query = &channel["bindings"]["ws"]["query"];
                @if query.get("properties").is_some() {
                    @let fields = fields::of(document, query, Depth::Whole);
                    (fields::table(document, "In the handshake's query", &fields, Depth::Whole))
                }
            }
            @for (name, operation) in members(&document.0["operations"]) {
                h3 id={ "live-" (name) } { (title(operation)) }
                @for reference in items(&operation["messages"]) {
                    (message(document, reference))
                }
            }
        }
    }
}

fn address(server: &Value) -> Markup {
    let [protocol, host, path] = ["protocol", "host", "pathname"].map(|it| text(&server[it]));
    html! {
        p {
            code { (protocol) "://" (host) (path) }
            @for (name, variable) in members(&server["variables"]) {
                "; " code { (name) } ": " (prose(text(&variable["description"])))
            }
        }
    }
}

/// Links to all of it.
pub(super) fn contents(document: Document<'_>) -> Markup {
    html! {
        ul {
            @for (name, operation) in members(&document.0["operations"]) {
                li {
                    a href={ "#live-" (name) } { (title(operation)) }
                    ul {
                        @for name in items(&operation["messages"]).filter_map(referred) {
                            li { a href={ "#message-" (name) } { (name) } }
                        }
                    }
                }
            }
        }
    }
}

/// The document describes the server: what it receives is what clients send.
fn title(operation: &Value) -> Markup {
    let direction = match text(&operation["action"]) {
        "receive" => "client → server",
        _ => "server → client",
    };
    html! { (text(&operation["title"])) " (" (direction) ")" }
}

fn message(document: Document<'_>, reference: &Value) -> Markup {
    let message = document.follow(reference);
    let payload = document.follow(&message["payload"]);
    let name = referred(reference).unwrap_or_default();
    html! {
        article {
            h4 id={ "message-" (name) } { code { (name) } }
            @for about in ["summary", "description"].map(|it| text(&message[it])) {
                @if !about.is_empty() { p { (prose(about)) } }
            }
            (schema::describe(document, payload, "Fields", Depth::Linked))
            @for example in items(&message["examples"]) {
                (figure("For example", &pretty(&example["payload"])))
            }
        }
    }
}
