//! Eventual consistency at its worst: indexes and replicas that lag behind their table. The
//! databases that tests run on never lag.

use std::collections::BTreeMap;

use emulator::dynamodb::Reply;
use emulator::transport::{Call, Fault};
use serde_json::{Value, json};

use super::ledger::Ledger;

/// The maximum lag of a replica, in seconds.
pub(super) const REPLICA_LAG: i64 = 2;

/// The time of each subscription, by topic and connection, in seconds since 1970.
pub(super) type Subscribed = BTreeMap<(String, String), i64>;

fn reply_with(body: &Value) -> Fault {
    Fault::Refuse(Reply { status: 200, body: body.to_string().into() })
}

/// Returns a stale response if DynamoDB may give `call` one, or `None` if the call asks for the
/// current state.
pub(super) fn stale(
    call: &Call,
    ledger: &Ledger,
    subscribed: &Subscribed,
    now: i64,
) -> Option<Fault> {
    let is_strong = call.request["ConsistentRead"] == true;
    match call.operation() {
        "Query" if call.request["IndexName"].is_string() => {
            Some(reply_with(&of_index(&call.request, ledger, now)))
        }
        "Query" if !is_strong && call.function == "relay" => {
            let topic = call.request["ExpressionAttributeValues"][":topic"]["S"].as_str()?;
            let late =
                subscribed.iter().any(|((of, _), at)| of == topic && *at + REPLICA_LAG > now);
            late.then(|| reply_with(&json!({ "Items": [], "Count": 0, "ScannedCount": 0 })))
        }
        "BatchGetItem" => heads(&call.request, ledger, now),
        _ => None,
    }
}

/// Answers a query of an index, in the form that lists use.
fn of_index(request: &Value, ledger: &Ledger, now: i64) -> Value {
    let name = |of: &str| request["ExpressionAttributeNames"][of].as_str().expect("a name");
    let value = |of: &str| request["ExpressionAttributeValues"][of]["S"].as_str().expect("a value");
    let (partition, sort) = (name("#partition"), name("#sort"));
    let mut found: Vec<&Value> = ledger.shown(now);
    found.retain(|item| {
        let place = item[sort]["S"].as_str().unwrap_or_default();
        item[partition]["S"] == value(":partition")
            && (value(":least")..=value(":greatest")).contains(&place)
    });
    found.sort_by_key(|item| item[sort]["S"].as_str());
    if request["ScanIndexForward"] == false {
        found.reverse();
    }
    let limit = request["Limit"].as_u64().and_then(|it| it.try_into().ok()).unwrap_or(usize::MAX);
    let keys = |item: &Value| {
        let key = |name: &str| (name.to_owned(), item[name].clone());
        Value::Object([key("order_id"), key(partition), key(sort)].into_iter().collect())
    };
    let items: Vec<_> = found.iter().take(limit).map(|item| keys(item)).collect();
    let mut response = json!({ "Count": items.len(), "ScannedCount": items.len() });
    if found.len() > limit {
        response["LastEvaluatedKey"] = items.last().cloned().unwrap_or_default();
    }
    response["Items"] = Value::from(items);
    response
}

/// Answers a read of heads that is not consistent.
fn heads(request: &Value, ledger: &Ledger, now: i64) -> Option<Fault> {
    let (table, wanted) = request["RequestItems"].as_object()?.iter().next()?;
    if wanted["ConsistentRead"] == true {
        return None;
    }
    let keys = wanted["Keys"].as_array()?.iter();
    let ids = keys.filter_map(|key| key["order_id"]["S"].as_str());
    let items: Vec<_> = ids.filter_map(|id| ledger.replica(id, now)).collect();
    Some(reply_with(&json!({ "Responses": { table: items }, "UnprocessedKeys": {} })))
}
