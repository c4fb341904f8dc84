//! `ConsumedCapacity`, as DynamoDB reports it for `ReturnConsumedCapacity: INDEXES`.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html>

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::dynamodb::Reply;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    consumed_capacity: Option<OneOrMany>,
}

/// A batch or a transaction reports one entry per table.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Consumed),
    Many(Vec<Consumed>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Consumed {
    table_name: String,
    table: Option<Units>,
    #[serde(default)]
    global_secondary_indexes: BTreeMap<String, Units>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Units {
    capacity_units: f64,
}

/// Returns the consumption that a reply reports, as table, index (`None` for the table itself)
/// and units. Empty if DynamoDB rejected the call.
pub(super) fn consumed(reply: &Reply) -> Vec<(String, Option<String>, f64)> {
    let response = serde_json::from_slice::<Response>(&reply.body).ok();
    let tables = match response.and_then(|response| response.consumed_capacity) {
        Some(OneOrMany::One(table)) => vec![table],
        Some(OneOrMany::Many(tables)) => tables,
        None => Vec::new(),
    };
    tables.into_iter().flat_map(Consumed::parts).collect()
}

impl Consumed {
    fn parts(self) -> impl Iterator<Item = (String, Option<String>, f64)> {
        let Self { table_name, table, global_secondary_indexes } = self;
        let indexes = global_secondary_indexes.into_iter().map(|(name, it)| (Some(name), it));
        let all = table.into_iter().map(|it| (None, it)).chain(indexes);
        all.map(move |(index, it)| (table_name.clone(), index, it.capacity_units))
    }
}
