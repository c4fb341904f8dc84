//! template.yaml itself, unchanged and modified.

use std::collections::BTreeMap;

use http::Method;

use super::{QueueTrigger, RedrivePolicy, Schedule, Stack, Template, Throttling};

mod intrinsics;
mod queues;
mod schedules;
mod streams;

fn stack() -> Stack {
    Stack { name: "waybill".into(), uuid: "u".into(), parameters: BTreeMap::new() }
}

const TEMPLATE: &str = include_str!("../../../../../template.yaml");
const OWN_ISSUER: [(&str, &str); 2] = [("Issuer", "http://issuer"), ("Audience", "waybill")];

/// Parses the template of this repository, with `from` replaced by `to`.
fn waybill(from: &str, to: &str) -> Result<Template, String> {
    assert!(TEMPLATE.contains(from), "{from}");
    parse(&TEMPLATE.replacen(from, to, 1), "dev", &OWN_ISSUER)
}

fn parse(text: &str, stage: &str, parameters: &[(&str, &str)]) -> Result<Template, String> {
    let parameters = [&[("Stage", stage)], parameters].concat();
    let parameters = parameters.into_iter().map(|(name, value)| (name.into(), value.into()));
    let stack = Stack { parameters: parameters.collect(), ..stack() };
    Template::parse(text, &stack).map_err(|error| error.to_string())
}

#[test]
fn template_yaml_can_be_played() {
    let template = waybill("Waybill", "Waybill").unwrap();
    let create = &template.functions["CreateOrder"];
    assert_eq!(create.binary, "create-order");
    assert_eq!(create.variables["ORDERS_TABLE"], "waybill-OrdersTable");
    assert_eq!(create.variables["ORDER_SHARDS"], "4");
    assert_eq!(create.timeout.as_secs(), 25);
    let relay = &template.functions["Relay"];
    assert_eq!(relay.timeout.as_secs(), 60);
    let stream = template.tables["OrdersTable"].stream_arn.as_deref();
    assert_eq!(stream, Some(relay.triggers[0].stream_arn.as_str()));

    let http = template.http_api.unwrap();
    let route = |path: &str| http.routes.iter().find(|route| route.path == path).unwrap();
    assert!(route("/health").authorizer.is_none());
    let throttling = Some(Throttling { per_second: 10.0, burst: 20.0 });
    assert_eq!(route("/health").throttling, throttling);
    assert_eq!(route("/orders/{id}/assign").throttling, None);
    let authorizer = route("/orders/{id}/assign").authorizer.clone().unwrap();
    assert_eq!(
        (authorizer.header.as_str(), &*authorizer.issuer),
        ("authorization", "http://issuer")
    );

    let live = template.websocket_api.unwrap();
    assert_eq!((live.stage.as_str(), &*live.selector), ("live", "action"));
    assert_eq!(live.authorizer.as_deref(), Some("LiveAuthorize"));
    assert_eq!(live.routes["$disconnect"].function, "LiveConnect");
    assert!(live.routes["$default"].responds && !live.routes["$connect"].responds);
}

#[test]
fn without_an_issuer_the_stacks_own_user_pool_is_the_issuer() {
    for stage in ["dev", "prod"] {
        let template = parse(TEMPLATE, stage, &[]).unwrap();
        let route = template.http_api.unwrap().routes.remove(0);
        let authorizer = route.authorizer.unwrap();
        assert_eq!(authorizer.issuer, "https://cognito-idp.local.amazonaws.com/waybill-UserPool");
        assert_eq!(authorizer.audience, ["waybill-UserPoolClient"]);
        let variables = &template.functions["LiveAuthorize"].variables;
        assert_eq!(variables["ISSUER"], authorizer.issuer);
        assert_eq!(variables["AUDIENCE"], authorizer.audience[0]);
    }
}

#[test]
fn an_issuer_and_its_audience_come_together() {
    let cases = [
        (OWN_ISSUER[0], "Rules.IssuerAndAudience.Assertions[0]: Issuer requires Audience."),
        (OWN_ISSUER[1], "Rules.IssuerAndAudience.Assertions[1]: Audience requires Issuer."),
    ];
    for (given, expected) in cases {
        let refused = parse(TEMPLATE, "dev", &[given]).map(|_| ());
        assert_eq!(refused, Err(expected.to_owned()));
    }
}

#[test]
fn prod_sends_webhooks_to_public_targets_only() {
    let refused = "Rules.ProductionSendsToPublicTargets.Assertions[0]: WebhookTargets must be \
                   public in the stage prod.";
    for (stage, targets, expected) in [
        ("dev", "any", Ok(())),
        ("prod", "public", Ok(())),
        ("prod", "any", Err(refused.to_owned())),
    ] {
        let played = parse(TEMPLATE, stage, &[("WebhookTargets", targets)]).map(|_| ());
        assert_eq!(played, expected, "{targets} in {stage}");
    }
}

#[test]
fn prod_keeps_what_dev_may_lose() {
    for (stage, kept) in [("dev", false), ("prod", true)] {
        let tables = parse(TEMPLATE, stage, &[]).unwrap().tables;
        for name in ["OrdersTable", "OrderHistoryTable", "OrderDetailsTable"] {
            let properties = &tables[name].properties;
            assert_eq!(properties["DeletionProtectionEnabled"], kept, "{name} in {stage}");
            let recovery = &properties["PointInTimeRecoverySpecification"];
            assert_eq!(recovery["PointInTimeRecoveryEnabled"], true, "{name} in {stage}");
        }
    }
}

#[test]
fn a_function_that_nothing_calls_is_named() {
    let issue = "      Events:\n        Issue: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, \
                 Method: POST, Path: /live/tickets } }\n";
    let stream = TEMPLATE.find("      Events:\n        Orders:").unwrap();
    let stream = &TEMPLATE[stream..stream + TEMPLATE[stream..].find("      Policies:").unwrap()];
    let authorized = "AuthorizationType: CUSTOM\n      AuthorizerId: !Ref LiveAuthorizer\n";
    let target = "RouteKey: $default\n      RouteResponseSelectionExpression: $default\n      \
                  Target: !Sub integrations/${MessageIntegration}";
    let cases = [
        (issue, "", "LiveTickets"),
        (stream, "", "Relay"),
        (authorized, "AuthorizationType: NONE\n", "LiveAuthorize"),
        (target, &target.replace("Message", "Connect"), "LiveMessage"),
    ];
    for (from, to, function) in cases {
        let expected =
            format!("Resources.{function}: no event or route calls this function; add one");
        assert_eq!(waybill(from, to).map(|_| ()), Err(expected));
    }
}

#[test]
fn a_function_may_not_be_given_more_than_is_named() {
    let at = "Resources.CreateOrder.Properties";
    let cases = [
        (
            "Action: dynamodb:PutItem",
            "Action: dynamodb:*",
            "Action: dynamodb:* is a wildcard; name each action that is needed",
        ),
        (
            "Resource: [!GetAtt OrdersTable.Arn, !GetAtt OrderHistoryTable.Arn, !GetAtt OrderDetailsTable.Arn]",
            "Resource: '*'",
            "Resource: * is a wildcard; name each action that is needed",
        ),
        ("Effect: Allow", "Effect: Deny", "Effect: the runner supports only Allow"),
    ];
    for (from, to, expected) in cases {
        let expected = format!("{at}.Policies[0].Statement[0].{expected}");
        assert_eq!(waybill(from, to).map(|_| ()), Err(expected));
    }
    let old = waybill("Version: \"2012-10-17\"", "Version: \"2008-10-17\"").map(|_| ());
    assert_eq!(old, Err(format!("{at}.Policies[0].Version: must be \"2012-10-17\"")));
    let role = waybill("      Events:", "      Role: arn:of-an-administrator\n      Events:");
    assert_eq!(
        role.map(|_| ()),
        Err(format!("{at}.Role: the runner does not support this property"))
    );
}

#[test]
fn a_broken_reference_anywhere_in_template_yaml_is_found() {
    let cases = [
        (
            "Resource: !GetAtt SubscriptionsTable.Arn",
            "Resource: !GetAtt Subscriptions.Arn",
            "Resources.Sweep.Properties.Policies[0].Statement[7].Resource.Fn::GetAtt: \
             the template has no resource or parameter Subscriptions",
        ),
        (
            "Value: !Sub https://${HttpApi}",
            "Value: !Sub https://${Http}",
            "Outputs.HttpUrl.Value.Fn::Sub: the template has no resource or parameter Http",
        ),
        (
            "AuthorizerId: !Ref LiveAuthorizer",
            "AuthorizerId: !Ref LiveAuthorizers",
            "Resources.ConnectRoute.Properties.AuthorizerId.Ref: \
             the template has no resource or parameter LiveAuthorizers",
        ),
        (
            "      IdentitySource: []\n",
            "",
            "Resources.LiveAuthorizer.Properties: missing field `IdentitySource`",
        ),
        (
            "IdentitySource: []",
            "IdentitySource: [route.request.header.Authorization]",
            "Resources.LiveAuthorizer: the runner supports only REQUEST without identity sources",
        ),
        (
            "IntegrationMethod: POST",
            "IntegrationMethod: GET",
            "Resources.ConnectIntegration: the runner supports only AWS_PROXY with POST",
        ),
        (
            "FunctionName: !Ref LiveMessage",
            "FunctionName: !Ref LiveConnect",
            "Resources.MessageIntegration: \
             no AWS::Lambda::Permission lets API Gateway invoke LiveMessage",
        ),
        (
            "ApiId: !Ref LiveApi\n      StageName",
            "ApiId: !Ref HttpApi\n      StageName",
            "Resources.LiveStage.ApiId: is not the WebSocket API of this template",
        ),
        (
            "Type: AWS::Lambda::Permission",
            "Type: AWS::Lambda::Alias",
            "Resources.LiveAuthorizePermission: \
             the runner does not support the type \"AWS::Lambda::Alias\"",
        ),
        (
            "UserPoolId: !Ref UserPool",
            "UserPoolId: !Ref UsersPool",
            "Resources.UserPoolClient.Properties.UserPoolId.Ref: \
             the template has no resource or parameter UsersPool",
        ),
        (
            "!If [OwnUserPool, !GetAtt UserPool.ProviderURL, !Ref Issuer]",
            "!If [OwnUserPool, !GetAtt UserPool.ProviderUrl, !Ref Issuer]",
            "Resources.LiveAuthorize.Properties.Environment.Variables.ISSUER.Fn::If[1].Fn::GetAtt: \
             the runner does not support the attribute ProviderUrl of UserPool, a AWS::Cognito::UserPool",
        ),
        (
            "DeletionPolicy: !If [Production,",
            "DeletionPolicy: !If [Productive,",
            "Resources.OrdersTable.DeletionPolicy.Fn::If: the template has no condition Productive",
        ),
        (
            "\"${LiveErrorsAlarm.Arn}\"",
            "\"${LiveErrors.Arn}\"",
            "Resources.Dashboard.Properties.DashboardBody.Fn::Sub: \
             the template has no resource or parameter LiveErrors",
        ),
        (
            "ORDERS_TABLE: !Ref OrdersTable",
            "ORDERS_TABLE: !Ref OrderTable",
            "Resources.CreateOrder.Properties.Environment.Variables.ORDERS_TABLE.Ref: \
             the template has no resource or parameter OrderTable",
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(waybill(from, to).map(|_| ()), Err(expected.to_owned()), "{to}");
    }
}

#[test]
fn a_removed_route_is_gone() {
    let line = "Get: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: GET, Path: \"/orders/{id}\" } }";
    let template = waybill(line, "").unwrap();
    let http = template.http_api.unwrap();
    let methods: Vec<_> = http
        .routes
        .iter()
        .filter(|it| it.path == "/orders/{id}")
        .map(|it| it.method.clone())
        .collect();
    assert_eq!(methods, [Some(Method::PATCH)]);
}

#[test]
fn parameters_are_checked_against_their_declarations() {
    let text = "Parameters: { Issuer: { Type: String } }";
    let missing = Template::parse(text, &stack()).unwrap_err();
    assert_eq!(missing.to_string(), "Parameters.Issuer: has no default and no value");
    let parameters = [("Isuer".to_owned(), String::new())].into();
    let unknown = Template::parse(text, &Stack { parameters, ..stack() }).unwrap_err();
    assert_eq!(unknown.to_string(), "Parameters: the template declares no parameter Isuer");
    let text = "Parameters: { Zones: { Type: CommaDelimitedList, Default: a } }";
    let list = Template::parse(text, &stack()).unwrap_err();
    assert_eq!(
        list.to_string(),
        "Parameters.Zones: the runner does not support parameters of type \"CommaDelimitedList\""
    );
}

#[test]
fn only_what_api_gateway_accepts_as_an_origin_is_one() {
    let origins = |origins| {
        let parameters = [&OWN_ISSUER[..], &[("AllowedOrigins", origins)]].concat();
        let template = parse(TEMPLATE, "dev", &parameters)?;
        Ok(template.http_api.unwrap().cors.map(|cors| cors.allow_origins))
    };
    assert_eq!(origins(""), Ok(None));
    assert_eq!(
        origins("https://a.example,http://localhost:5173"),
        Ok(Some(vec!["https://a.example".to_owned(), "http://localhost:5173".to_owned()]))
    );
    for all in ["*", "https://*", "http://*"] {
        assert_eq!(origins(all), Ok(Some(vec![all.to_owned()])));
    }
    let at = "Resources.HttpApi.Properties.CorsConfiguration.AllowOrigins";
    for wrong in ["http://localhost:*", "https://*.example", "https://a.example/", "a.example"] {
        let refused: Result<Option<Vec<String>>, String> = origins(wrong);
        assert_eq!(
            refused.unwrap_err(),
            format!(
                "{at}: {wrong:?} is not an origin; write SCHEME://HOST or SCHEME://HOST:PORT, \
                 without a path, or https://*, http://* or *"
            )
        );
    }
}

#[test]
fn a_limit_of_no_route_is_an_error() {
    let error = waybill("\"GET /health\":", "\"GET /wealth\":").unwrap_err();
    assert!(error.contains("RouteSettings: the API has no route GET /wealth"), "{error}");
}
