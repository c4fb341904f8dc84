//! The faults of the functions' calls.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use emulator::dynamodb::Reply;
use emulator::transport::{Call, Fault, Service};
use serde_json::{Value, json};

use super::super::receiver::Answer;
use crate::harness::chance::Chance;

/// The functions between the stream and the receivers.
const FUNCTIONS: [&str; 3] = ["outbox", "deliver-webhooks", "sweep"];

/// The number of answers of a receiver that are drawn, and how many of them refuse a message.
const ANSWERS: (usize, usize) = (15, 6);

/// The number of requests for one message that fail on the way. With the answers that refuse one,
/// they are fewer than the attempts of a message, which is therefore never given up.
const FAILED_REQUESTS: usize = 3;

/// The surroundings that the functions' calls meet. Clones are the same world.
#[derive(Clone, Default)]
pub(super) struct World(Arc<Mutex<Outside>>);

#[derive(Default)]
struct Outside {
    /// `None` if nothing fails.
    chance: Option<Chance>,
    /// The number of calls of AWS of which some dozens fail.
    out_of: usize,
    /// The number of failed requests by the id of the message.
    failed: HashMap<String, usize>,
}

/// The fate of a call.
enum Blow {
    Fault(Fault),
    /// The function's process ends before the call.
    Crash,
}

impl World {
    fn lock(&self) -> MutexGuard<'_, Outside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws faults from now on.
    pub(super) fn trouble(&self, mut chance: Chance) {
        let out_of = chance.pick(&[1000, 1000, 1000, 300]);
        *self.lock() = Outside { chance: Some(chance), out_of, failed: HashMap::new() };
    }

    pub(super) fn calm(&self) {
        self.lock().chance = None;
    }

    pub(super) fn strike(&self, call: &Call) -> Option<Fault> {
        let blow = FUNCTIONS.contains(&call.function.as_str()).then(|| self.lock().draw(call));
        match blow?? {
            Blow::Fault(fault) => Some(fault),
            // The panic of the invocation, without the report of a panic.
            Blow::Crash => resume_unwind(Box::new("a crash")),
        }
    }
}

impl Outside {
    fn draw(&mut self, call: &Call) -> Option<Blow> {
        let chance = self.chance.as_mut()?;
        match call.service() {
            Service::DynamoDb => of_dynamodb(call, chance.below(self.out_of)),
            Service::Sqs => of_sqs(call, chance.below(self.out_of)),
            Service::Egress => {
                let id = call.request["Headers"]["webhook-id"].as_str().unwrap_or_default();
                let failed = self.failed.entry(id.to_owned()).or_default();
                // A failure seldom comes alone.
                if *failed == FAILED_REQUESTS || !chance.percent(if *failed > 0 { 50 } else { 20 })
                {
                    return None;
                }
                *failed += 1;
                // If the response is lost, the receiver has the message.
                Some(Blow::Fault(chance.pick(&[Fault::Unreachable, Fault::LoseResponse])))
            }
            Service::Connections => None,
        }
    }
}

/// A call that the SDK repeats costs up to a second of its own clock, so these faults are rarer.
fn of_dynamodb(call: &Call, drawn: usize) -> Option<Blow> {
    let writes = ["PutItem", "UpdateItem", "TransactWriteItems"].contains(&call.operation());
    Some(match drawn {
        0..25 => Blow::Fault(not_now()),
        25..35 => Blow::Crash,
        35..38 => Blow::Fault(Fault::throttled()),
        38..41 => Blow::Fault(Fault::internal_server_error()),
        41..51 if writes => Blow::Fault(Fault::LoseResponse),
        51..91 if writes => Blow::Fault(Fault::transaction_conflict(call)),
        91..111 if writes => Blow::Crash,
        _ => return None,
    })
}

fn of_sqs(call: &Call, drawn: usize) -> Option<Blow> {
    let is_batch = call.operation() == "SendMessageBatch";
    Some(match drawn {
        0..50 => Blow::Fault(not_now()),
        80..90 => Blow::Fault(Fault::throttled()),
        90..100 => Blow::Fault(Fault::internal_server_error()),
        // The message is sent again.
        100..140 => Blow::Fault(Fault::LoseResponse),
        140..220 if is_batch => Blow::Fault(entries_refused(call)),
        // An attempt may be recorded already, and the next one is not queued.
        50..80 | 140..220 => Blow::Crash,
        _ => return None,
    })
}

/// An error that the SDK does not repeat.
fn not_now() -> Fault {
    Fault::Refuse(Reply::error(400, "ResourceNotFoundException", "Not now"))
}

/// A batch of which no entry is accepted, which is no error.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
fn entries_refused(call: &Call) -> Fault {
    let entries = call.request["Entries"].as_array().into_iter().flatten();
    let refused = entries.map(|entry| {
        json!({ "Id": entry["Id"], "SenderFault": false, "Code": "InternalError", "Message": "Not now" })
    });
    let body = json!({ "Successful": [], "Failed": refused.collect::<Vec<Value>>() });
    Fault::Refuse(Reply { status: 200, body: body.to_string().into() })
}

/// Draws the first answers of a receiver. Afterwards it accepts everything.
pub(super) fn answers(chance: &mut Chance) -> Vec<Answer> {
    let (count, refusing) = ANSWERS;
    let mut answers = vec![Answer::Status(204, ""); count];
    for _ in 0..refusing {
        let place = chance.below(count);
        answers[place] = chance.pick(&[
            Answer::Status(500, ""),
            Answer::Status(302, "location: /x\r\n"),
            Answer::Status(429, "retry-after: 30\r\n"),
            Answer::Status(429, "retry-after: 2000\r\n"),
            Answer::Status(503, "retry-after: 400\r\n"),
        ]);
    }
    answers
}
