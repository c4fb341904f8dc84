//! The cost of a round.

use db::{LastPosition, StoredDriver, Whereabouts};
use domain::{Cell, DriverId, Fix, Fleet, Location, Name, Profile, Roster, Version};
use emulator::Streams;
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{Scene, located, north};
use crate::harness::{App, chance, is_embedded, stored};

/// Puts drivers of the platform on duty, spread over a town around the pickup.
async fn populate(scene: &Scene<Box<App>>, count: u32) {
    let (db, now) = (stored::db(&scene.app), scene.now());
    let db = &db;
    let put = async |nth: u32| {
        let driver = DriverId::parse(&format!("of-{count}-{nth:05}")).expect("an id");
        let roster = Roster::new(driver, Fleet::Platform);
        let name = Name::parse("Dan Smith").expect("a name");
        let profile = Profile { name, phone: None, plate: None, photo_url: None };
        let stored = StoredDriver { roster: roster.clone(), profile };
        assert!(db.register_driver(&stored).await.expect("an answer"));
        let roster = Roster { on_duty_since: Some(now), version: Version(2), ..roster };
        assert!(db.set_duty(&roster, Version(1), false).await.expect("an answer"));
        // A sunflower's seeds: even over the whole town.
        let (part, turn) = (f64::from(nth) / f64::from(count), f64::from(nth) * 0.618_034);
        let (off_m, angle) = (6_000.0 * part.sqrt(), turn.fract() * std::f64::consts::TAU);
        let lat = north(off_m * angle.sin());
        let lng = -0.1 + off_m * angle.cos() / (111_195.0 * 0.6225);
        let location = Location::new(lat, lng).expect("a location");
        let fix = Fix { at: now, location, accuracy_m: None, speed: None, heading: None };
        let at = Whereabouts { roster, cell: None, last: None };
        let kept = LastPosition::default().with(&at.roster, &[fix.kept()], Vec::new(), None);
        assert!(db.keep(&at, &kept, now, now.plus_seconds(60 * 60)).await.expect("an answer"));
        assert!(db.move_to(&at, &Cell::of(location)).await.expect("an answer"));
    };
    stream::iter(0..count).for_each_concurrent(32, put).await;
}

/// Runs on the embedded database only, which counts units as `DynamoDB` does.
#[tokio::test(flavor = "multi_thread")]
async fn a_round_reads_the_same_among_a_hundred_drivers_and_ten_thousand() {
    if !is_embedded() {
        return;
    }
    let most = u32::try_from(chance::share(10_000)).expect("a number");
    let mut reads = Vec::new();
    for count in [100, most] {
        let scene = Scene::start(Streams::ByHand, json!({ "mode": "offer" })).await;
        populate(&scene, count).await;
        let id = scene.place(&located("m1")).await;
        scene.app.runner.meter().take();
        scene.wake(&[&id]).await;
        let units = scene.app.runner.meter().take().units_of("dispatch");
        println!("a round among {count} drivers: {} read units", units.reads);
        assert!(units.reads <= 25.0, "{units:?}");
        reads.push(units.reads);
        // The event, the entry of its end, and the three offers.
        assert!((units.writes - 8.0).abs() < 0.1, "{units:?}");
    }
    assert!((reads[1] - reads[0]).abs() <= 2.0, "{reads:?}");
}
