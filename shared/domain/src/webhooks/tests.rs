use std::time::Duration;

use clock::Timestamp;

use super::Outcome::{Refused, Responded, TimedOut, Unreachable};
use super::*;
use crate::samples::{clerk, customer, driver, merchant, merchant_id, ops, store_id, support};
use crate::visibility::EventView;
use crate::{Denied, Principal, Role, WebhookId};

fn status(status: u16) -> Outcome {
    Responded { status, retry_after: None }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::EPOCH.plus_seconds(seconds)
}

#[test]
fn a_message_is_tried_ten_times_at_the_specified_times() {
    let mut minutes = Vec::new();
    let mut attempt = 1;
    while let Verdict::Retry(after) = verdict(status(500), attempt, None, at(0)) {
        minutes.push(after.as_secs_f64() / 60.0);
        attempt += 1;
    }
    let hours = [2.0, 5.0, 10.0, 14.0, 20.0, 24.0].map(|hours| hours * 60.0);
    let expected: Vec<_> = [5.0 / 60.0, 5.0, 30.0].into_iter().chain(hours).collect();
    assert_eq!((minutes, attempt), (expected, ATTEMPTS), "one more than there are delays");
    assert_eq!(verdict(status(500), ATTEMPTS, None, at(0)), Verdict::GiveUp);
}

#[test]
fn only_a_status_of_success_delivers() {
    for code in 100..600 {
        let expected = match code {
            200..=299 => Verdict::Delivered,
            410 => Verdict::Disable(DisabledReason::Gone),
            429 | 502 | 504 => Verdict::Retry(Duration::from_secs(30)),
            _ => Verdict::Retry(Duration::from_secs(5)),
        };
        assert_eq!(verdict(status(code), 1, None, at(0)), expected, "{code}");
    }
    for outcome in [TimedOut, Unreachable, Refused] {
        let retried = Verdict::Retry(Duration::from_secs(5));
        assert_eq!(verdict(outcome, 1, None, at(0)), retried, "{outcome:?}");
    }
}

#[test]
fn an_overloaded_server_is_left_alone_for_as_long_as_it_asks() {
    let asks = |status, seconds| {
        let retry_after = Some(Duration::from_secs(seconds));
        verdict(Responded { status, retry_after }, 1, None, at(0))
    };
    for code in [429, 502, 503, 504] {
        assert_eq!(asks(code, 120), Verdict::Retry(Duration::from_mins(2)), "{code}");
        assert_eq!(asks(code, 1), Verdict::Retry(Duration::from_secs(5)), "{code}");
        assert_eq!(asks(code, u64::MAX), Verdict::Retry(Duration::from_hours(24)), "{code}");
    }
    assert_eq!(asks(500, 120), Verdict::Retry(Duration::from_secs(5)));
}

#[test]
fn an_endpoint_that_fails_for_five_days_is_disabled() {
    let five_days = 5 * 24 * 60 * 60;
    let fails = |now| verdict(TimedOut, 3, Some(at(100)), at(now));
    assert_eq!(fails(100 + five_days - 1), Verdict::Retry(Duration::from_mins(30)));
    assert_eq!(fails(100 + five_days), Verdict::Disable(DisabledReason::Failing));
    assert_eq!(verdict(status(204), 3, Some(at(100)), at(100 + five_days)), Verdict::Delivered);
}

#[test]
fn a_url_is_absolute_and_names_nobody() {
    for text in [
        "https://example.com",
        "https://example.com:8443/hooks?shop=1",
        "http://127.0.0.1:9000/",
        "https://example.com?a=%20&b=(c)",
    ] {
        assert_eq!(WebhookUrl::parse(text).map(|url| url.as_str().to_owned()), Ok(text.to_owned()));
    }
    let long = format!("https://example.com/{}", "x".repeat(2000));
    for text in [
        "",
        "example.com",
        "ftp://example.com",
        "HTTPS://example.com",
        "https://",
        "https:///x",
        "https://:443/",
        "https://a@example.com",
        "https://a:b@example.com/",
        "https://e/#x",
        "https://e/a b",
        "https://é/",
        "https://[2001:db8::1]/x",
        "https://e:0/",
        "https://e:65536/",
        "https://e:080/",
        "https://e:1:2/",
        "http://)STcb[V+=8R",
        "https://e/\"<>",
        "https://e\\@f/",
        "https://e/\n",
        &long,
    ] {
        assert!(WebhookUrl::parse(text).is_err(), "{text:?}");
    }
}

/// The documents and the bodies name the same types.
#[test]
fn every_event_has_its_type() {
    let schema = schemars::schema_for!(EventView<'_>).to_value();
    let types = schema["oneOf"].as_array().unwrap().iter();
    let types = types.map(|kind| kind["properties"]["type"]["const"].as_str().unwrap());
    let mut types: Vec<_> = types.map(|name| format!("order.{name}")).collect();
    let mut names: Vec<_> = EventType::ALL.map(|it| it.name().to_owned()).into();
    types.sort();
    names.sort();
    assert_eq!(types, names);
}

fn endpoint(store: Option<&str>, events: &[EventType]) -> Endpoint {
    Endpoint {
        merchant: merchant_id("m1"),
        id: WebhookId::parse("we_1").unwrap(),
        url: WebhookUrl::parse("https://example.com").unwrap(),
        store: store.map(store_id),
        events: events.iter().copied().collect(),
        description: None,
        created_at: at(0),
        disabled: None,
    }
}

#[test]
fn a_principal_manages_the_endpoints_within_its_reach() {
    let scope = |principal: &Principal| Scope::of(principal, &merchant_id("m1"));
    for (principal, all, own, others) in [
        (ops(), true, true, true),
        (merchant("m1"), true, true, true),
        (clerk("m1", "s1"), false, true, false),
    ] {
        let scope = scope(&principal).unwrap();
        let has = |store: Option<&str>| scope.has(endpoint(store, &[]).store.as_ref());
        assert_eq!((has(None), has(Some("s1")), has(Some("s2"))), (all, own, others));
        assert_eq!(scope.may_change(), Ok(()));
    }
    let support = scope(&support()).unwrap();
    assert!(support.has(None));
    assert_eq!(support.may_change(), Err(Denied::ReadOnly(Role::Support)));
    for stranger in [merchant("m2"), clerk("m2", "s1"), customer("m1", "c1"), driver("d1")] {
        assert_eq!(scope(&stranger), Err(Denied::NotFound), "{stranger:?}");
    }
}
