//! What is answered over HTTP, and the problems among it.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;

use super::bounds::bounds;
use super::document::{Document, examples, members, pretty, referred, text};
use super::parts::{figure, head, prose};
use super::schema::kind;

const PROBLEM: &str = "application/problem+json";

/// Every answer of an operation by its status, and examples of those that are no
/// problems.
pub(super) fn describe(document: Document<'_>, responses: &Value) -> Markup {
    html! {
        table {
            caption { "Answers" }
            (head(&["Status", "Meaning", "Body", "Headers"]))
            tbody {
                @for (status, response) in members(responses) {
                    (row(status, document.follow(response)))
                }
            }
        }
        @for (status, response) in members(responses) {
            @let caption = format!("An answer of {status}");
            @let contents = members(&response["content"]).filter(|(media, _)| *media != PROBLEM);
            @for example in contents.flat_map(|(_, content)| examples(content)) {
                (figure(&caption, &pretty(example)))
            }
        }
    }
}

fn row(status: &str, response: &Value) -> Markup {
    html! {
        tr {
            th scope="row" { (status) }
            td { (prose(text(&response["description"]))) }
            td {
                @for (media, content) in members(&response["content"]) {
                    p { (kind(&content["schema"])) ", " code { (media) } }
                    @if media == PROBLEM { (problem_links(content)) }
                }
            }
            td {
                @for (name, header) in members(&response["headers"]) {
                    p { a href={ "#header-" (referred(header).unwrap_or(name)) } { (name) } }
                }
            }
        }
    }
}

fn problem_links(content: &Value) -> Markup {
    html! {
        ul {
            @for (name, _) in members(&content["examples"]) {
                li { a href={ "#problem-" (name) } { (name) } }
            }
        }
    }
}

/// Every problem that some operation answers, by its status.
pub(super) fn problems(document: Document<'_>) -> Markup {
    let operations = members(&document.0["paths"]).flat_map(|(_, methods)| members(methods));
    let responses = operations.flat_map(|(_, said)| members(&said["responses"]));
    let examples = responses.flat_map(|(status, response)| {
        let examples = members(&response["content"][PROBLEM]["examples"]);
        examples.map(move |(name, example)| ((status, name), &example["value"]))
    });
    let problems: BTreeMap<_, _> = examples.collect();
    html! {
        section aria-labelledby="problems" {
            h2 id="problems" { "Problems" }
            table {
                caption { "What " code { "type" } " can be" }
                (head(&["Type", "Status", "Title"]))
                tbody {
                    @for ((status, name), problem) in problems {
                        tr id={ "problem-" (name) } {
                            th scope="row" { code { (text(&problem["type"])) } }
                            td { (status) }
                            td { (text(&problem["title"])) }
                        }
                    }
                }
            }
        }
    }
}

/// Every header that answers have.
pub(super) fn headers(document: Document<'_>) -> Markup {
    html! {
        section aria-labelledby="headers" {
            h2 id="headers" { "Headers of answers" }
            dl {
                @for (name, header) in document.components("headers") {
                    dt id={ "header-" (name) } { code { (name) } }
                    dd {
                        (prose(text(&header["description"]))) " " (kind(&header["schema"]))
                        (bounds(&header["schema"]))
                    }
                }
            }
        }
    }
}
