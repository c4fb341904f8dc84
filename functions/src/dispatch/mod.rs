//! Dispatch: does what is due about an order that waits for a driver. It ends an offer, looks for
//! the drivers of the next round, or alerts people after the last one. A delayed message wakes it;
//! should one be lost, the sweep ends the offer.

mod queue;

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use clock::Clock;
use db::{Db, Dispatched};
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};

pub(crate) use self::queue::{DispatchQueue, Wake};
use crate::alerts::log_alerts;
use crate::queue::{delay, response};
use crate::{Environment, EventService, VariableError};

/// The number of orders that an invocation dispatches concurrently: those of a whole batch.
const CONCURRENT: usize = 10;

struct Dispatcher {
    db: Db,
    queue: DispatchQueue,
    clock: Clock,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<SqsEvent, SqsBatchResponse> + use<>, VariableError> {
    let (db, clock) = (env.db()?, env.clock.clone());
    let queue = DispatchQueue::new(env, "DISPATCH_QUEUE_URL")?;
    let dispatcher = Arc::new(Dispatcher { db, queue, clock });
    Ok(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let dispatcher = Arc::clone(&dispatcher);
        async move { Ok::<_, Error>(dispatcher.wake_all(event.payload.records).await) }
    }))
}

impl Dispatcher {
    /// Handles a batch. A message that cannot be handled comes again, and goes to the dead-letter
    /// queue in the end.
    async fn wake_all(&self, records: Vec<SqsMessage>) -> SqsBatchResponse {
        let handled = records.into_iter().map(async |record| {
            let id = record.message_id.unwrap_or_default();
            let wake = serde_json::from_str::<Wake>(record.body.as_deref().unwrap_or_default());
            let (order, handled) = match wake {
                Ok(wake) => (Some(wake.order), self.wake(&wake).await),
                Err(error) => (None, Err(error.into())),
            };
            let order = order.map(tracing::field::display);
            handled.err().map(|error| {
                tracing::error!(sqs.id = id, order.id = order, %error, "an order was not dispatched");
                id
            })
        });
        let failed: Vec<_> = stream::iter(handled).buffer_unordered(CONCURRENT).collect().await;
        response(failed.into_iter().flatten())
    }

    async fn wake(&self, wake: &Wake) -> Result<(), Error> {
        match self.db.dispatch(wake.order, self.clock.now()).await? {
            Dispatched::Done(events) => log_alerts(&events),
            // The clock of the queue is ahead.
            Dispatched::Early(at) if wake.at.is_none_or(|meant| meant == at) => {
                let later = Wake { at: Some(at), ..wake.clone() };
                self.queue.send(&later, later.delay(self.clock.now())).await?;
            }
            Dispatched::Again(at) => {
                self.queue.send(wake, delay(self.clock.now(), at)).await?;
            }
            // The change that has moved the time has a message of its own.
            Dispatched::Early(_) => {}
        }
        Ok(())
    }
}
