//! The settings of a function's schedule.

use std::time::Duration;

use super::*;

const EVENTS: &str = "      Events:\n        Orders:\n";

/// Parses the template with an additional schedule for its relay.
fn with(properties: &str) -> Result<Template, String> {
    let event = format!("        Tick: {{ Type: Schedule, Properties: {properties} }}\n");
    waybill(EVENTS, &EVENTS.replace("Events:\n", &format!("Events:\n{event}")))
}

/// Like [`with`], with that schedule expression.
fn at(expression: &str) -> Result<Template, String> {
    with(&format!("{{ Schedule: {expression} }}"))
}

#[test]
fn a_rate_is_read_as_eventbridge_writes_it() {
    let cases = [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 5 * 60),
        ("rate(1 hour)", 60 * 60),
        ("rate(12 hours)", 12 * 60 * 60),
        ("rate(1 day)", 24 * 60 * 60),
        ("rate(7 days)", 7 * 24 * 60 * 60),
    ];
    for (expression, seconds) in cases {
        let relay = &at(expression).unwrap().functions["Relay"];
        let period = Duration::from_secs(seconds);
        let rule_arn = "arn:aws:events:local:000000000000:rule/waybill-RelayTick".to_owned();
        assert_eq!(relay.schedules, [Schedule { rule_arn, period }], "{expression}");
        assert_eq!(relay.triggers.len(), 1);
    }
    assert_eq!(waybill("Waybill", "Waybill").unwrap().functions["Relay"].schedules, []);
}

#[test]
fn what_is_no_rate_is_named() {
    let not_played = "the runner supports only rate(...)";
    let no_rate = "is not a valid rate; write rate(1 minute), rate(5 minutes), or the same with \
                   hours or days";
    let cases = [
        ("cron(0 12 * * ? *)", not_played),
        ("1 minute", not_played),
        ("rate(1 minute", not_played),
        ("rate(1 minutes)", no_rate),
        ("rate(5 minute)", no_rate),
        ("rate(0 minutes)", no_rate),
        ("rate(-1 minutes)", no_rate),
        ("rate(1.5 hours)", no_rate),
        ("rate(30 seconds)", no_rate),
        ("rate(minute)", no_rate),
    ];
    for (expression, problem) in cases {
        let expected = format!("Resources.Relay.Properties.Events.Tick.Schedule: {problem}");
        assert_eq!(at(expression).map(|_| ()), Err(expected), "{expression}");
    }
    let unknown = with("{ Schedule: rate(1 minute), Input: x }").unwrap_err();
    assert!(unknown.starts_with("Resources.Relay.Properties.Events.Tick: "), "{unknown}");
    assert!(unknown.contains("unknown field `Input`"), "{unknown}");
}

#[test]
fn a_schedule_is_somebody_who_calls() {
    let ticket = "Issue: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: POST, \
                  Path: /live/tickets } }";
    let tick = "Tick: { Type: Schedule, Properties: { Schedule: rate(1 minute) } }";
    assert!(waybill(ticket, tick).is_ok());
}

#[test]
fn a_function_has_the_concurrency_and_the_age_of_events_that_it_is_given() {
    let of_sweep = |parameters: &[(&str, &str)]| {
        let template = parse(TEMPLATE, "dev", &[&OWN_ISSUER[..], parameters].concat()).unwrap();
        let sweep = &template.functions["Sweep"];
        (sweep.concurrency, sweep.event_age)
    };
    let minute = Duration::from_mins(1);
    assert_eq!(of_sweep(&[]), (None, minute));
    assert_eq!(of_sweep(&[("SweepConcurrency", "3")]), (Some(3), minute));
    let template = waybill("Waybill", "Waybill").unwrap();
    assert_eq!(template.functions["Relay"].event_age, Duration::from_hours(6), "Lambda's default");
    let wrong = parse(TEMPLATE, "dev", &[("SweepConcurrency", "many")]).map(|_| ());
    let at = "Resources.Sweep.Properties.ReservedConcurrentExecutions";
    assert_eq!(wrong, Err(format!("{at}: must be a number")));
}
