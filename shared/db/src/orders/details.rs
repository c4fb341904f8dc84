//! An item of `order-details`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use domain::{
    Address, Addresses, Contact, CorrectedDetails, Currency, Customer, Details, HandoverCode,
    Known, LineItem, Name, OrderId, Quantity, Sku, UnitPrice,
};
use serde::{Deserialize, Serialize};

use crate::DbError;

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handover_code: Option<HandoverCode>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredItem {
    sku: Sku,
    name: Name,
    quantity: Quantity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit_price: Option<UnitPrice>,
}

impl From<LineItem> for StoredItem {
    fn from(LineItem { sku, name, quantity, unit_price }: LineItem) -> Self {
        Self { sku, name, quantity, unit_price }
    }
}

impl From<StoredItem> for LineItem {
    fn from(StoredItem { sku, name, quantity, unit_price }: StoredItem) -> Self {
        Self { sku, name, quantity, unit_price }
    }
}

pub(super) fn to_item(
    order_id: OrderId,
    details: &Details,
) -> Result<HashMap<String, AttributeValue>, DbError> {
    Ok(serde_dynamo::to_item(DetailsItem {
        order_id,
        name: details.customer.name.clone(),
        contact: details.customer.contact.as_str().to_owned(),
        pickup: details.addresses.pickup.clone(),
        dropoff: details.addresses.dropoff.clone(),
        handover_code: details.handover_code.clone(),
        currency: details.currency.as_ref().map(|currency| currency.as_str().to_owned()),
        items: details.items.iter().cloned().map(StoredItem::from).collect(),
    })?)
}

/// Returns the pickup and the drop-off in an item that may have no other attributes.
pub(super) fn addresses(
    mut item: HashMap<String, AttributeValue>,
) -> Result<(Option<Address>, Option<Address>), DbError> {
    let mut address = |name| item.remove(name).map(serde_dynamo::from_attribute_value);
    let (pickup, dropoff) = (address("pickup"), address("dropoff"));
    Ok((pickup.transpose()?, dropoff.transpose()?))
}

/// Returns the data for a decision, from an item that may have no other attributes.
pub(super) fn with_details(
    known: Known,
    item: HashMap<String, AttributeValue>,
) -> Result<Known, DbError> {
    let KnownItem { handover_code, items, currency } = serde_dynamo::from_item(item)?;
    let currency = currency.map(Currency::stored);
    let items = items.into_iter().map(LineItem::from).collect();
    Ok(Known { handover_code, items, currency, ..known })
}

/// The attributes of a [`DetailsItem`] that decisions need.
#[derive(Deserialize)]
struct KnownItem {
    #[serde(default)]
    handover_code: Option<HandoverCode>,
    #[serde(default)]
    items: Vec<StoredItem>,
    #[serde(default)]
    currency: Option<String>,
}

/// Builds the update for a correction, still without its table, key and condition.
pub(super) fn correction(correction: &CorrectedDetails) -> Result<UpdateBuilder, DbError> {
    let CorrectedDetails { contact, pickup, dropoff, items, currency } = correction;
    let texts = [
        ("contact", contact.as_ref().map(Contact::as_str)),
        ("currency", currency.as_ref().map(Currency::as_str)),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(name, value)| Some((name, AttributeValue::S(value?.to_owned()))));
    let addresses =
        [("pickup", pickup), ("dropoff", dropoff)].into_iter().filter_map(|(name, it)| {
            Some(serde_dynamo::to_attribute_value(it.as_ref()?).map(|value| (name, value)))
        });
    let items = items.iter().cloned().map(|items| {
        let items: Vec<_> = items.into_iter().map(StoredItem::from).collect();
        Ok(("items", serde_dynamo::to_attribute_value(items)?))
    });
    let mut assignments = Vec::new();
    let mut update = Update::builder();
    for assignment in texts.map(Ok).chain(addresses).chain(items) {
        let (name, value) = assignment.map_err(|error: serde_dynamo::Error| error)?;
        // With a placeholder, because a name can be a reserved word of DynamoDB.
        assignments.push(format!("#{name} = :{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    Ok(update.update_expression(format!("SET {}", assignments.join(", "))))
}

pub(super) fn from_item(item: HashMap<String, AttributeValue>) -> Result<Details, DbError> {
    let stored: DetailsItem = serde_dynamo::from_item(item)?;
    Ok(stored.into())
}

impl From<DetailsItem> for Details {
    fn from(stored: DetailsItem) -> Self {
        let items = stored.items.into_iter();
        Self {
            customer: Customer { name: stored.name, contact: Contact::stored(stored.contact) },
            addresses: Addresses { pickup: stored.pickup, dropoff: stored.dropoff },
            items: items.map(LineItem::from).collect(),
            handover_code: stored.handover_code,
            currency: stored.currency.map(Currency::stored),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Location;
    use domain::samples::{ORDER_ID, code, details as bare};

    fn located(text: &str) -> Address {
        let location = Location::new(51.507_351, -0.136_272).ok();
        Address { location, ..Address::parse(text).unwrap() }
    }

    fn full() -> Details {
        let item = |unit_price: Option<u64>| LineItem {
            sku: Sku::parse("A1").unwrap(),
            name: Name::parse("Tea").unwrap(),
            quantity: 2.try_into().unwrap(),
            unit_price: unit_price.map(|price| price.try_into().unwrap()),
        };
        Details {
            addresses: Addresses {
                pickup: Some(Address::parse("1 Mill Lane").unwrap()),
                dropoff: Some(located("2 High Street")),
            },
            items: vec![item(Some(350)), item(None)],
            currency: Some(Currency::parse("GBP").unwrap()),
            handover_code: Some(code("0123")),
            ..bare()
        }
    }

    #[test]
    fn details_read_back_as_they_were() {
        for details in [bare(), full()] {
            let item = to_item(ORDER_ID, &details).unwrap();
            assert_eq!(from_item(item).unwrap(), details);
        }
    }

    #[test]
    fn a_correction_sets_what_is_given_and_nothing_else() {
        let contact = Contact::parse("ada@example.com").ok();
        let dropoff = Address::parse("3 High Street").ok();
        let corrected = |correction: &CorrectedDetails| {
            let update = correction_of(correction);
            let values = update.expression_attribute_values().cloned().unwrap_or_default();
            (update.update_expression().to_owned(), values)
        };
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let (expression, values) = corrected(&CorrectedDetails {
            contact,
            dropoff: dropoff.clone(),
            ..CorrectedDetails::default()
        });
        assert_eq!(expression, "SET #contact = :contact, #dropoff = :dropoff");
        let expected = [(":contact", text("ada@example.com")), (":dropoff", text("3 High Street"))];
        assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value)).into());
        let (expression, values) =
            corrected(&CorrectedDetails { pickup: dropoff, ..CorrectedDetails::default() });
        assert_eq!(expression, "SET #pickup = :pickup");
        assert_eq!(values, HashMap::from([(":pickup".to_owned(), text("3 High Street"))]));
        let pickup = full().addresses.dropoff;
        let (_, values) = corrected(&CorrectedDetails { pickup, ..CorrectedDetails::default() });
        let stored = to_item(ORDER_ID, &full()).unwrap();
        assert_eq!(values, HashMap::from([(":pickup".to_owned(), stored["dropoff"].clone())]));
        let items = Some(full().items);
        let currency = Currency::parse("GBP").ok();
        let (expression, values) =
            corrected(&CorrectedDetails { items, currency, ..CorrectedDetails::default() });
        assert_eq!(expression, "SET #currency = :currency, #items = :items");
        let stored = to_item(ORDER_ID, &full()).unwrap();
        assert_eq!(values[":items"], stored["items"]);
    }

    fn correction_of(given: &CorrectedDetails) -> Update {
        let update = correction(given).unwrap().table_name("details").set_key(Some(HashMap::new()));
        update.build().unwrap()
    }
}
