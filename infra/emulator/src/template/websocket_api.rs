//! A WebSocket API, assembled from its `AWS::ApiGatewayV2` parts.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html>

use std::collections::BTreeMap;

use serde::Deserialize;

use super::path::Path;
use super::resource::{Resource, of, only};
use super::{Function, Result};

const AUTHORIZER: &str = "AWS::ApiGatewayV2::Authorizer";
const INTEGRATION: &str = "AWS::ApiGatewayV2::Integration";
const ROUTE: &str = "AWS::ApiGatewayV2::Route";
const ROUTE_RESPONSE: &str = "AWS::ApiGatewayV2::RouteResponse";
const STAGE: &str = "AWS::ApiGatewayV2::Stage";

/// A WebSocket API with one stage.
#[derive(Clone, Debug)]
pub struct WebSocketApi {
    /// The API's id, the first label of its deployed host name.
    pub id: String,
    /// The stage, which is the path that clients connect to.
    pub stage: String,
    /// The top-level field of a message that names its route: `action` for the route selection
    /// expression `$request.body.action`.
    pub selector: String,
    /// The routes by key, among them `$connect`, `$disconnect` and `$default`.
    pub routes: BTreeMap<String, LiveRoute>,
    /// The logical id of the function that authorises `$connect`.
    pub authorizer: Option<String>,
}

/// A route of a WebSocket API.
#[derive(Clone, Debug)]
pub struct LiveRoute {
    /// The logical id of the function that is invoked.
    pub function: String,
    /// True if the function's response is sent to the client.
    pub responds: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Api {
    protocol_type: String,
    route_selection_expression: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stage {
    stage_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Authorizer {
    #[serde(rename = "AuthorizerType")]
    kind: String,
    #[serde(rename = "AuthorizerUri")]
    uri: String,
    identity_source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Route {
    #[serde(rename = "ApiId")]
    _api_id: String,
    #[serde(rename = "RouteKey")]
    key: String,
    target: String,
    authorization_type: Option<String>,
    authorizer_id: Option<String>,
    #[serde(rename = "RouteResponseSelectionExpression")]
    response_selection_expression: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteResponse {
    route_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Integration {
    #[serde(rename = "IntegrationType")]
    kind: String,
    #[serde(rename = "IntegrationUri")]
    uri: String,
    #[serde(rename = "IntegrationMethod")]
    method: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Permission {
    function_name: String,
    principal: String,
}

/// Reads the template's WebSocket API.
pub(super) fn read_api(
    resources: &[Resource],
    functions: &BTreeMap<String, Function>,
) -> Result<Option<WebSocketApi>> {
    let Some(resource) = only(resources, "AWS::ApiGatewayV2::Api")? else {
        return Ok(None);
    };
    let api: Api = resource.properties()?;
    let field = api.route_selection_expression.strip_prefix("$request.body.");
    let Some(selector) = field.filter(|_| api.protocol_type == "WEBSOCKET") else {
        return Err(resource
            .at
            .error("the runner supports only WEBSOCKET with $request.body.FIELD"));
    };
    let Some(stage) = only(resources, STAGE)? else {
        return Err(resource.at.error("has no stage"));
    };
    let mut api = WebSocketApi {
        id: resource.reference.clone(),
        stage: stage.properties::<Stage>()?.stage_name,
        selector: selector.to_owned(),
        routes: BTreeMap::new(),
        authorizer: None,
    };
    check_parts(resources, &api.id)?;
    let parts = Parts { resources, functions };
    for resource in of(resources, ROUTE) {
        parts.add_route(&mut api, resource)?;
    }
    Ok(Some(api))
}

/// Checks that all parts belong to the API with this id.
fn check_parts(resources: &[Resource], api_id: &str) -> Result<()> {
    let kinds = [AUTHORIZER, INTEGRATION, ROUTE, ROUTE_RESPONSE, STAGE];
    for part in kinds.into_iter().flat_map(|kind| of(resources, kind)) {
        if part.properties["ApiId"] != api_id {
            return Err(part.at.key("ApiId").error("is not the WebSocket API of this template"));
        }
    }
    Ok(())
}

struct Parts<'t> {
    resources: &'t [Resource],
    functions: &'t BTreeMap<String, Function>,
}

impl Parts<'_> {
    fn add_route(&self, api: &mut WebSocketApi, resource: &Resource) -> Result<()> {
        let route: Route = resource.properties()?;
        let authorizer = self.authorizer(&route, &resource.at)?;
        match (route.key.as_str(), authorizer) {
            ("$connect", authorizer) => api.authorizer = authorizer,
            (_, None) => {}
            (_, Some(_)) => return Err(resource.at.error("only $connect can have an authorizer")),
        }
        let mut responds = false;
        for response in of(self.resources, ROUTE_RESPONSE) {
            responds |= response.properties::<RouteResponse>()?.route_id == resource.reference;
        }
        // Both are needed: a route response, and the route's selection of it.
        responds &= route.response_selection_expression.is_some();
        let function = self.target(&route.target, &resource.at)?;
        if api.routes.insert(route.key, LiveRoute { function, responds }).is_some() {
            return Err(resource.at.error("another route has the same key"));
        }
        Ok(())
    }

    fn authorizer(&self, route: &Route, at: &Path) -> Result<Option<String>> {
        match (route.authorization_type.as_deref(), &route.authorizer_id) {
            (None | Some("NONE"), None) => Ok(None),
            (Some("CUSTOM"), Some(id)) => {
                let found = of(self.resources, AUTHORIZER).find(|r| r.reference == *id);
                let resource = found
                    .ok_or_else(|| at.error(format!("the template has no authorizer {id}")))?;
                let authorizer: Authorizer = resource.properties()?;
                if authorizer.kind != "REQUEST" || !authorizer.identity_source.is_empty() {
                    let problem = "the runner supports only REQUEST without identity sources";
                    return Err(resource.at.error(problem));
                }
                self.function(&authorizer.uri, &resource.at).map(Some)
            }
            _ => Err(at.error("the runner supports only NONE, or CUSTOM with an AuthorizerId")),
        }
    }

    fn target(&self, target: &str, at: &Path) -> Result<String> {
        let id = target.strip_prefix("integrations/").unwrap_or_default();
        let found = of(self.resources, INTEGRATION).find(|r| r.reference == id);
        let resource = found.ok_or_else(|| at.error(format!("{target} is not an integration")))?;
        let integration: Integration = resource.properties()?;
        // A function is invoked with POST; API Gateway has no default for it.
        if integration.kind != "AWS_PROXY" || integration.method != "POST" {
            return Err(resource.at.error("the runner supports only AWS_PROXY with POST"));
        }
        self.function(&integration.uri, &resource.at)
    }

    /// Returns the function that an invocation URI names. API Gateway must have the permission to
    /// invoke it: otherwise the deployed API would respond with 500.
    fn function(&self, uri: &str, at: &Path) -> Result<String> {
        let called = |function: &Function| uri.ends_with(&format!("/{}/invocations", function.arn));
        let found = self.functions.iter().find(|(_, function)| called(function));
        let (id, function) =
            found.ok_or_else(|| at.error(format!("{uri} does not name a function")))?;
        for resource in of(self.resources, "AWS::Lambda::Permission") {
            let permission: Permission = resource.properties()?;
            if permission.principal == "apigateway.amazonaws.com"
                && [&function.name, &function.arn].contains(&&permission.function_name)
            {
                return Ok(id.clone());
            }
        }
        Err(at.error(format!("no AWS::Lambda::Permission lets API Gateway invoke {id}")))
    }
}
