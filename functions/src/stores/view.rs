//! The views of stores.

use axum::Json;
use axum::response::{IntoResponse, Response};
use db::StoredStore;
use domain::{Address, MerchantId, Name, OpeningHours, Phone, Store, StoreId};
use http::StatusCode;
use http::header::ETAG;
use http_api::{Cursor, etag};
use schemars::JsonSchema;
use serde::Serialize;

/// A page of a merchant's stores.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Stores")]
pub(super) struct StoresView<'a> {
    /// The stores of this page, by id.
    pub(super) stores: Vec<StoreView<'a>>,
    /// The cursor of the next page; null on the last page.
    pub(super) next: Option<Cursor>,
}

/// The record of a store.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Store")]
pub(super) struct StoreView<'a> {
    merchant: &'a MerchantId,
    store: &'a StoreId,
    name: &'a Name,
    address: &'a Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a Phone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<&'a OpeningHours>,
}

impl<'a> StoreView<'a> {
    pub(super) fn of(store: &'a Store) -> Self {
        let Store { merchant, id, name, address, phone, hours } = store;
        let (phone, hours) = (phone.as_ref(), hours.as_ref());
        Self { merchant, store: id, name, address, phone, hours }
    }
}

/// Returns a response with the record, and with its version as its `ETag`.
pub(super) fn tagged(status: StatusCode, stored: &StoredStore) -> Response {
    let body = Json(StoreView::of(&stored.store));
    (status, [(ETAG, etag(stored.version))], body).into_response()
}
