//! The content of one message, and its limits.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use super::Refusal;
use crate::queue::Outgoing;

/// "The minimum size is one character. The maximum size is 1 MiB or 1,048,576
/// bytes"; from the same page.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;

/// "Valid values: 0 to 900"; from the same page.
const LONGEST_DELAY: u16 = 900;

/// The length of a `MessageGroupId`, which has "alphanumeric characters and punctuation"; from the
/// same page.
const GROUP_LIMIT: usize = 128;

/// The content of a message, as a request has it.
pub(super) struct Content {
    pub(super) body: String,
    pub(super) delay_seconds: Option<i64>,
    pub(super) group: Option<String>,
}

impl Content {
    pub(super) fn checked(self) -> Result<Outgoing, Refusal> {
        let Self { body, delay_seconds, group } = self;
        check_body(&body)?;
        let delay = u16::try_from(delay_seconds.unwrap_or_default()).ok();
        let delay_seconds = delay.filter(|delay| *delay <= LONGEST_DELAY).ok_or_else(|| {
            Refusal::invalid(format!("DelaySeconds must be >= 0 and <= {LONGEST_DELAY}"))
        })?;
        if group.as_ref().is_some_and(|group| !is_group(group)) {
            return Err(Refusal::invalid(format!(
                "MessageGroupId can only include alphanumeric and punctuation characters. \
                 1 to {GROUP_LIMIT} in length"
            )));
        }
        Ok(Outgoing { body, delay_seconds, group })
    }
}

fn check_body(body: &str) -> Result<(), Refusal> {
    match body.len() {
        0 => Err(Refusal::invalid("Message must not be empty")),
        1..=BODY_LIMIT => body.chars().find(|c| !is_allowed(*c)).map_or(Ok(()), |other| {
            let problem = format!("Invalid character {other:?} was found in the message body.");
            Err(Refusal::new("InvalidMessageContents", problem))
        }),
        _ => Err(Refusal::invalid(format!("Message must be shorter than {BODY_LIMIT} bytes"))),
    }
}

fn is_group(name: &str) -> bool {
    (1..=GROUP_LIMIT).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns true for the characters of XML 1.0, as listed on the same page; a `char` is never a
/// surrogate.
fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => other >= ' ',
    }
}
