//! The resolver against small templates, and template.yaml itself.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use super::intrinsic::resolve;
use super::path::Path;
use super::scope::Scope;
use super::{Stack, Template, yaml};

mod streams;

const NAMES: &str = "
Parameters:
  Stage: { Type: String, Default: test }
  Shards: { Type: Number, Default: 4 }
Conditions:
  IsTest: !Equals [!Ref Stage, test]
  IsLive: !Not [!Equals [!Ref Stage, test]]
  Either: !Or [!Equals [!Ref Stage, live], !Equals [!Ref Stage, test]]
Resources:
  Orders: { Type: AWS::DynamoDB::Table, Properties: {} }
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: {} }
  Topic: { Type: AWS::SNS::Topic, Properties: {} }
  Off: { Type: AWS::DynamoDB::Table, Condition: IsLive, Properties: {} }
";

fn stack() -> Stack {
    Stack { name: "waybill".into(), uuid: "u".into(), parameters: BTreeMap::new() }
}

/// What the YAML `expression` comes to among `NAMES`.
fn evaluate(expression: &str) -> Result<Option<Value>, String> {
    let document = yaml::parse(NAMES).map_err(|error| error.to_string())?;
    let stack = stack();
    let scope = Scope::new(&document, &stack).map_err(|error| error.to_string())?;
    let value = yaml::parse(expression).map_err(|error| error.to_string())?;
    resolve(&scope, &value, &Path::root().key("here")).map_err(|error| error.to_string())
}

#[test]
fn each_intrinsic_function_gives_what_cloudformation_gives() {
    let cases = [
        ("!Ref Stage", json!("test")),
        ("Ref: Stage", json!("test")),
        ("!Ref Shards", json!("4")),
        ("!Ref AWS::Region", json!("local")),
        ("!Ref AWS::AccountId", json!("000000000000")),
        ("!Ref AWS::Partition", json!("aws")),
        ("!Ref AWS::URLSuffix", json!("amazonaws.com")),
        ("!Ref AWS::StackName", json!("waybill")),
        ("!Ref AWS::StackId", json!("arn:aws:cloudformation:local:000000000000:stack/waybill/u")),
        ("!Ref Orders", json!("waybill-Orders")),
        ("!Ref Api", json!("api")),
        ("!GetAtt Orders.Arn", json!("arn:aws:dynamodb:local:000000000000:table/waybill-Orders")),
        ("!Ref Topic", json!("arn:aws:sns:local:000000000000:waybill-Topic")),
        ("!Sub '${Stage}-${Api.ApiId}'", json!("test-api")),
        ("!If [IsTest, yes, no]", json!("yes")),
        ("!If [IsLive, 1, 2]", json!(2)),
        ("!If [Either, 1, 2]", json!(1)),
        ("{ a: !Ref AWS::NoValue, b: [!Ref AWS::NoValue, 1] }", json!({ "b": [1] })),
        ("!If [IsLive, !GetAtt Off.Arn, kept]", json!("kept")),
        ("!If [IsTest, kept, !If [IsLive, 1, !Ref Off]]", json!("kept")),
    ];
    for (expression, expected) in cases {
        assert_eq!(evaluate(expression), Ok(Some(expected)), "{expression}");
    }
}

#[test]
fn what_refers_to_nothing_is_named_with_its_place() {
    let cases = [
        ("!Ref Missing", "here.Ref: nothing in the template is called Missing"),
        ("a: [!Ref Missing]", "here.a[0].Ref: nothing in the template is called Missing"),
        ("!Ref Off", "here.Ref: Off is left out by its condition"),
        ("!GetAtt Missing.Arn", "here.Fn::GetAtt: nothing in the template is called Missing"),
        (
            "!GetAtt Orders.Arm",
            "here.Fn::GetAtt: Orders, a AWS::DynamoDB::Table, has no attribute Arm here",
        ),
        (
            "!GetAtt Orders.StreamArn",
            "here.Fn::GetAtt: Orders, a AWS::DynamoDB::Table, has no attribute StreamArn here",
        ),
        ("!Sub 'x${Missing}'", "here.Fn::Sub: nothing in the template is called Missing"),
        ("!Sub 'x${Missing.Arn}'", "here.Fn::Sub: nothing in the template is called Missing"),
        ("!If [Missing, 1, 2]", "here.Fn::If: no condition is called Missing"),
        // Neither in what this stack takes nor in what only another one would.
        ("!If [IsTest, !Ref Off, 2]", "here.Fn::If[1].Ref: Off is left out by its condition"),
        (
            "!If [IsLive, !Ref Missing, 2]",
            "here.Fn::If[1].Ref: nothing in the template is called Missing",
        ),
        (
            "!If [IsTest, 1, { a: [!GetAtt Missing.Arn] }]",
            "here.Fn::If[2].a[0].Fn::GetAtt: nothing in the template is called Missing",
        ),
        ("!ImportValue x", "here.Fn::ImportValue: the runner does not play this function"),
    ];
    for (expression, expected) in cases {
        assert_eq!(evaluate(expression), Err(expected.to_owned()), "{expression}");
    }
}

const TEMPLATE: &str = include_str!("../../../../template.yaml");
const OWN_ISSUER: [(&str, &str); 2] = [("Issuer", "http://issuer"), ("Audience", "waybill")];

/// The template of this repository, with `from` replaced by `to`.
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
        for function in template.functions.values() {
            assert_eq!(function.variables["ISSUER"], authorizer.issuer);
            assert_eq!(function.variables["AUDIENCE"], authorizer.audience[0]);
        }
    }
}

#[test]
fn an_issuer_and_its_audience_come_together() {
    let cases = [
        (OWN_ISSUER[0], "Rules.IssuerAndAudience.Assertions[0]: An Issuer needs its Audience."),
        (OWN_ISSUER[1], "Rules.IssuerAndAudience.Assertions[1]: An Audience needs its Issuer."),
    ];
    for (given, expected) in cases {
        let refused = parse(TEMPLATE, "dev", &[given]).map(|_| ());
        assert_eq!(refused, Err(expected.to_owned()));
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
            format!("Resources.{function}: nothing calls it: give it a route or an event");
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
            "Action: dynamodb:* is more than one: name those that are needed",
        ),
        (
            "Resource: [!GetAtt OrdersTable.Arn, !GetAtt OrderHistoryTable.Arn, !GetAtt OrderDetailsTable.Arn]",
            "Resource: '*'",
            "Resource: * is more than one: name those that are needed",
        ),
        ("Effect: Allow", "Effect: Deny", "Effect: the runner plays Allow only"),
    ];
    for (from, to, expected) in cases {
        let expected = format!("{at}.Policies[0].Statement[0].{expected}");
        assert_eq!(waybill(from, to).map(|_| ()), Err(expected));
    }
    let old = waybill("Version: \"2012-10-17\"", "Version: \"2008-10-17\"").map(|_| ());
    assert_eq!(old, Err(format!("{at}.Policies[0].Version: must be \"2012-10-17\"")));
    let role = waybill("      Events:", "      Role: arn:of-an-administrator\n      Events:");
    assert_eq!(role.map(|_| ()), Err(format!("{at}.Role: the runner does not play this property")));
}

#[test]
fn a_broken_reference_anywhere_in_template_yaml_is_found() {
    let cases = [
        (
            "Resource: !GetAtt SubscriptionsTable.Arn",
            "Resource: !GetAtt Subscriptions.Arn",
            "Resources.LiveTickets.Properties.Policies[0].Statement[0].Resource.Fn::GetAtt: \
             nothing in the template is called Subscriptions",
        ),
        (
            "Value: !Sub https://${HttpApi}",
            "Value: !Sub https://${Http}",
            "Outputs.HttpUrl.Value.Fn::Sub: nothing in the template is called Http",
        ),
        (
            "AuthorizerId: !Ref LiveAuthorizer",
            "AuthorizerId: !Ref LiveAuthorizers",
            "Resources.ConnectRoute.Properties.AuthorizerId.Ref: \
             nothing in the template is called LiveAuthorizers",
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
             the runner does not know the type \"AWS::Lambda::Alias\"",
        ),
        (
            "UserPoolId: !Ref UserPool",
            "UserPoolId: !Ref UsersPool",
            "Resources.UserPoolClient.Properties.UserPoolId.Ref: \
             nothing in the template is called UsersPool",
        ),
        (
            "!If [OwnUserPool, !GetAtt UserPool.ProviderURL, !Ref Issuer]",
            "!If [OwnUserPool, !GetAtt UserPool.ProviderUrl, !Ref Issuer]",
            "Resources.CreateOrder.Properties.Environment.Variables.ISSUER.Fn::If[1].Fn::GetAtt: \
             UserPool, a AWS::Cognito::UserPool, has no attribute ProviderUrl here",
        ),
        (
            "DeletionPolicy: !If [Production,",
            "DeletionPolicy: !If [Productive,",
            "Resources.OrdersTable.DeletionPolicy.Fn::If: no condition is called Productive",
        ),
        (
            "\"${LiveErrorsAlarm.Arn}\"",
            "\"${LiveErrors.Arn}\"",
            "Resources.Dashboard.Properties.DashboardBody.Fn::Sub: \
             nothing in the template is called LiveErrors",
        ),
        (
            "ORDERS_TABLE: !Ref OrdersTable",
            "ORDERS_TABLE: !Ref OrderTable",
            "Resources.CreateOrder.Properties.Environment.Variables.ORDERS_TABLE.Ref: \
             nothing in the template is called OrderTable",
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
        "Parameters.Zones: the runner does not play parameters of type \"CommaDelimitedList\""
    );
}
