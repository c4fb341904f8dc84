//! Tables as declared in template.yaml.

use std::collections::BTreeSet;

use features::features;
use serde_json::{Map, Value, json};

use super::{CallError, DynamoDb};

mod features;

/// An existing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    /// The ARN, as reported by the DynamoDB that holds the table.
    pub arn: String,
    /// The ARN of the latest stream; `None` without a stream.
    pub stream_arn: Option<String>,
}

/// An error that prevents the creation of a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A property that the runner does not know, perhaps a misspelt one.
    #[error("table {table}: the runner does not support the property {property}")]
    UnknownProperty { table: String, property: String },
    /// A table of that name exists, but with other properties.
    #[error(
        "the stored table {table} differs from its declaration in template.yaml (declared only: \
         {declared}; stored only: {stored}). Remove the data folder, or the table, to start with an \
         empty one"
    )]
    Differs {
        /// The table's name.
        table: String,
        /// Properties of the declaration that the stored table lacks.
        declared: String,
        /// Properties of the stored table that the declaration lacks.
        stored: String,
    },
    /// DynamoDB rejected a request.
    #[error("table {0}: {1}")]
    Refused(String, CallError),
}

/// Creates the table that the properties of an `AWS::DynamoDB::Table` describe; intrinsic
/// functions must be resolved. An existing table with the same keys, indexes and stream is kept,
/// with its data, and gets the indexes that it lacks. Properties that matter only in an account (backups, encryption, tags,
/// protection) are ignored.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>
pub async fn create_table(
    db: &DynamoDb,
    name: &str,
    properties: &Value,
) -> Result<Table, TableError> {
    let refused = |error| TableError::Refused(name.to_owned(), error);
    let declared = declaration(name, properties)?;
    let description = match describe(db, name).await.map_err(refused)? {
        Some(stored) => {
            let stored = add_indexes(db, &declared, stored).await.map_err(refused)?;
            compare(name, &declared, &stored)?;
            stored
        }
        None => create(db, &declared).await.map_err(refused)?,
    };
    if let Some(attribute) = time_to_live(properties) {
        enable_time_to_live(db, name, attribute).await.map_err(refused)?;
    }
    Ok(Table {
        name: name.to_owned(),
        arn: description["TableArn"].as_str().unwrap_or_default().to_owned(),
        stream_arn: description["LatestStreamArn"].as_str().map(str::to_owned),
    })
}

/// Converts CloudFormation's properties into a `CreateTable` request.
fn declaration(name: &str, properties: &Value) -> Result<Value, TableError> {
    let mut request = Map::from_iter([("TableName".to_owned(), json!(name))]);
    for (property, value) in properties.as_object().into_iter().flatten() {
        match property.as_str() {
            "AttributeDefinitions"
            | "BillingMode"
            | "GlobalSecondaryIndexes"
            | "KeySchema"
            | "LocalSecondaryIndexes"
            | "ProvisionedThroughput" => {
                request.insert(property.clone(), value.clone());
            }
            "StreamSpecification" => {
                let view = &value["StreamViewType"];
                let stream = json!({ "StreamEnabled": true, "StreamViewType": view });
                request.insert(property.clone(), stream);
            }
            "DeletionProtectionEnabled"
            | "PointInTimeRecoverySpecification"
            | "SSESpecification"
            | "TableClass"
            | "TableName"
            | "Tags"
            | "TimeToLiveSpecification" => {}
            _ => {
                let (table, property) = (name.to_owned(), property.clone());
                return Err(TableError::UnknownProperty { table, property });
            }
        }
    }
    Ok(Value::Object(request))
}

async fn describe(db: &DynamoDb, name: &str) -> Result<Option<Value>, CallError> {
    match db.request("DescribeTable", &json!({ "TableName": name })).await {
        Ok(mut response) => Ok(Some(response["Table"].take())),
        Err(error) if error.kind == "ResourceNotFoundException" => Ok(None),
        Err(error) => Err(error),
    }
}

async fn create(db: &DynamoDb, request: &Value) -> Result<Value, CallError> {
    let mut response = db.request("CreateTable", request).await?;
    Ok(response["TableDescription"].take())
}

/// Adds the declared indexes that the stored table lacks, one at a time, as DynamoDB requires, and
/// returns the description of the table. The items that have an index's keys are then in it.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>
async fn add_indexes(db: &DynamoDb, declared: &Value, stored: Value) -> Result<Value, CallError> {
    let indexes = |table: &Value| {
        let indexes = table["GlobalSecondaryIndexes"].as_array().cloned();
        indexes.unwrap_or_default().into_iter()
    };
    let named = |name: &Value| indexes(&stored).any(|index| index["IndexName"] == *name);
    let mut description = stored.clone();
    for index in indexes(declared).filter(|index| !named(&index["IndexName"])) {
        let is_key = |attribute: &&Value| {
            let mut keys = index["KeySchema"].as_array().into_iter().flatten();
            keys.any(|key| key["AttributeName"] == attribute["AttributeName"])
        };
        let attributes = declared["AttributeDefinitions"].as_array().into_iter().flatten();
        let request = json!({
            "TableName": declared["TableName"],
            "AttributeDefinitions": attributes.filter(is_key).collect::<Vec<_>>(),
            "GlobalSecondaryIndexUpdates": [{ "Create": index }],
        });
        description = db.request("UpdateTable", &request).await?["TableDescription"].take();
    }
    Ok(description)
}

/// Returns the attribute with an item's expiry time, if the properties name one.
fn time_to_live(properties: &Value) -> Option<&str> {
    let specification = &properties["TimeToLiveSpecification"];
    // CloudFormation accepts the text "true" as well.
    let enabled = matches!(specification["Enabled"].to_string().as_str(), "true" | "\"true\"");
    specification["AttributeName"].as_str().filter(|_| enabled)
}

/// Enables time to live unless it already is: DynamoDB rejects a repeated request. An emulator
/// that does not support time to live keeps expired items; readers have to expect them anyway.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html>
async fn enable_time_to_live(db: &DynamoDb, name: &str, attribute: &str) -> Result<(), CallError> {
    let present = db.request("DescribeTimeToLive", &json!({ "TableName": name })).await;
    let enabled = match present {
        Ok(response) => response["TimeToLiveDescription"]["AttributeName"] == attribute,
        Err(error) if error.kind == "UnknownOperationException" => return Ok(()),
        Err(error) => return Err(error),
    };
    if !enabled {
        let specification = json!({ "AttributeName": attribute, "Enabled": true });
        let request = json!({ "TableName": name, "TimeToLiveSpecification": specification });
        db.request("UpdateTimeToLive", &request).await?;
    }
    Ok(())
}

fn compare(name: &str, declared: &Value, stored: &Value) -> Result<(), TableError> {
    let (declared, stored) = (features(declared), features(stored));
    if declared == stored {
        return Ok(());
    }
    let only = |these: &BTreeSet<String>, those| {
        let names: Vec<&str> = these.difference(those).map(String::as_str).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join("; ") }
    };
    Err(TableError::Differs {
        table: name.to_owned(),
        declared: only(&declared, &stored),
        stored: only(&stored, &declared),
    })
}
