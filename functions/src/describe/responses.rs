//! The responses of a route, as the document has them.

use http::StatusCode;
use http_api::{Problem, ProblemBody, ProblemKind};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A header of a response: `components/headers` says what it holds.
#[derive(Clone, Copy)]
pub(crate) enum Header {
    ETag,
    Location,
    Link,
    Replayed,
    RetryAfter,
}

impl Header {
    const ALL: [Self; 5] =
        [Self::ETag, Self::Location, Self::Link, Self::Replayed, Self::RetryAfter];

    const fn name(self) -> &'static str {
        match self {
            Self::ETag => "ETag",
            Self::Location => "Location",
            Self::Link => "Link",
            Self::Replayed => "Idempotent-Replayed",
            Self::RetryAfter => "Retry-After",
        }
    }

    fn describe(self) -> Value {
        let (about, schema) = match self {
            Self::ETag => (
                "The order's version in quotes.",
                json!({ "type": "string", "pattern": "^\"[0-9]+\"$" }),
            ),
            Self::Location => ("The order's path.", json!({ "type": "string" })),
            Self::Link => (
                "A link to the next page (RFC 8288); absent on the last page.",
                json!({ "type": "string" }),
            ),
            Self::Replayed => (
                "Present if this is the stored response of an earlier request with the same \
                 Idempotency-Key.",
                json!({ "type": "string", "const": "true" }),
            ),
            Self::RetryAfter => ("Seconds.", json!({ "type": "string", "pattern": "^[0-9]+$" })),
        };
        json!({ "description": about, "schema": schema })
    }
}

/// Every header of responses.
pub(crate) fn headers() -> Value {
    Header::ALL
        .map(|it| (it.name().to_owned(), it.describe()))
        .into_iter()
        .collect::<Map<_, _>>()
        .into()
}

/// A response that is no problem; `content` is by media type.
pub(super) fn response(about: &str, headers: &[Header], content: Map<String, Value>) -> Value {
    let mut response = json!({ "description": about });
    if !headers.is_empty() {
        let refer = |it: &Header| {
            let name = it.name();
            (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))
        };
        response["headers"] = headers.iter().map(refer).collect::<Map<_, _>>().into();
    }
    if !content.is_empty() {
        response["content"] = content.into();
    }
    response
}

/// What API Gateway answers of itself.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is described and never made")]
struct GatewayMessage {
    /// What is wrong.
    message: String,
}

const TELL_VERSION: [StatusCode; 5] = [
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::CONFLICT,
    StatusCode::PRECONDITION_FAILED,
    StatusCode::UNPROCESSABLE_ENTITY,
];

/// The responses that are problems of these kinds, and what API Gateway refuses of
/// itself, by status.
pub(super) fn refusals(
    generator: &mut SchemaGenerator,
    kinds: &[ProblemKind],
    by_gateway: &[StatusCode],
    of_an_order: bool,
) -> Map<String, Value> {
    let mut statuses: Vec<_> =
        kinds.iter().map(|kind| kind.parts().0).chain(by_gateway.iter().copied()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let refusal = |status: StatusCode| {
        let kinds: Vec<_> = kinds.iter().filter(|kind| kind.parts().0 == status).collect();
        let mut content = Map::new();
        if !kinds.is_empty() {
            let example = |kind: &&ProblemKind| {
                let (_, name, title) = kind.parts();
                let body = Problem::new(**kind, format!("{title}.")).body();
                (name.to_owned(), json!({ "value": body }))
            };
            let problem = json!({
                "schema": generator.subschema_for::<ProblemBody>(),
                "examples": kinds.iter().copied().map(|it| example(&it)).collect::<Map<_, _>>(),
            });
            content.insert("application/problem+json".to_owned(), problem);
        }
        if by_gateway.contains(&status) {
            let schema = generator.subschema_for::<GatewayMessage>();
            content.insert("application/json".to_owned(), json!({ "schema": schema }));
        }
        let titles = kinds.iter().map(|kind| kind.parts().2);
        let by_gateway = by_gateway.contains(&status).then_some("Refused by API Gateway");
        let about = titles.chain(by_gateway).collect::<Vec<_>>().join("; ");
        // What is refused at a version of the order says which.
        let tells_version = of_an_order && TELL_VERSION.contains(&status);
        let headers: &[Header] = match status {
            StatusCode::SERVICE_UNAVAILABLE => &[Header::RetryAfter],
            // A wrong handover code is a change too, and comes again under its key.
            StatusCode::UNPROCESSABLE_ENTITY if tells_version => &[Header::ETag, Header::Replayed],
            _ if tells_version => &[Header::ETag],
            _ => &[],
        };
        (status.as_str().to_owned(), response(&about, headers, content))
    };
    statuses.into_iter().map(refusal).collect()
}
