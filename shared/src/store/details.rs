//! An item of `order-details`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::domain::{
    Address, Addresses, Contact, Currency, Customer, Details, Invalid, Item, Name, OrderId,
    Quantity, Sku, UnitPrice,
};

#[derive(Debug, Serialize, Deserialize)]
struct DetailsItem {
    order_id: OrderId,
    name: Name,
    contact: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pickup: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dropoff: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<StoredItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredItem {
    sku: Sku,
    name: Name,
    quantity: Quantity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit_price: Option<UnitPrice>,
}

pub(super) fn to_item(
    order_id: OrderId,
    details: &Details,
) -> Result<HashMap<String, AttributeValue>, StoreError> {
    let items = details.items.iter().cloned();
    Ok(serde_dynamo::to_item(DetailsItem {
        order_id,
        name: details.customer.name.clone(),
        contact: details.customer.contact.as_str().to_owned(),
        pickup: details.addresses.pickup.clone(),
        dropoff: details.addresses.dropoff.clone(),
        currency: details.currency.as_ref().map(|currency| currency.as_str().to_owned()),
        items: items
            .map(|Item { sku, name, quantity, unit_price }| StoredItem {
                sku,
                name,
                quantity,
                unit_price,
            })
            .collect(),
    })?)
}

pub(super) fn from_item(item: HashMap<String, AttributeValue>) -> Result<Details, StoreError> {
    let stored: DetailsItem = serde_dynamo::from_item(item)?;
    stored.try_into().map_err(StoreError::corrupt)
}

impl TryFrom<DetailsItem> for Details {
    type Error = Invalid;

    fn try_from(stored: DetailsItem) -> Result<Self, Invalid> {
        let items = stored.items.into_iter();
        Ok(Self {
            customer: Customer { name: stored.name, contact: Contact::parse(&stored.contact)? },
            addresses: Addresses { pickup: stored.pickup, dropoff: stored.dropoff },
            items: items
                .map(|StoredItem { sku, name, quantity, unit_price }| Item {
                    sku,
                    name,
                    quantity,
                    unit_price,
                })
                .collect(),
            currency: stored.currency.as_deref().map(Currency::parse).transpose()?,
        })
    }
}
