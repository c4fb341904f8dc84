//! Checks that each function has a caller.

use std::collections::BTreeSet;

use super::path::Path;
use super::{Result, Template};

/// Fails if no route, authorizer or event invokes a function: its deployment would be useless,
/// and most likely its route was lost.
pub(super) fn check(template: &Template) -> Result<()> {
    let called = called(template);
    let alone = template.functions.keys().find(|id| !called.contains(id.as_str()));
    alone.map_or(Ok(()), |id| {
        let at = Path::root().key("Resources").key(id);
        Err(at.error("no event or route calls this function; add one"))
    })
}

fn called(template: &Template) -> BTreeSet<&str> {
    let http = template.http_api.iter().flat_map(|api| &api.routes).map(|route| &route.function);
    let live = template.websocket_api.iter().flat_map(|api| {
        let routes = api.routes.values().map(|route| &route.function);
        routes.chain(&api.authorizer)
    });
    let functions = template.functions.iter();
    let triggered = functions.filter(|(_, function)| function.has_events()).map(|(id, _)| id);
    http.chain(live).chain(triggered).map(String::as_str).collect()
}
