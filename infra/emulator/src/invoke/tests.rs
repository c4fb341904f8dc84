//! The outcomes of an invocation, with functions made for the test.

use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use clock::Timestamp;
use futures_util::FutureExt;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::{Function, FunctionError, Handler};
use crate::TimeScale;
use crate::meter::Meter;
use crate::template;

impl Function {
    /// Creates a function with `handler` as its code and a timeout of a minute.
    pub(crate) fn for_test(handler: Handler, clock: Clock) -> Self {
        let declared = declared(Duration::from_mins(1));
        Self::new(&declared, handler, clock, TimeScale::REAL, Meter::default())
    }
}

fn declared(timeout: Duration) -> template::Function {
    template::Function { timeout, ..template::Function::for_test(Vec::new()) }
}

fn function(handler: Handler) -> Arc<Function> {
    function_at(TimeScale::REAL, handler)
}

fn function_at(scale: TimeScale, handler: Handler) -> Arc<Function> {
    let clock = Clock::new(|| Timestamp::from_epoch_seconds(1_000).unwrap());
    let declared = declared(Duration::from_millis(50));
    Arc::new(Function::new(&declared, handler, clock, scale, Meter::default()))
}

async fn invoke(function: &Arc<Function>, event: Value) -> Result<Value, FunctionError> {
    let response = Arc::clone(function).invoke(event.to_string().into()).await?;
    Ok(serde_json::from_slice(&response).unwrap())
}

#[tokio::test]
async fn a_function_is_told_who_and_until_when_it_is() {
    let function = function(Handler::event(service_fn(|event: LambdaEvent<Value>| async move {
        let context = event.context;
        Ok::<_, Error>(json!({
            "event": event.payload,
            "deadline": context.deadline,
            "arn": context.invoked_function_arn,
            "name": context.env_config.function_name,
        }))
    })));
    let response = invoke(&function, json!({ "a": 1 })).await.unwrap();
    let expected = json!({
        "event": { "a": 1 }, "deadline": 1_000_050, "arn": "arn:test", "name": "waybill-Test",
    });
    assert_eq!(response, expected);
}

#[tokio::test]
async fn where_time_passes_faster_a_function_has_as_much_more_of_it() {
    let handler = Handler::event(service_fn(|event: LambdaEvent<Value>| async move {
        Ok::<_, Error>(event.context.deadline)
    }));
    let function = function_at("60".parse().unwrap(), handler);
    assert_eq!(invoke(&function, Value::Null).await, Ok(json!(1_003_000)));
}

#[tokio::test]
async fn an_error_a_panic_and_a_wrong_event_end_that_invocation_only() {
    let function = function(Handler::event(service_fn(|event: LambdaEvent<u8>| async move {
        assert!(event.payload != 1, "one is too many");
        if event.payload == 2 { Err(Error::from("two is worse")) } else { Ok(event.payload) }
    })));
    let panic = invoke(&function, json!(1)).await.unwrap_err();
    assert_eq!(panic.error_message, "Lambda panicked: one is too many");
    let error = invoke(&function, json!(2)).await.unwrap_err();
    assert_eq!(error.error_message, "two is worse");
    let wrong = invoke(&function, json!("x")).await.unwrap_err();
    assert_eq!(wrong.error_type, "Runtime.UnmarshalError");
    assert_eq!(invoke(&function, json!(3)).await, Ok(json!(3)));
}

#[tokio::test]
async fn a_function_is_stopped_at_its_timeout() {
    let endless = service_fn(|_: LambdaEvent<Value>| std::future::pending::<Result<(), Error>>());
    let error = invoke(&function(Handler::event(endless)), json!({})).await.unwrap_err();
    assert_eq!(error.error_type, "Sandbox.Timedout");
    assert!(error.error_message.ends_with("Task timed out after 0.05 seconds"), "{error}");
}

#[tokio::test]
async fn a_response_over_six_megabytes_is_an_error() {
    let response = "x".repeat(super::PAYLOAD_LIMIT);
    let huge = service_fn(move |_: LambdaEvent<Value>| {
        std::future::ready(Ok::<_, Error>(response.clone()))
    });
    let error = invoke(&function(Handler::event(huge)), json!({})).await.unwrap_err();
    assert_eq!(error.error_type, "Function.ResponseSizeTooLarge");
}

/// A function with a bound of its concurrency, whose invocations run until the test lets them go
/// on.
struct Bounded {
    function: Arc<Function>,
    begun: mpsc::UnboundedReceiver<()>,
    go_on: watch::Sender<bool>,
}

fn bounded(most: usize) -> Bounded {
    let (go_on, may) = watch::channel(false);
    let (report, begun) = mpsc::unbounded_channel();
    let handler = Handler::event(service_fn(move |_: LambdaEvent<Value>| {
        let (report, mut may) = (report.clone(), may.clone());
        async move {
            report.send(())?;
            may.wait_for(|may| *may).await?;
            Ok::<_, Error>(())
        }
    }));
    let declared =
        template::Function { concurrency: Some(most), ..declared(Duration::from_mins(1)) };
    let clock = Clock::new(|| Timestamp::from_epoch_seconds(1_000).unwrap());
    let function = Function::new(&declared, handler, clock, TimeScale::REAL, Meter::default());
    Bounded { function: Arc::new(function), begun, go_on }
}

#[tokio::test]
async fn an_invocation_beyond_the_concurrency_is_throttled_until_another_ends() {
    let Bounded { function, mut begun, go_on } = bounded(2);
    let mut running = [invoke(&function, json!(1)), invoke(&function, json!(2))].map(Box::pin);
    for running in &mut running {
        assert!(running.now_or_never().is_none());
        begun.recv().await.unwrap();
    }
    let throttled = invoke(&function, json!(3)).await.unwrap_err();
    assert!(throttled.is_throttled());
    assert_eq!(throttled.to_string(), "TooManyRequestsException: Rate Exceeded.");
    go_on.send_replace(true);
    for running in running {
        running.await.unwrap();
    }
    invoke(&function, json!(4)).await.unwrap();
    assert_eq!(function.meter.take().invocations["test"], 3, "a throttled one did not run");
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_its_place_to_nobody_before_the_invocation_ends() {
    let Bounded { function, mut begun, go_on } = bounded(1);
    let mut left = Box::pin(invoke(&function, json!(1)));
    assert!((&mut left).now_or_never().is_none());
    drop(left);
    begun.recv().await.unwrap();
    assert!(invoke(&function, json!(2)).await.unwrap_err().is_throttled());
    go_on.send_replace(true);
    let slots = function.slots.clone().unwrap();
    let place = tokio::time::timeout(Duration::from_secs(10), slots.acquire_owned()).await;
    drop(place.expect("the place of the invocation").unwrap());
}
