//! The template's queues that invoke functions.

use std::io;

use super::DeployError;
use super::triggers::invoke;
use crate::invoke::Functions;
use crate::queue::{DeadLetters, EventSource, Queue, Queues};
use crate::template::{self, QueueTrigger, Template};

/// A mapping between a queue and the function that it invokes.
#[derive(Clone)]
pub(super) struct Consumer {
    /// The queue's logical id.
    pub(super) queue: String,
    /// The function's logical id.
    function: String,
    source: EventSource,
}

/// Returns the mappings of all queues of the template. Fails if an event or a redrive policy names
/// an ARN that no queue has.
pub(super) fn consumers(
    template: &Template,
    queues: &Queues,
) -> Result<Vec<Consumer>, DeployError> {
    for (logical_id, queue) in &template.queues {
        dead_letters(logical_id, queue, queues)?;
    }
    let triggers = template.functions.iter().flat_map(|(logical_id, function)| {
        function.queues.iter().map(move |trigger| (logical_id, trigger))
    });
    triggers.map(|(function, trigger)| consumer(template, function, trigger, queues)).collect()
}

fn consumer(
    template: &Template,
    function: &str,
    trigger: &QueueTrigger,
    queues: &Queues,
) -> Result<Consumer, DeployError> {
    let source = find(function, &trigger.queue_arn, queues)?;
    let mut declared = template.queues.iter();
    let declared = declared.find(|(_, queue)| queue.arn == trigger.queue_arn);
    let (logical_id, declared) = declared.ok_or_else(|| missing(function, &trigger.queue_arn))?;
    Ok(Consumer {
        queue: logical_id.clone(),
        function: function.to_owned(),
        source: EventSource {
            queue: source,
            dead_letters: dead_letters(logical_id, declared, queues)?,
            batch_size: trigger.batch_size,
            report_batch_item_failures: trigger.report_batch_item_failures,
            concurrency: trigger.concurrency,
        },
    })
}

fn dead_letters(
    logical_id: &str,
    declared: &template::Queue,
    queues: &Queues,
) -> Result<Option<DeadLetters>, DeployError> {
    let policy = declared.redrive_policy.as_ref().map(|policy| {
        let queue = find(logical_id, &policy.dead_letters, queues)?;
        Ok(DeadLetters { queue, max_receive_count: policy.max_receive_count })
    });
    policy.transpose()
}

/// Returns the queue with this ARN, which the resource `logical_id` names.
pub(super) fn find(logical_id: &str, arn: &str, queues: &Queues) -> Result<Queue, DeployError> {
    queues.with_arn(arn).cloned().ok_or_else(|| missing(logical_id, arn))
}

fn missing(logical_id: &str, arn: &str) -> DeployError {
    DeployError::NoQueue { resource: logical_id.to_owned(), destination: arn.to_owned() }
}

impl Consumer {
    /// Invokes the function once; returns the number of messages that were received.
    pub(super) async fn deliver(&self, functions: &Functions) -> io::Result<usize> {
        self.source.poll(&invoke(functions, &self.function)).await
    }

    /// Delivers messages to the function until `stop`.
    pub(super) async fn run(self, functions: Functions, stop: impl Future<Output = ()>) {
        self.source.run(invoke(&functions, &self.function), stop).await;
    }
}
