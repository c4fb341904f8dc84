//! The responses of a route in the `OpenAPI` document.

use http::StatusCode;
use http_api::{Problem, ProblemBody, ProblemKind};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A response header; its description is in `components/headers`.
#[derive(Clone, Copy)]
pub(crate) enum Header {
    ETag,
    Location,
    Link,
    Disposition,
    Replayed,
    RetryAfter,
}

impl Header {
    const ALL: [Self; 6] = [
        Self::ETag,
        Self::Location,
        Self::Link,
        Self::Disposition,
        Self::Replayed,
        Self::RetryAfter,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ETag => "ETag",
            Self::Location => "Location",
            Self::Link => "Link",
            Self::Disposition => "Content-Disposition",
            Self::Replayed => "Idempotent-Replayed",
            Self::RetryAfter => "Retry-After",
        }
    }

    /// Returns a reference to the header's description.
    pub(super) fn reference(self) -> Value {
        json!({ "$ref": format!("#/components/headers/{}", self.name()) })
    }

    fn describe(self) -> Value {
        let (about, schema) = match self {
            Self::ETag => (
                "The order's version in quotes; for a GET, followed by a digest of the body.",
                json!({
                    "type": "string",
                    "pattern": r#"^"([0-9]+|[0-9]*\.[A-Za-z0-9_-]{22})"$"#,
                }),
            ),
            Self::Location => ("The order's path.", json!({ "type": "string" })),
            Self::Link => (
                "A link to the next page (RFC 8288); absent on the last page.",
                json!({ "type": "string" }),
            ),
            Self::Disposition => (
                "The name to save the file as (RFC 6266).",
                json!({ "type": "string", "pattern": "^attachment; filename=\"[a-z.]+\"$" }),
            ),
            Self::Replayed => (
                "Present if this is the stored response of an earlier request with the same \
                 Idempotency-Key.",
                json!({ "type": "string", "const": "true" }),
            ),
            Self::RetryAfter => (
                "The number of seconds to wait.",
                json!({ "type": "string", "pattern": "^[0-9]+$" }),
            ),
        };
        json!({ "description": about, "schema": schema })
    }
}

/// Describes every response header.
pub(crate) fn headers() -> Value {
    Header::ALL
        .map(|it| (it.name().to_owned(), it.describe()))
        .into_iter()
        .collect::<Map<_, _>>()
        .into()
}

/// Describes a response other than a problem; `content` is by media type.
pub(super) fn response(about: &str, headers: &[Header], content: Map<String, Value>) -> Value {
    let mut response = json!({ "description": about });
    if !headers.is_empty() {
        let refer = |it: &Header| (it.name().to_owned(), it.reference());
        response["headers"] = headers.iter().map(refer).collect::<Map<_, _>>().into();
    }
    if !content.is_empty() {
        response["content"] = content.into();
    }
    response
}

/// An error response of API Gateway itself.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is described and never made")]
struct GatewayMessage {
    /// A description of the error.
    message: String,
}

const TELL_VERSION: [StatusCode; 5] = [
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::CONFLICT,
    StatusCode::PRECONDITION_FAILED,
    StatusCode::UNPROCESSABLE_ENTITY,
];

/// Describes the error responses, by status: problems of these kinds, each with the route's own
/// example or a common one, and the errors of API Gateway.
pub(super) fn refusals(
    generator: &mut SchemaGenerator,
    kinds: &[ProblemKind],
    examples: &[Problem],
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
                let own = examples.iter().find(|example| example.kind() == **kind);
                let body = own.map(Problem::body).or_else(|| Some(kind.example()?.body()));
                (kind.parts().1.to_owned(), json!({ "value": body }))
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
        // A problem that concerns an existing order carries the order's version as its `ETag`, and
        // so does one about `If-Match`.
        let is_about_version = status == StatusCode::PRECONDITION_FAILED;
        let tells_version = is_about_version || of_an_order && TELL_VERSION.contains(&status);
        let headers: &[Header] = match status {
            StatusCode::SERVICE_UNAVAILABLE => &[Header::RetryAfter],
            // A wrong handover code is committed too, so its response is replayed under its key.
            StatusCode::UNPROCESSABLE_ENTITY if tells_version => &[Header::ETag, Header::Replayed],
            _ if tells_version => &[Header::ETag],
            _ => &[],
        };
        (status.as_str().to_owned(), response(&about, headers, content))
    };
    statuses.into_iter().map(refusal).collect()
}
