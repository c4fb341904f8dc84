//! The template's event source mappings, each between a table's stream and a function.

use std::collections::BTreeMap;

use clock::Clock;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{DeployError, consumers};
use crate::dynamodb::{DynamoDb, Table};
use crate::invoke::{FunctionError, Functions};
use crate::queue::{Queue, Queues};
use crate::stream::{EventSourceMapping, Settings, Slice, StartingPosition};
use crate::template::{Function, REGION, Template, Trigger};

/// A mapping and the function that it invokes.
pub(super) struct Mapping {
    function: String,
    source: EventSourceMapping,
    /// The destination of batches that are given up.
    failures: Option<Failures>,
}

/// A failure destination.
struct Failures {
    queue: Queue,
    /// The binary of the function that failed.
    function: String,
}

/// Starts all mappings of the template, one for each of a stream's `shards`, which read from now on.
pub(super) async fn mappings(
    template: &Template,
    tables: &BTreeMap<String, Table>,
    queues: &Queues,
    db: &DynamoDb,
    clock: &Clock,
    shards: u32,
) -> Result<Vec<Mapping>, DeployError> {
    let mut mappings = Vec::new();
    for (logical_id, function) in &template.functions {
        for trigger in &function.triggers {
            let stream =
                stream(template, tables, trigger).ok_or_else(|| DeployError::NoStream {
                    function: logical_id.clone(),
                    stream: trigger.stream_arn.clone(),
                })?;
            for index in 0..shards.max(1) {
                let slice = Slice { index, of: shards };
                let settings = settings(function, trigger, stream.clone(), slice);
                let source = EventSourceMapping::start(db.clone(), settings, clock.clone()).await?;
                let failures = failures(logical_id, function, trigger, queues)?;
                mappings.push(Mapping { function: logical_id.clone(), source, failures });
            }
        }
    }
    Ok(mappings)
}

/// Returns the ARN that DynamoDB gave the stream that the template names.
fn stream(
    template: &Template,
    tables: &BTreeMap<String, Table>,
    trigger: &Trigger,
) -> Option<String> {
    let mut declared = template.tables.iter();
    let (logical_id, _) =
        declared.find(|(_, table)| table.stream_arn.as_ref() == Some(&trigger.stream_arn))?;
    tables.get(logical_id)?.stream_arn.clone()
}

/// Returns the failure destination that the template names for a trigger, if any.
fn failures(
    logical_id: &str,
    function: &Function,
    trigger: &Trigger,
    queues: &Queues,
) -> Result<Option<Failures>, DeployError> {
    let Some(arn) = &trigger.on_failure else { return Ok(None) };
    let queue = consumers::find(logical_id, arn, queues)?;
    Ok(Some(Failures { queue, function: function.binary.clone() }))
}

fn settings(function: &Function, trigger: &Trigger, stream_arn: String, slice: Slice) -> Settings {
    Settings {
        stream_arn,
        event_source_arn: trigger.stream_arn.clone(),
        region: REGION.to_owned(),
        function_arn: function.arn.clone(),
        slice,
        starting_position: StartingPosition::Latest,
        batch_size: trigger.batch_size,
        filters: trigger.filters.clone(),
        bisect_batch_on_function_error: trigger.bisect_batch_on_function_error,
        maximum_retry_attempts: trigger.maximum_retry_attempts,
        maximum_record_age: trigger.maximum_record_age,
        report_batch_item_failures: trigger.report_batch_item_failures,
    }
}

/// Returns a closure that invokes the function with that logical id.
pub(super) fn invoke(
    functions: &Functions,
    function: &str,
) -> impl Fn(Value) -> BoxFuture<'static, Result<Value, FunctionError>> + use<> {
    let (functions, function) = (functions.clone(), function.to_owned());
    move |event| {
        let (functions, function) = (functions.clone(), function.clone());
        let response = async move {
            let response = functions.invoke(&function, &event).await?;
            Ok(serde_json::from_slice(&response).unwrap_or_default())
        };
        response.boxed()
    }
}

impl Mapping {
    /// Delivers records to the function until `stop`.
    pub(super) async fn run(self, functions: Functions, stop: impl Future<Output = ()>) {
        let Self { function, source, failures } = self;
        let invoke = invoke(&functions, &function);
        let give_up = |record: Value| {
            tracing::error!(function, %record, "a batch was discarded after its last retry");
            if let Some(failures) = &failures {
                failures.report(&record);
            }
        };
        source.run(invoke, give_up, stop).await;
    }
}

impl Failures {
    /// The sender is the function, as on Lambda.
    fn report(&self, record: &Value) {
        if let Err(error) = self.queue.send(&self.function, &record.to_string()) {
            tracing::error!(%error, "a discarded batch could not be sent to its failure queue");
        }
    }
}
