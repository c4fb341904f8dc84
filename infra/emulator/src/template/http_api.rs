//! `AWS::Serverless::HttpApi` and the functions' events of type `HttpApi`.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-httpapi.html>

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::cors::Cors;
use super::path::Path;
use super::resource::{Resource, of, only, read};
use super::{Result, function};

/// An HTTP API with the stage `$default`.
#[derive(Clone, Debug, Default)]
pub struct HttpApi {
    /// The API's id, the first label of its deployed host name.
    pub id: String,
    pub routes: Vec<HttpRoute>,
    /// `None` if the API leaves cross-origin requests to its functions.
    pub cors: Option<Cors>,
}

/// A route of an HTTP API.
#[derive(Clone, Debug)]
pub struct HttpRoute {
    /// `None` stands for `ANY`.
    pub method: Option<Method>,
    /// The path, with `{name}` for one segment and a final `{name+}` for the rest.
    pub path: String,
    /// The logical id of the function that handles requests.
    pub function: String,
    /// `None` if the route is public.
    pub authorizer: Option<Authorizer>,
    /// `None` if the route shares the limit of its stage, which is not played.
    pub throttling: Option<Throttling>,
}

/// The requests that a route accepts.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigatewayv2-stage-routesettings.html>
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttling {
    #[serde(rename = "ThrottlingRateLimit")]
    pub per_second: f64,
    #[serde(rename = "ThrottlingBurstLimit")]
    pub burst: f64,
}

/// A JWT authorizer.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// The header that carries the token.
    pub header: String,
    pub issuer: String,
    /// The accepted values of the token's `aud`.
    pub audience: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    #[serde(default)]
    auth: Auth,
    cors_configuration: Option<Cors>,
    /// Ignored: the runner logs failures, but not every request.
    #[serde(rename = "AccessLogSettings")]
    _access_log_settings: Option<Value>,
    /// Ignored: the runner limits concurrent requests, not requests per second.
    #[serde(rename = "DefaultRouteSettings")]
    _default_route_settings: Option<Value>,
    /// The limits of single routes, by the routes' keys.
    #[serde(default)]
    route_settings: BTreeMap<String, Throttling>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Auth {
    default_authorizer: Option<String>,
    #[serde(default)]
    authorizers: BTreeMap<String, JwtAuthorizer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct JwtAuthorizer {
    identity_source: String,
    jwt_configuration: JwtConfiguration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JwtConfiguration {
    issuer: String,
    audience: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Event {
    api_id: String,
    method: String,
    path: String,
    #[serde(default)]
    auth: EventAuth,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EventAuth {
    authorizer: Option<String>,
}

/// Reads the template's HTTP API and the routes of its functions.
pub(super) fn read_api(
    resources: &[Resource],
    functions: &BTreeMap<String, function::Function>,
) -> Result<Option<HttpApi>> {
    let Some(api) = only(resources, "AWS::Serverless::HttpApi")? else {
        return Ok(None);
    };
    let mut properties: Properties = api.properties()?;
    let mut routes = Vec::new();
    for resource in of(resources, "AWS::Serverless::Function") {
        for (name, event) in &functions[&resource.logical_id].http_events {
            let at = resource.at.key("Properties").key("Events").key(name);
            let event: Event = read(event, &at.key("Properties"))?;
            if event.api_id != api.reference {
                return Err(
                    at.error(format!("{} is not an HTTP API of this template", event.api_id))
                );
            }
            let throttling =
                properties.route_settings.remove(&format!("{} {}", event.method, event.path));
            let route = route(event, &resource.logical_id, &properties.auth, &at)?;
            routes.push(HttpRoute { throttling, ..route });
        }
    }
    if let Some(key) = properties.route_settings.keys().next() {
        let at = api.at.key("Properties").key("RouteSettings");
        return Err(at.error(format!("the API has no route {key}")));
    }
    let cors = properties.cors_configuration;
    if let Some(cors) = &cors {
        cors.check(&api.at.key("Properties").key("CorsConfiguration"))?;
    }
    Ok(Some(HttpApi { id: api.reference.clone(), routes, cors }))
}

fn route(event: Event, function: &str, auth: &Auth, at: &Path) -> Result<HttpRoute> {
    let method = match event.method.to_ascii_uppercase().as_str() {
        "ANY" | "X-AMAZON-APIGATEWAY-ANY-METHOD" => None,
        name => Some(Method::from_bytes(name.as_bytes()).map_err(|e| at.error(e.to_string()))?),
    };
    let authorizer = match event.auth.authorizer.as_ref().or(auth.default_authorizer.as_ref()) {
        None => None,
        Some(none) if none == "NONE" => None,
        Some(name) => {
            let authorizer = auth.authorizers.get(name);
            let missing = || at.error(format!("the API has no authorizer {name}"));
            Some(jwt(authorizer.ok_or_else(missing)?, at)?)
        }
    };
    let function = function.to_owned();
    Ok(HttpRoute { method, path: event.path, function, authorizer, throttling: None })
}

fn jwt(authorizer: &JwtAuthorizer, at: &Path) -> Result<Authorizer> {
    let header = authorizer.identity_source.strip_prefix("$request.header.");
    let header = header.ok_or_else(|| at.error("the runner supports tokens only in a header"))?;
    let JwtConfiguration { issuer, audience } = &authorizer.jwt_configuration;
    Ok(Authorizer {
        header: header.to_ascii_lowercase(),
        issuer: issuer.clone(),
        audience: audience.clone(),
    })
}
