//! The records of stores.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Address, MerchantId, Name, OpeningHours, Phone, Store, StoreId, Version};
use serde::{Deserialize, Serialize};

use super::{Consistency, Db, DbError, Position, keys};
use crate::retry::if_met;

/// A store's record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStore {
    pub store: Store,
    /// Greater after each change.
    pub version: Version,
}

/// A page of a merchant's stores.
#[derive(Clone, Debug)]
pub struct StorePage {
    pub stores: Vec<StoredStore>,
    /// The position of the next page; `None` on the last one.
    pub next: Option<Position>,
}

/// An item of `stores`.
#[derive(Serialize, Deserialize)]
struct StoreItem {
    merchant: MerchantId,
    store: StoreId,
    name: Name,
    address: Address,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<Phone>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<OpeningHours>,
    version: u64,
}

impl From<StoreItem> for StoredStore {
    fn from(item: StoreItem) -> Self {
        let StoreItem { merchant, store: id, name, address, phone, hours, version } = item;
        let store = Store { merchant, id, name, address, phone, hours };
        Self { store, version: Version(version) }
    }
}

impl From<StoredStore> for StoreItem {
    fn from(StoredStore { store, version }: StoredStore) -> Self {
        let Store { merchant, id, name, address, phone, hours } = store;
        Self { merchant, store: id, name, address, phone, hours, version: version.0 }
    }
}

impl Db {
    /// Returns the record of a merchant's store.
    pub async fn store(
        &self,
        merchant: &MerchantId,
        id: &StoreId,
        consistency: Consistency,
    ) -> Result<Option<StoredStore>, DbError> {
        let (table, key) = (&self.tables.stores, keys::store_record(merchant, id));
        let item = self.get(table, key, consistency, &[]).await?;
        Ok(item.map(serde_dynamo::from_item::<_, StoreItem>).transpose()?.map(Into::into))
    }

    /// Creates the record of a store, or replaces it, if it still has the version `read`, `None`
    /// for no record. Returns false if it has not.
    pub async fn put_store(
        &self,
        stored: &StoredStore,
        read: Option<Version>,
    ) -> Result<bool, DbError> {
        let condition =
            if read.is_none() { "attribute_not_exists(merchant)" } else { "version = :read" };
        let values = read.map(|read| [(":read".to_owned(), number(read))].into_iter().collect());
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.stores)
            .set_item(Some(serde_dynamo::to_item(StoreItem::from(stored.clone()))?))
            .condition_expression(condition)
            .set_expression_attribute_values(values);
        if_met(|| put.clone().send()).await
    }

    /// Deletes the record of a store, if it still has the version `read`; returns false if it has
    /// not.
    pub async fn delete_store(
        &self,
        merchant: &MerchantId,
        id: &StoreId,
        read: Version,
    ) -> Result<bool, DbError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.stores)
            .set_key(Some(keys::store_record(merchant, id)))
            .condition_expression("version = :read")
            .expression_attribute_values(":read", number(read));
        if_met(|| delete.clone().send()).await
    }

    /// Returns a page of a merchant's stores, in the order of their ids, at most `limit` (read
    /// consistently).
    pub async fn stores(
        &self,
        merchant: &MerchantId,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<StorePage, DbError> {
        let after = after.map(|position| keys::store_after(merchant, position.as_str()));
        let page = self
            .client
            .query()
            .table_name(&self.tables.stores)
            .consistent_read(true)
            .key_condition_expression("merchant = :merchant")
            .expression_attribute_values(":merchant", AttributeValue::S(merchant.to_string()))
            .set_exclusive_start_key(after)
            .limit(limit.into())
            .send()
            .await?;
        let next = page.last_evaluated_key.as_ref().and_then(keys::store_position);
        let items = page.items.unwrap_or_default().into_iter();
        let stores = items.map(|item| Ok(serde_dynamo::from_item::<_, StoreItem>(item)?.into()));
        let stores = stores.collect::<Result<_, DbError>>()?;
        Ok(StorePage { stores, next: next.map(Position::new) })
    }
}

fn number(version: Version) -> AttributeValue {
    AttributeValue::N(version.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Location, Opening, TimeOfDay, TimeZone, Weekday};

    fn bare() -> StoredStore {
        let store = Store {
            merchant: MerchantId::parse("m1").unwrap(),
            id: StoreId::parse("s1").unwrap(),
            name: Name::parse("High Street").unwrap(),
            address: Address::parse("1 High Street").unwrap(),
            phone: None,
            hours: None,
        };
        StoredStore { store, version: Version(1) }
    }

    fn full() -> StoredStore {
        let time = |text| TimeOfDay::parse(text).unwrap();
        let days = [Weekday::Saturday, Weekday::Monday].into();
        let opening = Opening { days, opens: time("20:00"), closes: time("02:00") };
        let time_zone = TimeZone::parse("Europe/London").unwrap();
        let location = Location::new(51.0, -0.136_272).ok();
        let StoredStore { store, version } = bare();
        let store = Store {
            address: Address { location, ..store.address },
            phone: Phone::parse("+44 20 7946 0018").ok(),
            hours: Some(OpeningHours { time_zone, weekly: vec![opening] }),
            ..store
        };
        StoredStore { store, version }
    }

    #[test]
    fn a_store_reads_back_as_it_was() {
        for stored in [bare(), full()] {
            let item: crate::Item = serde_dynamo::to_item(StoreItem::from(stored.clone())).unwrap();
            let read: StoreItem = serde_dynamo::from_item(item).unwrap();
            assert_eq!(StoredStore::from(read), stored);
        }
    }
}
