//! The page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::document::{Document, text};
use super::operation::{Operation, by_tag};
use super::parts::prose;
use super::{STYLE, live, responses, schema};

/// Both documents on one page that needs nothing else; its commands go to `url`.
pub(super) fn page(openapi: Document<'_>, asyncapi: Document<'_>, url: &str) -> Markup {
    let tags = by_tag(openapi);
    let info = &openapi.0["info"];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (text(&info["title"])) ": the contract" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "To the content" }
                header {
                    h1 { (text(&info["title"])) " " small { (text(&info["version"])) } }
                    p { (prose(text(&info["description"]))) }
                    (sources(openapi, url))
                }
                (contents(&tags, asyncapi))
                main id="content" {
                    @for (tag, operations) in &tags {
                        section aria-labelledby={ "tag-" (tag) } {
                            h2 id={ "tag-" (tag) } { (tag) }
                            @for operation in operations { (operation.describe(url)) }
                        }
                    }
                    (live::section(asyncapi))
                    (responses::problems(openapi))
                    (responses::headers(openapi))
                    (schema::section(openapi, asyncapi))
                }
            }
        }
    }
}

fn sources(openapi: Document<'_>, url: &str) -> Markup {
    html! {
        p {
            "This page is made of " a href="/openapi.json" { "OpenAPI 3.1" } " and "
            a href="/asyncapi.json" { "AsyncAPI 3" } ". Its commands go to " code { (url) }
            " and take a token from " code { "$TOKEN" } "."
        }
        @for (_, scheme) in openapi.components("securitySchemes") {
            p { (prose(text(&scheme["description"]))) }
        }
    }
}

fn contents(tags: &[(&str, Vec<Operation<'_>>)], asyncapi: Document<'_>) -> Markup {
    html! {
        nav aria-labelledby="contents" {
            h2 id="contents" { "Contents" }
            ul {
                @for (tag, operations) in tags {
                    li {
                        a href={ "#tag-" (tag) } { (tag) }
                        ul { @for operation in operations { li { (operation.link()) } } }
                    }
                }
                li { a href="#live" { "Live messages" } (live::contents(asyncapi)) }
                li { a href="#problems" { "Problems" } }
                li { a href="#headers" { "Headers of answers" } }
                li { a href="#schemas" { "Schemas" } }
            }
        }
    }
}
