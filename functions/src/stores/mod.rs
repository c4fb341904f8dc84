//! The records of a merchant's stores: `…/merchants/{merchant}/stores`.

mod change;
mod form;
mod view;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use db::{Consistency, StorePage};
use domain::{Denied, MerchantId, StoreId};
use http::StatusCode;
use http_api::{
    Authenticated, Cursor, MerchantPath, Problem, ProblemKind, QueryParameters, StorePath,
};

use self::view::{StoreView, StoresView};
use crate::app::{App, Reader};
use crate::routes::{Method, Routes};

const ALL: &str = "/merchants/{merchant}/stores";
const ONE: &str = "/merchants/{merchant}/stores/{store}";

/// The number of stores on a page.
const PAGE: u16 = 100;

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<Reader>>(routes: R) -> R {
    let routes = routes.route(Method::Get, ALL, list, |it| {
        it.is("listStores", "Stores", "List the merchant's stores")
            .about("For operations, support and the merchant; a store sees its own.")
            .query(Cursor::take)
            .responds::<StoresView<'_>>(StatusCode::OK, "A page of at most 100 stores.", &[])
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidCursor])
    });
    let routes = routes.route(Method::Get, ONE, one, |it| {
        it.is("getStore", "Stores", "Get a store")
            .about("For operations, support and the merchant; a store sees its own.")
            .responds::<StoreView<'_>>(StatusCode::OK, "The store.", &[])
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
    });
    let routes = routes.route(Method::Put, ONE, change::put, change::describe);
    routes.route(Method::Delete, ONE, change::delete, change::describe_deletion)
}

fn denied(denied: Denied) -> Problem {
    Problem::denied(denied, "stores")
}

async fn list(
    State(Reader { app, cursors }): State<Reader>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    principal.may_read(&merchant).map_err(denied)?;
    let cursor = Cursor::take(&mut query);
    query.finish()?;
    let bound = format!("stores of {merchant}");
    let after = cursor.map(|cursor| cursors.open(&cursor, principal, &bound)).transpose()?;
    let page = match principal.store() {
        Some(own) => only(&app, &merchant, own).await?,
        None => app.db.stores(&merchant, after.as_ref(), PAGE).await?,
    };
    let seal = |position| cursors.seal(&position, principal, &bound);
    let next = page.next.map(seal).transpose()?;
    let stores = page.stores.iter().map(|stored| StoreView::of(&stored.store)).collect();
    Ok(Json(StoresView { stores, next }).into_response())
}

/// Returns the page that a clerk sees: at most its own store.
async fn only(app: &App, merchant: &MerchantId, own: &StoreId) -> Result<StorePage, Problem> {
    let stored = app.db.store(merchant, own, Consistency::Strong).await?;
    Ok(StorePage { stores: stored.into_iter().collect(), next: None })
}

async fn one(
    State(Reader { app, .. }): State<Reader>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    StorePath(id): StorePath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    caller.principal.may_read_store(&merchant, &id).map_err(denied)?;
    query.finish()?;
    // Read consistently, so that the tag is good for a change.
    let stored = app.db.store(&merchant, &id, Consistency::Strong).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    Ok(view::tagged(StatusCode::OK, &stored))
}
