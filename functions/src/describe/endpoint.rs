//! The description of one route for the `OpenAPI` document.

use domain::visibility::OrderView;
use domain::{
    Allowed, DriverId, MerchantId, Operation, OrderId, Rejection, Role, Shaped, StoreId, WebhookId,
    type_name,
};
use http::StatusCode;
use http_api::{Fields, Problem, ProblemKind, QueryParameters};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::forms::SchemaWriter;
use super::responses::{Header, refusals, response};
use super::samples::Sample;
use crate::change::{ReadAction, Target, command};

/// The statuses that API Gateway itself returns for a route that requires a token.
const BY_GATEWAY: [StatusCode; 6] = [
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// The media types of the responses that a browser may keep.
const KEPT: [&str; 3] = ["application/json", "text/html", "text/javascript"];

/// The problems that every change of an order can return.
const CHANGES: [ProblemKind; 2] = [ProblemKind::NotFound, ProblemKind::Contended];

/// The description of one route for the `OpenAPI` document.
pub(crate) struct Endpoint<'a> {
    generator: &'a mut SchemaGenerator,
    operation: Value,
    parameters: Vec<Value>,
    bodies: Vec<(Value, Value)>,
    responses: Map<String, Value>,
    refusals: Vec<ProblemKind>,
    /// The route's own examples of problems.
    problems: Vec<Problem>,
    faults: Vec<String>,
    is_body_required: bool,
    is_public: bool,
    is_change: bool,
}

impl<'a> Endpoint<'a> {
    pub(crate) fn new(generator: &'a mut SchemaGenerator, path: &str) -> Self {
        Self {
            generator,
            operation: json!({}),
            parameters: of_path(path),
            bodies: Vec::new(),
            responses: Map::new(),
            refusals: vec![ProblemKind::Forbidden, ProblemKind::Internal, ProblemKind::Unavailable],
            problems: Vec::new(),
            faults: Vec::new(),
            is_body_required: false,
            is_public: false,
            is_change: false,
        }
    }

    /// Sets the operation's id, tag and summary.
    pub(crate) fn is(mut self, id: &str, tag: &str, summary: &str) -> Self {
        self.operation["operationId"] = id.into();
        self.operation["tags"] = json!([tag]);
        self.operation["summary"] = summary.into();
        self
    }

    /// Sets the description.
    pub(crate) fn about(mut self, about: &str) -> Self {
        self.operation["description"] = about.into();
        self
    }

    /// Declares that the route requires no token.
    pub(crate) fn public(mut self) -> Self {
        self.operation["security"] = json!([]);
        self.is_public = true;
        self.refusals.retain(|kind| *kind != ProblemKind::Forbidden);
        self
    }

    /// Declares that a request can be retried under the same `Idempotency-Key`.
    pub(crate) fn keyed(mut self) -> Self {
        self.parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Makes retries safe: repeated requests with the same key take effect \
                            once.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        }));
        self.refuses(&[ProblemKind::InvalidHeader, ProblemKind::KeyReused])
    }

    /// Declares that a change can name the version that it is based on.
    pub(crate) fn conditional(self) -> Self {
        let about = "The ETag of the version that the change is based on.";
        self.tagged("If-Match", about).refuses(&[ProblemKind::PreconditionFailed])
    }

    /// Adds a header that takes entity tags.
    fn tagged(mut self, name: &str, about: &str) -> Self {
        self.parameters.push(json!({
            "name": name,
            "in": "header",
            "description": about,
            "schema": {
                "type": "string",
                "pattern": r#"^(\*|(,[ \t]*)*(W/)?"[!#-~]*"([ \t]*,([ \t]*(W/)?"[!#-~]*")?)*)$"#,
            },
        }));
        self.refuses(&[ProblemKind::InvalidHeader])
    }

    /// Describes how a client that has stored the response to a GET asks for a newer one.
    pub(crate) fn revalidated(mut self) -> Self {
        let stored = self.responses.get_mut(StatusCode::OK.as_str());
        let is_kept =
            |it: &&mut Value| KEPT.iter().any(|media_type| it["content"].get(media_type).is_some());
        match stored.filter(is_kept) {
            None => return self,
            Some(ok) => ok["headers"][Header::ETag.name()] = Header::ETag.reference(),
        }
        self.responds_as(StatusCode::NOT_MODIFIED, "You have it.", &[Header::ETag], &[])
            .tagged("If-None-Match", "The ETag of the response that you have stored.")
    }

    /// Adds the query parameters that `take` reads.
    pub(crate) fn query<T>(mut self, take: impl Fn(&mut QueryParameters) -> T) -> Self {
        let parameters = QueryParameters::describe(&take);
        self.problems.extend(QueryParameters::misspelt(take));
        let mut schemas = SchemaWriter(self.generator);
        self.parameters.extend(parameters.iter().map(|it| schemas.parameter(it)));
        self.refuses(&[ProblemKind::InvalidFields])
    }

    /// Adds a required body in the form that `read` reads from `example`.
    pub(crate) fn body<T>(
        self,
        example: Value,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Self {
        Self { is_body_required: true, ..self.body_written(example, read) }
    }

    /// Adds one form of the body.
    fn body_written<T>(
        mut self,
        example: Value,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Self {
        self.problems.extend(Fields::read(misspelt(&example), &read).err());
        match Fields::describe(example.clone(), read) {
            Ok(form) => {
                let title = self.title();
                self.bodies.push((SchemaWriter(self.generator).object(&title, &form), example));
            }
            Err(problem) => self.faults.push(format!("{example}: {}", json!(problem.body()))),
        }
        let kinds =
            [ProblemKind::InvalidJson, ProblemKind::TooLarge, ProblemKind::UnsupportedMediaType];
        self.refuses(&kinds).refuses(&[ProblemKind::InvalidFields])
    }

    /// Returns the body's name in generated clients.
    fn title(&self) -> String {
        let id = type_name(self.operation["operationId"].as_str().unwrap_or_default());
        let which = if self.bodies.is_empty() { "" } else { "Several" };
        format!("{id}{which}")
    }

    /// Describes a change of an order. Each example is one form of its body.
    pub(crate) fn changes(self, read: ReadAction, examples: &[Value]) -> Self {
        let this = Self { is_change: true, ..self };
        let allowed = Allowed { operations: vec![Operation::Pickup], ..Allowed::default() };
        let forbidden = Rejection::NotYours { role: Role::Driver, allowed };
        let this = this.keyed().conditional().refuses(&CHANGES).refuses_as(forbidden);
        let headers = [Header::ETag, Header::Replayed];
        let this = this
            .responds::<OrderView<'_>>(
                StatusCode::OK,
                "The order after the change, without personal details.",
                &headers,
            )
            .responds_nothing(
                "The change was made, and the order is no longer visible to you.",
                &headers,
            );
        let Some(Sample { order, principal, .. }) = Sample::new() else { return this };
        examples.iter().fold(this, |this, example| {
            let (subresource, principal) = (Some(1), &principal);
            let target = Target { order: &order, subresource, principal, names_version: false };
            this.body_written(example.clone(), |fields| command(fields, &target, read))
        })
    }

    /// Adds a response with a `T` as its JSON body.
    pub(crate) fn responds<T: JsonSchema>(
        self,
        status: StatusCode,
        about: &str,
        headers: &[Header],
    ) -> Self {
        let schema = self.generator.subschema_for::<T>();
        self.responds_as(
            status,
            about,
            headers,
            &[("application/json", json!({ "schema": schema }))],
        )
    }

    /// Adds a response in these media types.
    pub(crate) fn responds_as(
        mut self,
        status: StatusCode,
        about: &str,
        headers: &[Header],
        content: &[(&str, Value)],
    ) -> Self {
        let content = content.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
        self.responses.insert(status.as_str().to_owned(), response(about, headers, content));
        self
    }

    /// Adds another media type to the response with this status.
    pub(crate) fn also_as(mut self, status: StatusCode, media_type: &str, content: Value) -> Self {
        match self.responses.get_mut(status.as_str()) {
            Some(response) => response["content"][media_type] = content,
            None => self.faults.push(format!("no response of {status}")),
        }
        self
    }

    /// Adds a response without a body.
    pub(crate) fn responds_nothing(self, about: &str, headers: &[Header]) -> Self {
        self.responds_as(StatusCode::NO_CONTENT, about, headers, &[])
    }

    /// Adds an example to the response with this status.
    pub(crate) fn example(mut self, status: StatusCode, example: Option<Value>) -> Self {
        match (self.responses.get_mut(status.as_str()), example) {
            (Some(response), Some(example)) => {
                response["content"]["application/json"]["example"] = example;
            }
            _ => self.faults.push(format!("no example of {status}")),
        }
        self
    }

    /// Adds the kinds of problems that the route can return.
    pub(crate) fn refuses(mut self, kinds: &[ProblemKind]) -> Self {
        let new = kinds.iter().filter(|kind| !self.refusals.contains(kind));
        let new: Vec<_> = new.copied().collect();
        self.refusals.extend(new);
        self
    }

    /// Sets the example of a kind of problem that the route makes in its own way.
    pub(crate) fn refuses_as(mut self, problem: impl Into<Problem>) -> Self {
        self.problems.insert(0, problem.into());
        self
    }

    /// Returns the finished operation of the document, and its faults.
    pub(crate) fn finish(mut self) -> (Value, Vec<String>) {
        let mut responses = self.responses;
        let by_gateway = BY_GATEWAY.into_iter();
        let by_gateway = by_gateway.filter(|it| *it != StatusCode::UNAUTHORIZED || !self.is_public);
        let by_gateway: Vec<_> = by_gateway.collect();
        responses.append(&mut refusals(
            self.generator,
            &self.refusals,
            &self.problems,
            &by_gateway,
            self.is_change,
        ));
        if !self.parameters.is_empty() {
            self.operation["parameters"] = self.parameters.into();
        }
        if !self.bodies.is_empty() {
            self.operation["requestBody"] = body(self.bodies, self.is_body_required);
        }
        self.operation["responses"] = responses.into();
        (self.operation, self.faults)
    }
}

/// Returns a body with a slip in its first name, or with one wrong name if it has none.
fn misspelt(body: &Value) -> Value {
    let mut members = body.as_object().cloned().unwrap_or_default();
    let first = members.keys().next().map_or("note", |first| first).to_owned();
    let value = members.shift_remove(&first).unwrap_or_default();
    let slip = first.chars().take(first.chars().count() - 1).collect();
    members.insert(slip, value);
    members.into()
}

fn of_path(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let schema = |name| match name {
        "id" => OrderId::SHAPE.schema().to_value(),
        "merchant" => MerchantId::SHAPE.schema().to_value(),
        "store" => StoreId::SHAPE.schema().to_value(),
        "driver" => DriverId::SHAPE.schema().to_value(),
        "webhook" => WebhookId::SHAPE.schema().to_value(),
        "version" | "asset" => json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]+$" }),
        _ => json!({ "type": "integer", "minimum": 1 }),
    };
    let parameter =
        |name| json!({ "name": name, "in": "path", "required": true, "schema": schema(name) });
    names.map(parameter).collect()
}

/// Builds the request body, which is required if any of its schemas requires a field.
fn body(bodies: Vec<(Value, Value)>, is_required: bool) -> Value {
    let holds_something = |(schema, _): &(Value, Value)| {
        ["required", "not"].iter().any(|it| schema.get(it).is_some())
    };
    let is_required = is_required || bodies.iter().any(holds_something);
    let (mut schemas, examples): (Vec<_>, Vec<_>) = bodies.into_iter().unzip();
    let schema = match schemas.len() {
        1 => schemas.remove(0),
        _ => json!({ "oneOf": schemas }),
    };
    let examples = examples.into_iter().enumerate();
    let examples = examples.map(|(at, it)| (format!("{}", at + 1), json!({ "value": it })));
    json!({
        "required": is_required,
        "content": { "application/json": {
            "schema": schema,
            "examples": examples.collect::<Map<_, _>>(),
        }},
    })
}
