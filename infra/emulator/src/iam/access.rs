//! The actions and resources that a call needs permission for.

use http::{Method, Uri};
use serde_json::{Map, Value};

use crate::template::{ACCOUNT_ID, PARTITION, REGION};

/// An action on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// The action with its service: `dynamodb:GetItem`.
    pub(super) action: String,
    /// An ARN, or `*` if the action has no resource.
    pub(super) resource: String,
}

impl Access {
    /// Returns the accesses that a DynamoDB call needs, at least one. A batch read needs its own
    /// action on each table; a transaction needs the action of each item.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
    pub(crate) fn of_dynamodb(operation: &str, request: &Value) -> Vec<Self> {
        let accesses: Vec<_> = match operation {
            "BatchGetItem" => {
                let tables = request["RequestItems"].as_object().into_iter().flat_map(Map::keys);
                tables.map(|table| Self::dynamodb(operation, &table_arn(table))).collect()
            }
            "TransactWriteItems" => {
                let items = request["TransactItems"].as_array().into_iter().flatten();
                items.filter_map(Value::as_object).flatten().map(Self::of_item).collect()
            }
            _ => Vec::new(),
        };
        if accesses.is_empty() {
            vec![Self::dynamodb(operation, &target(request))]
        } else {
            accesses
        }
    }

    /// Returns the access that an item of a transaction needs: `{"Put": {"TableName": …}}`.
    fn of_item((kind, item): (&String, &Value)) -> Self {
        let operation = match kind.as_str() {
            "ConditionCheck" => "ConditionCheckItem".to_owned(),
            write => format!("{write}Item"),
        };
        Self::dynamodb(&operation, &target(item))
    }

    fn dynamodb(operation: &str, resource: &str) -> Self {
        Self { action: format!("dynamodb:{operation}"), resource: resource.to_owned() }
    }

    /// Returns the access that an SQS call needs on the queue of its URL:
    /// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. A batch needs the action of its messages.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html>
    pub(crate) fn of_sqs(operation: &str, request: &Value) -> Self {
        let name = request["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next());
        let queue = |name| format!("arn:{PARTITION}:sqs:{REGION}:{ACCOUNT_ID}:{name}");
        let resource = name.map_or_else(|| "*".to_owned(), queue);
        let action = operation.strip_suffix("Batch").unwrap_or(operation);
        Self { action: format!("sqs:{action}"), resource }
    }

    /// Returns the access that a request to `https://API.execute-api.…/STAGE/@connections/ID`
    /// needs.
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html>
    pub(crate) fn of_connections(method: &Method, uri: &Uri) -> Self {
        let api = uri.host().and_then(|host| host.split('.').next()).unwrap_or_default();
        let (stage, rest) = uri.path()[1..].split_once('/').unwrap_or_default();
        let resource = format!(
            "arn:{PARTITION}:execute-api:{REGION}:{ACCOUNT_ID}:{api}/{stage}/{method}/{rest}"
        );
        Self { action: "execute-api:ManageConnections".to_owned(), resource }
    }
}

/// Returns the ARN of the index that a request names, or else of the table.
fn target(request: &Value) -> String {
    let Some(table) = request["TableName"].as_str() else { return "*".to_owned() };
    match request["IndexName"].as_str() {
        Some(index) => format!("{}/index/{index}", table_arn(table)),
        None => table_arn(table),
    }
}

fn table_arn(name: &str) -> String {
    format!("arn:{PARTITION}:dynamodb:{REGION}:{ACCOUNT_ID}:table/{name}")
}
