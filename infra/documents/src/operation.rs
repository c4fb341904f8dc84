//! What can be asked for over HTTP.

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, examples, items, members, text};
use super::fields::{self, Depth, Field};
use super::parts::{figure, prose};
use super::{curl, responses, schema};

/// One operation of the document.
pub(super) struct Operation<'a> {
    document: Document<'a>,
    method: &'a str,
    path: &'a str,
    said: &'a Value,
}

/// Every operation under its tag, both in the document's order.
pub(super) fn by_tag(document: Document<'_>) -> Vec<(&str, Vec<Operation<'_>>)> {
    let mut tags: Vec<(&str, Vec<Operation<'_>>)> = Vec::new();
    for (path, methods) in members(&document.0["paths"]) {
        for (method, said) in members(methods) {
            let operation = Operation { document, method, path, said };
            let tag = text(&said["tags"][0]);
            match tags.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, operations)) => operations.push(operation),
                None => tags.push((tag, vec![operation])),
            }
        }
    }
    tags
}

impl Operation<'_> {
    /// A link to it.
    pub(super) fn link(&self) -> Markup {
        html! { a href={ "#" (self.id()) } { (text(&self.said["summary"])) } }
    }

    fn id(&self) -> &str {
        text(&self.said["operationId"])
    }

    /// Whether it needs no token.
    fn is_open(&self) -> bool {
        self.said["security"].as_array().is_some_and(Vec::is_empty)
    }

    /// All of it; its commands go to `url`.
    pub(super) fn describe(&self, url: &str) -> Markup {
        let said = self.said;
        html! {
            article {
                h3 id=(self.id()) { (text(&said["summary"])) }
                p { code { b { (self.method.to_ascii_uppercase()) } " " (self.path) } }
                @if let Some(about) = said["description"].as_str() { p { (prose(about)) } }
                @if self.is_open() { p { "Needs no token." } }
                @for (place, caption) in
                    [("path", "In the path"), ("query", "In the query"), ("header", "Headers")]
                { (self.parameters(place, caption)) }
                @for (media, content) in members(&said["requestBody"]["content"]) {
                    (self.body(media, &content["schema"]))
                }
                (self.commands(url))
                (responses::describe(self.document, &said["responses"]))
            }
        }
    }

    fn parameters(&self, place: &str, caption: &str) -> Markup {
        let here = items(&self.said["parameters"]).filter(|it| it["in"] == place);
        let fields: Vec<_> = here
            .map(|it| Field {
                name: text(&it["name"]).to_owned(),
                schema: &it["schema"],
                is_required: it["required"] == true,
                about: it["description"].as_str(),
            })
            .collect();
        html! {
            @if !fields.is_empty() {
                (fields::table(self.document, caption, &fields, Depth::Whole))
            }
        }
    }

    fn body(&self, media: &str, schema: &Value) -> Markup {
        let is_required = self.said["requestBody"]["required"] == true;
        let caption = format!("Body{}: {media}", if is_required { "" } else { ", if any" });
        schema::describe(self.document, self.document.follow(schema), &caption, Depth::Whole)
    }

    /// A command for each example of a body, or one without.
    fn commands(&self, url: &str) -> Markup {
        let body = &self.said["requestBody"]["content"]["application/json"];
        let mut bodies: Vec<_> = examples(body).map(Some).collect();
        if bodies.is_empty() {
            bodies.push(None);
        }
        let route = (self.method, self.path);
        html! {
            @for body in bodies {
                (figure("For example", &curl::command(url, route, self.is_open(), body)))
            }
        }
    }
}
