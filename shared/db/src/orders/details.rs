//! An item of `order-details`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use domain::{
    Address, Addresses, Contact, Correction, Currency, Customer, Details, HandoverCode, LineItem,
    Name, OrderId, Quantity, Sku, UnitPrice,
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

pub(super) fn to_item(
    order_id: OrderId,
    details: &Details,
) -> Result<HashMap<String, AttributeValue>, DbError> {
    let items = details.items.iter().cloned();
    Ok(serde_dynamo::to_item(DetailsItem {
        order_id,
        name: details.customer.name.clone(),
        contact: details.customer.contact.as_str().to_owned(),
        pickup: details.addresses.pickup.clone(),
        dropoff: details.addresses.dropoff.clone(),
        handover_code: details.handover_code.clone(),
        currency: details.currency.as_ref().map(|currency| currency.as_str().to_owned()),
        items: items
            .map(|LineItem { sku, name, quantity, unit_price }| StoredItem {
                sku,
                name,
                quantity,
                unit_price,
            })
            .collect(),
    })?)
}

/// Returns the handover code of an item that may have no other attributes.
pub(super) fn handover_code(
    item: &HashMap<String, AttributeValue>,
) -> Result<Option<HandoverCode>, DbError> {
    let code = item.get("handover_code").and_then(|value| value.as_s().ok());
    code.map(|code| HandoverCode::parse(code)).transpose().map_err(DbError::corrupt)
}

/// Builds the update for a correction, still without its table, key and condition.
pub(super) fn correction(correction: &Correction) -> UpdateBuilder {
    let Correction { contact, pickup, dropoff } = correction;
    let given = [
        ("contact", contact.as_ref().map(Contact::as_str)),
        ("pickup", pickup.as_ref().map(Address::as_str)),
        ("dropoff", dropoff.as_ref().map(Address::as_str)),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut assignments = Vec::new();
    let mut update = Update::builder();
    for (name, value) in given {
        assignments.push(format!("{name} = :{name}"));
        let value = AttributeValue::S(value.to_owned());
        update = update.expression_attribute_values(format!(":{name}"), value);
    }
    update.update_expression(format!("SET {}", assignments.join(", ")))
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
            items: items
                .map(|StoredItem { sku, name, quantity, unit_price }| LineItem {
                    sku,
                    name,
                    quantity,
                    unit_price,
                })
                .collect(),
            handover_code: stored.handover_code,
            currency: stored.currency.map(Currency::stored),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::samples::{ORDER_ID, code, details as bare};

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
                dropoff: Some(Address::parse("2 High Street").unwrap()),
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
        let corrected = |correction: &Correction| {
            let update = correction_of(correction);
            let values = update.expression_attribute_values().cloned().unwrap_or_default();
            (update.update_expression().to_owned(), values)
        };
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let (expression, values) =
            corrected(&Correction { contact, pickup: None, dropoff: dropoff.clone() });
        assert_eq!(expression, "SET contact = :contact, dropoff = :dropoff");
        let expected = [(":contact", text("ada@example.com")), (":dropoff", text("3 High Street"))];
        assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value)).into());
        let (expression, values) =
            corrected(&Correction { contact: None, pickup: dropoff, dropoff: None });
        assert_eq!(expression, "SET pickup = :pickup");
        assert_eq!(values, HashMap::from([(":pickup".to_owned(), text("3 High Street"))]));
    }

    fn correction_of(given: &Correction) -> Update {
        let update = correction(given).table_name("details").set_key(Some(HashMap::new()));
        update.build().unwrap()
    }
}
