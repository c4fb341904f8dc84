//! The end of an invocation.

use clock::Timestamp;
use lambda_runtime::LambdaEvent;

/// Returns the time until which an invocation may start further work, `reserve` seconds before its
/// time-out; `None`, no limit, if the event has no deadline (0).
pub(crate) fn until<T>(event: &LambdaEvent<T>, reserve: i64) -> Option<Timestamp> {
    let deadline = i64::try_from(event.context.deadline).ok().filter(|millis| *millis > 0);
    deadline.and_then(Timestamp::from_epoch_millis).map(|it| it.plus_seconds(-reserve))
}
