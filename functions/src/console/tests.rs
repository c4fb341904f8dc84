//! The pages' policy, and the size of all files.

use super::assets::Assets;
use super::{policy, wants_json};
use http::HeaderMap;
use http::header::ACCEPT;

#[test]
fn a_policy_names_origins_alone() {
    let policy =
        policy::of("wss://live.example/live", "https://id.example/pool_1", "https://login.example");
    assert_eq!(
        policy.unwrap(),
        "default-src 'self'; connect-src 'self' wss://live.example https://id.example \
         https://login.example; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'"
    );
    for url in ["live.example", "wss://live;script-src *", "wss://user@live.example", ""] {
        let refused = policy::of(url, "https://id.example", "https://id.example").unwrap_err();
        assert!(refused.to_string().contains("LIVE_URL"), "{url}");
    }
}

#[test]
fn a_browser_gets_the_page_and_a_program_the_health() {
    for (accept, json) in [
        ("application/json", true),
        ("application/json, */*", true),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
        ("text/html, application/json", false),
        ("*/*", false),
    ] {
        let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
        assert_eq!(wants_json(&headers), json, "{accept}");
    }
    assert!(!wants_json(&HeaderMap::new()));
}

/// A first visit is a page and all of these; compression would make it smaller still.
#[test]
fn all_files_are_small() {
    let bytes: usize = Assets::all().map(|(_, content)| content.len()).sum();
    assert!(bytes < 150 * 1024, "{bytes}");
}

#[test]
fn a_file_is_served_under_the_current_version_alone() {
    let assets = Assets::new();
    let page = assets.page("assets/{version}/x");
    let version = page.split('/').nth(1).unwrap();
    assert_eq!(version.len(), 22, "{version}");
    for (name, _) in Assets::all() {
        assert!(assets.get(version, name).is_some(), "{name}");
        assert!(assets.get("another", name).is_none(), "{name}");
    }
    assert!(assets.get(version, "none.js").is_none());
}
