//! The values of `Ref` and `Fn::GetAtt` for the resources on this machine.
//!
//! The return values of each type are listed at
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>;
//! those of SAM's types at
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>.

use serde_json::Value;

pub use crate::dynamodb::REGION;

/// The account of all resources here.
pub const ACCOUNT_ID: &str = "000000000000";
/// The partition of every ARN.
pub const PARTITION: &str = "aws";

/// A resource, with the parts that references to it need.
#[derive(Clone, Copy)]
pub(super) struct Referent<'a> {
    pub(super) stack: &'a str,
    pub(super) logical_id: &'a str,
    pub(super) kind: &'a str,
    /// The unresolved `Properties`, as in the file.
    pub(super) properties: &'a Value,
}

impl Referent<'_> {
    /// Returns the name that CloudFormation would generate, without its random suffix.
    pub(super) fn physical_name(&self) -> String {
        format!("{}-{}", self.stack, self.logical_id)
    }

    /// Returns the value of `Ref`.
    pub(super) fn reference(&self) -> String {
        match self.kind {
            "AWS::Serverless::HttpApi" | "AWS::ApiGatewayV2::Api" => self.api_id(),
            "AWS::SNS::Topic" => arn("sns", &self.physical_name()),
            "AWS::SQS::Queue" => self.queue_url(),
            "AWS::ApiGatewayV2::Stage" => {
                self.properties["StageName"].as_str().unwrap_or_default().to_owned()
            }
            _ => self.physical_name(),
        }
    }

    /// Returns the value of `Fn::GetAtt`; `None` if the type has no such attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        Some(match (self.kind, name) {
            ("AWS::DynamoDB::Table", "Arn") => self.table_arn(),
            ("AWS::DynamoDB::Table", "StreamArn")
                if !self.properties["StreamSpecification"].is_null() =>
            {
                // The label is the creation time, which a template cannot know.
                format!("{}/stream/local", self.table_arn())
            }
            ("AWS::Serverless::Function", "Arn") => {
                arn("lambda", &format!("function:{}", self.physical_name()))
            }
            ("AWS::CloudWatch::Alarm", "Arn") => {
                arn("cloudwatch", &format!("alarm:{}", self.physical_name()))
            }
            ("AWS::Cognito::UserPool", "ProviderURL") => {
                format!("https://cognito-idp.{REGION}.amazonaws.com/{}", self.physical_name())
            }
            ("AWS::Logs::LogGroup", "Arn") => {
                arn("logs", &format!("log-group:{}:*", self.physical_name()))
            }
            ("AWS::SQS::Queue", "Arn") => arn("sqs", &self.physical_name()),
            ("AWS::SQS::Queue", "QueueUrl") => self.queue_url(),
            ("AWS::ApiGatewayV2::Api", "ApiId") => self.api_id(),
            ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => {
                format!("wss://{}.execute-api.{REGION}.amazonaws.com", self.api_id())
            }
            ("AWS::SQS::Queue", "QueueName")
            | ("AWS::ApiGatewayV2::Authorizer", "AuthorizerId")
            | ("AWS::ApiGatewayV2::Integration", "IntegrationId")
            | ("AWS::ApiGatewayV2::Route", "RouteId") => self.physical_name(),
            _ => return None,
        })
    }

    fn table_arn(&self) -> String {
        arn("dynamodb", &format!("table/{}", self.physical_name()))
    }

    fn queue_url(&self) -> String {
        format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{}", self.physical_name())
    }

    fn api_id(&self) -> String {
        self.logical_id.to_ascii_lowercase()
    }
}

/// Returns the ARN of a resource on this machine.
pub(super) fn arn(service: &str, resource: &str) -> String {
    format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT_ID}:{resource}")
}
