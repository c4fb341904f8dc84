//! Creating, replacing and deleting stores.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::{Consistency, StoredStore};
use domain::{Denied, Version};
use http::StatusCode;
use http_api::{
    Authenticated, Fields, IfMatch, JsonBody, MerchantPath, Problem, ProblemKind, StorePath,
};

use super::view::{StoreView, tagged};
use super::{denied, form};
use crate::app::Reader;
use crate::describe::{Endpoint, Header};

/// The number of attempts to change a store that others change at the same time.
const ATTEMPTS: u32 = 8;

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("putStore", "Stores", "Create or replace a store")
        .about(
            "For operations and the merchant as a whole. The store's name and address are the \
             pickup of its orders that have no `addresses.pickup` of their own. `hours` are \
             times at which the store is open each week, in its local time. An order can name a \
             store that has no record.",
        )
        .conditional()
        .body(form::example(), form::read)
        .responds::<StoreView<'_>>(StatusCode::OK, "The replaced store.", &[Header::ETag])
        .responds::<StoreView<'_>>(StatusCode::CREATED, "The new store.", &[Header::ETag])
        .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

pub(super) async fn put(
    State(Reader { app, .. }): State<Reader>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    StorePath(id): StorePath,
    if_match: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    caller.principal.may_manage(&merchant).map_err(denied)?;
    let record = Fields::read(body.value, form::read)?;
    let store = record.of(merchant, id);
    for _ in 0..ATTEMPTS {
        let stored = app.db.store(&store.merchant, &store.id, Consistency::Strong).await?;
        let read = stored.map(|stored| stored.version);
        if_match.check_existing(read)?;
        let version = read.map_or_else(|| first(app.clock.now()), Version::next);
        let stored = StoredStore { store: store.clone(), version };
        if app.db.put_store(&stored, read).await? {
            let status = if read.is_none() { StatusCode::CREATED } else { StatusCode::OK };
            return Ok(tagged(status, &stored));
        }
    }
    Err(contended())
}

/// Returns the version of a new record. It follows from the time, so that a store that is deleted
/// and created again does not have a version of the record before.
fn first(now: Timestamp) -> Version {
    Version(now.epoch_millis().try_into().unwrap_or_default())
}

fn contended() -> Problem {
    let detail = "Other requests kept changing the store. Try again.";
    Problem::new(ProblemKind::Contended, detail)
}

pub(super) fn describe_deletion(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("deleteStore", "Stores", "Delete a store")
        .about(
            "For operations and the merchant as a whole. Only the record is deleted: orders stay \
             with the store, without its name and address.",
        )
        .conditional()
        .responds_nothing("The store is deleted.", &[])
        .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

pub(super) async fn delete(
    State(Reader { app, .. }): State<Reader>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    StorePath(id): StorePath,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    caller.principal.may_manage(&merchant).map_err(denied)?;
    for _ in 0..ATTEMPTS {
        let stored = app.db.store(&merchant, &id, Consistency::Strong).await?;
        let read = stored.ok_or_else(Problem::not_found)?.version;
        if_match.check(read)?;
        if app.db.delete_store(&merchant, &id, read).await? {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Err(contended())
}
