//! What recurs on the page.

use maud::{Markup, html};
use serde_json::Value;

/// Plain text in which code stands between backticks.
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A block of code under its caption.
pub(super) fn figure(caption: &str, code: &str) -> Markup {
    html! { figure { figcaption { (caption) } pre { code { (code) } } } }
}

/// The head of a table.
pub(super) fn head(names: &[&str]) -> Markup {
    html! { thead { tr { @for name in names { th scope="col" { (name) } } } } }
}

/// A JSON value; a string is not quoted.
pub(super) fn code(value: &Value) -> Markup {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    html! { code { (text) } }
}

/// One after another.
pub(super) fn list(parts: impl Iterator<Item = Markup>, between: &str) -> Markup {
    html! { @for (at, part) in parts.enumerate() { @if at > 0 { (between) } (part) } }
}
