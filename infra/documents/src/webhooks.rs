//! The messages of webhooks as a page for people: `docs/reference/webhooks.md`.

use std::fmt::Write;
use std::time::Duration;

use clock::Timestamp;
use domain::visibility::EventView;
use domain::webhooks::{EventType, FAILING_FOR, Outcome, Verdict, verdict};
use schemars::schema_for;
use serde_json::Value;

/// Returns the page in Markdown.
pub fn page() -> String {
    let example = functions::contract::webhook_message().unwrap_or_default();
    let example = serde_json::to_string_pretty(&example).unwrap_or_default();
    let schema = schema_for!(EventView<'_>).to_value();
    let types: String = EventType::ALL.iter().map(|it| row(*it, &schema)).collect();
    format!(
        "{HEAD}\n```json\n{example}\n```\n\n## Types\n\n| type | meaning |\n|---|---|\n{types}| \
         `webhook.test` | The owner of the webhook tries it. `data` has the webhook's id. |\n\n\
         {ATTEMPTS}\n\n| failed attempt | next attempt |\n|---|---|\n{}\nAn endpoint without a success \
         for {} days is disabled when the next attempt fails.\n",
        schedule(),
        FAILING_FOR.as_secs() / (24 * 60 * 60),
    )
}

const HEAD: &str = "\
# Webhook messages

For developers who receive webhooks: the messages, their types, and the times of attempts. \
[Receive webhooks](../how-to/receive-webhooks.md) shows how to verify and process them. This page is \
generated from the code; run `cargo run --bin documents` after a change.

A message is a POST with these headers, by the specification [Standard Webhooks 1.0.0]\
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):

| header | content |
|---|---|
| `webhook-id` | the message's id, `msg_ORDER_VERSION`: the same in every attempt and in a replay |
| `webhook-timestamp` | the time of the attempt, in seconds since 1970 |
| `webhook-signature` | `v1,` and the Base64 of the HMAC-SHA256 of `ID.TIMESTAMP.BODY`; two, with a \
space between them, for 24 hours after the secret was replaced |

The body is JSON: the `type`, the time of the event, the event as in the order's history, and the \
order right after the event, as the merchant sees it in lists: without personal details. It is the \
same in every attempt, byte for byte, whatever happened to the order since.
";

const ATTEMPTS: &str = "\
## Attempts

A status from 200 to 299 accepts a message. Every other status, a redirect too, no connection, and no \
response within 15 seconds are failures. An endpoint that takes more than 2 seconds is served \
from a queue of slow endpoints for the next 10 minutes; the attempt that found out is broken off and repeated there. At \
most 1 KB of a response is read. 410 disables the webhook. With 429, 502, 503 or 504, a \
`Retry-After` holds back the message for a day at most, and all others to the endpoint for an hour at \
most. Without it, 429, 502 and 504 hold back all of them for 30 seconds.

A message is not sent any more if the webhook was deleted or disabled, or no longer sees the order, \
such as that of a store which lost it. The list of deliveries then says `dropped`.";

fn row(event_type: EventType, schema: &Value) -> String {
    let name = event_type.name().trim_start_matches("order.");
    let kinds = schema["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
    let kind = kinds.iter().find(|kind| kind["properties"]["type"]["const"] == name);
    let about = kind.and_then(|kind| kind["description"].as_str()).unwrap_or_default();
    format!("| `{}` | {about} |\n", event_type.name())
}

/// Returns a row for each attempt that fails, from the rule itself.
fn schedule() -> String {
    let mut rows = String::new();
    for attempt in 1.. {
        let failed = Outcome::TimedOut;
        let Verdict::Retry(after) = verdict(failed, attempt, None, Timestamp::EPOCH) else {
            let _ = writeln!(rows, "| {attempt} | none |");
            break;
        };
        let _ = writeln!(rows, "| {attempt} | after {} |", duration(after));
    }
    rows
}

fn duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} seconds"),
        seconds @ 60..3600 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3600),
    }
}
