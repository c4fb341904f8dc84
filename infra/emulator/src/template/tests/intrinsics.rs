//! The resolver against a small template.

use serde_json::{Value, json};

use super::super::intrinsic::resolve;
use super::super::path::Path;
use super::super::scope::Scope;
use super::super::yaml;
use super::*;

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

/// Evaluates the YAML `expression` with the names in `NAMES`.
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
        ("!Split [',', 'a,b,,c']", json!(["a", "b", "", "c"])),
        ("!Split ['t', !Ref Stage]", json!(["", "es", ""])),
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
        ("!Ref Missing", "here.Ref: the template has no resource or parameter Missing"),
        ("a: [!Ref Missing]", "here.a[0].Ref: the template has no resource or parameter Missing"),
        ("!Ref Off", "here.Ref: Off is excluded by its condition"),
        (
            "!GetAtt Missing.Arn",
            "here.Fn::GetAtt: the template has no resource or parameter Missing",
        ),
        (
            "!GetAtt Orders.Arm",
            "here.Fn::GetAtt: the runner does not support the attribute Arm of Orders, a AWS::DynamoDB::Table",
        ),
        (
            "!GetAtt Orders.StreamArn",
            "here.Fn::GetAtt: the runner does not support the attribute StreamArn of Orders, a AWS::DynamoDB::Table",
        ),
        ("!Sub 'x${Missing}'", "here.Fn::Sub: the template has no resource or parameter Missing"),
        (
            "!Sub 'x${Missing.Arn}'",
            "here.Fn::Sub: the template has no resource or parameter Missing",
        ),
        ("!If [Missing, 1, 2]", "here.Fn::If: the template has no condition Missing"),
        // References are checked both in the selected branch and in the other one.
        ("!If [IsTest, !Ref Off, 2]", "here.Fn::If[1].Ref: Off is excluded by its condition"),
        (
            "!If [IsLive, !Ref Missing, 2]",
            "here.Fn::If[1].Ref: the template has no resource or parameter Missing",
        ),
        (
            "!If [IsTest, 1, { a: [!GetAtt Missing.Arn] }]",
            "here.Fn::If[2].a[0].Fn::GetAtt: the template has no resource or parameter Missing",
        ),
        ("!ImportValue x", "here.Fn::ImportValue: the runner does not support this function"),
    ];
    for (expression, expected) in cases {
        assert_eq!(evaluate(expression), Err(expected.to_owned()), "{expression}");
    }
}
