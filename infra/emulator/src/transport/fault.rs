//! Faults that tests inject between a function and AWS or the world, and between API Gateway and a
//! function.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::Call;
use crate::dynamodb::Reply;

/// A failure of a call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The service returns this reply and does nothing. To a request to the world, the reply's
    /// status and body are the response.
    Refuse(Reply),
    /// The connection fails, and nothing is done.
    Unreachable,
    /// The call is executed, but its response is lost: the call times out at once.
    LoseResponse,
    /// Nothing is done and no response arrives, for as long as the caller waits.
    Hang,
    /// The call waits until this is true, or its sender is dropped, and then a fault is chosen
    /// again.
    Wait(watch::Receiver<bool>),
}

impl Fault {
    /// A write that conflicts with a transaction: a transaction on its first item, as DynamoDB
    /// reports it, without that item; or a write of one item. The embedded database never has such
    /// a conflict, since it executes one call at a time.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling>
    pub fn transaction_conflict(call: &Call) -> Self {
        if call.operation() != "TransactWriteItems" {
            let message = "Transaction is ongoing for the item";
            return Self::Refuse(Reply::error(400, "TransactionConflictException", message));
        }
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

    /// DynamoDB throttles the call.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
    pub fn throttled() -> Self {
        Self::Refuse(Reply::error(400, "ThrottlingException", "Rate of requests exceeds the limit"))
    }

    /// The service fails with an internal error.
    pub fn internal_server_error() -> Self {
        Self::Refuse(Reply::internal_server_error("Internal server error"))
    }

    /// The connection of a request to `@connections` "no longer exists".
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>
    pub fn gone() -> Self {
        Self::Refuse(Reply::error(410, "GoneException", "Gone"))
    }

    /// A request to `@connections` fails because of "more than the allowed number of requests per
    /// unit of time or the WebSocket client side buffer is full".
    /// <https://docs.aws.amazon.com/botocore/latest/reference/services/apigatewaymanagementapi/client/exceptions/LimitExceededException.html>
    pub fn limit_exceeded() -> Self {
        Self::Refuse(Reply::error(429, "LimitExceededException", "Too many requests"))
    }
}

type Choose = Arc<dyn Fn(&Call) -> Option<Fault> + Send + Sync>;
type Lose = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The injected faults; none at first. Clones share them, so they can be changed while the runner
/// runs.
#[derive(Clone, Default)]
pub struct Faults(Arc<RwLock<Choice>>);

#[derive(Clone, Default)]
struct Choice {
    calls: Option<Choose>,
    disconnects: Option<Lose>,
}

impl Faults {
    /// From now on, each call of a function has the fault that `choose` returns.
    pub fn inject(&self, choose: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) {
        self.choose(|choice| choice.calls = Some(Arc::new(choose)));
    }

    /// From now on, the `$disconnect` of the connections that `lose` selects by id is lost: API
    /// Gateway does not guarantee it.
    pub fn lose_disconnects(&self, lose: impl Fn(&str) -> bool + Send + Sync + 'static) {
        self.choose(|choice| choice.disconnects = Some(Arc::new(lose)));
    }

    /// From now on, there are no faults.
    pub fn clear(&self) {
        self.choose(|choice| *choice = Choice::default());
    }

    fn choose(&self, change: impl FnOnce(&mut Choice)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns the fault for this call, if any.
    pub(super) fn strike(&self, call: &Call) -> Option<Fault> {
        self.chosen().calls.and_then(|choose| choose(call))
    }

    /// Returns true if the `$disconnect` of this connection is lost.
    pub(crate) fn lose_disconnect(&self, connection_id: &str) -> bool {
        self.chosen().disconnects.is_some_and(|lose| lose(connection_id))
    }

    /// Returns a copy, so that no lock is held while a test's own code runs.
    fn chosen(&self) -> Choice {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}
