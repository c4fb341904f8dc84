//! What tests make go wrong between a function and DynamoDB.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};

use super::Call;
use crate::dynamodb::Reply;

/// Something that goes wrong with one call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// DynamoDB answers this and does nothing.
    Refuse(Reply),
    /// There is no connection, and nothing is done.
    Unreachable,
    /// The call is executed, and its answer never comes.
    LoseAnswer,
}

impl Fault {
    /// The transaction meets another one on its first item, which DynamoDB
    /// reports without that item. The embedded database never does this: it
    /// executes one call at a time.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
    pub fn transaction_conflict(call: &Call) -> Self {
        let items = call.request["TransactItems"].as_array().map_or(1, Vec::len);
        let mut codes = vec!["None"; items.max(1)];
        codes[0] = "TransactionConflict";
        let reason = |code: &&str| match *code {
            "None" => json!({ "Code": code }),
            _ => json!({ "Code": code, "Message": "Transaction is ongoing for the item" }),
        };
        let body = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": format!(
                "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                codes.join(", ")
            ),
            "CancellationReasons": codes.iter().map(reason).collect::<Vec<Value>>(),
        });
        Self::Refuse(Reply { status: 400, body: body.to_string().into() })
    }

    /// DynamoDB is asked too much.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
    pub fn throttled() -> Self {
        Self::Refuse(Reply::error(400, "ThrottlingException", "Rate of requests exceeds the limit"))
    }

    /// DynamoDB fails.
    pub fn internal_server_error() -> Self {
        Self::Refuse(Reply::internal_server_error("Internal server error"))
    }
}

type Choose = Arc<dyn Fn(&Call) -> Option<Fault> + Send + Sync>;

/// Chooses the calls that go wrong; at first none. Clones share the choice, so
/// it can be changed while the runner runs.
#[derive(Clone, Default)]
pub struct Faults(Arc<RwLock<Option<Choose>>>);

impl Faults {
    /// From now on, each call suffers what `choose` says.
    pub fn inject(&self, choose: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(choose));
    }

    /// From now on, nothing goes wrong.
    pub fn clear(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What this call suffers.
    pub(super) fn strike(&self, call: &Call) -> Option<Fault> {
        let choose = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        choose.and_then(|choose| choose(call))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}
