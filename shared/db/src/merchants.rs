//! The settings of merchants.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Dispatch, DispatchMode, Drivers, Limits, MerchantId, Operation, PositionsFrom, Shortages,
    StoreId, Terms, Version, Workflow,
};
use serde::{Deserialize, Serialize};

use super::{Consistency, Db, DbError, keys};
use crate::retry::if_met;

/// The settings of a merchant, which apply to all its orders.
#[derive(Clone, Debug, Default)]
pub struct MerchantSettings {
    pub default_workflow: Option<&'static Workflow>,
    /// The time limits of statuses, by the name of the workflow.
    pub limits: BTreeMap<&'static str, Limits>,
    /// The store that an order is reassigned to if its store does not acknowledge it in time.
    pub fallback_store: Option<StoreId>,
    /// The only stores that orders can be for; empty if any name is a store.
    pub stores: BTreeSet<StoreId>,
    pub shortages: Shortages,
    pub drivers: Drivers,
    pub dispatch: Dispatch,
    pub positions_from: PositionsFrom,
    /// The number of times that the settings were set.
    pub version: Version,
}

impl MerchantSettings {
    /// Returns the workflow of orders that name none.
    pub fn workflow(&self) -> &'static Workflow {
        self.default_workflow.unwrap_or(Workflow::DEFAULT)
    }

    /// Returns the terms that the merchant sets for orders of a workflow.
    pub fn terms(&self, workflow: &Workflow) -> Terms {
        let fallback_store = self.fallback_store.clone().filter(|_| workflow.prepared_by_store);
        let limits = self.limits.get(workflow.name).cloned().unwrap_or_default();
        let shortages =
            if workflow.prepared_by_store { self.shortages } else { Shortages::default() };
        let has_drivers = workflow.has(Operation::Accept);
        let by_itself = Some(&self.dispatch).filter(|it| it.mode != DispatchMode::Manual);
        let dispatch = by_itself.filter(|_| has_drivers).cloned();
        let positions_from =
            if has_drivers { self.positions_from } else { PositionsFrom::default() };
        Terms { limits, fallback_store, shortages, dispatch, positions_from, ..Terms::default() }
    }
}

/// An item of `merchants`.
#[derive(Serialize, Deserialize)]
struct MerchantItem {
    merchant: MerchantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_workflow: Option<&'static Workflow>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<String, Limits>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fallback_store: Option<StoreId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    stores: BTreeSet<StoreId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shortages: Option<Shortages>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drivers: Option<Drivers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispatch: Option<Dispatch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    positions_from: Option<PositionsFrom>,
    /// Absent in settings from before they were counted.
    #[serde(default)]
    version: u64,
}

impl TryFrom<MerchantItem> for MerchantSettings {
    type Error = DbError;

    fn try_from(item: MerchantItem) -> Result<Self, DbError> {
        let limits = item.limits.into_iter().map(|(name, limits)| {
            let unknown = || DbError::corrupt(format_args!("no workflow {name}"));
            Ok((Workflow::named(&name).ok_or_else(unknown)?.name, limits))
        });
        let limits = limits.collect::<Result<_, DbError>>()?;
        Ok(Self {
            default_workflow: item.default_workflow,
            limits,
            fallback_store: item.fallback_store,
            stores: item.stores,
            shortages: item.shortages.unwrap_or_default(),
            drivers: item.drivers.unwrap_or_default(),
            dispatch: item.dispatch.unwrap_or_default(),
            positions_from: item.positions_from.unwrap_or_default(),
            version: Version(item.version),
        })
    }
}

impl Db {
    /// Returns the settings of a merchant. Read eventually, a change may take a second to apply.
    pub async fn merchant_settings(
        &self,
        merchant: &MerchantId,
        consistency: Consistency,
    ) -> Result<MerchantSettings, DbError> {
        let (table, key) = (&self.tables.merchants, keys::merchant(merchant));
        let item = self.get(table, key, consistency, &[]).await?;
        let Some(item) = item else { return Ok(MerchantSettings::default()) };
        serde_dynamo::from_item::<_, MerchantItem>(item)?.try_into()
    }

    /// Replaces all settings of a merchant, unless they were set since `read`. Returns the version
    /// that they have then; `None` if they were set meanwhile.
    pub async fn set_merchant_settings(
        &self,
        merchant: &MerchantId,
        settings: &MerchantSettings,
        read: Version,
    ) -> Result<Option<Version>, DbError> {
        let limits = settings.limits.iter();
        let version = read.next();
        let item = serde_dynamo::to_item(MerchantItem {
            merchant: merchant.clone(),
            default_workflow: settings.default_workflow,
            limits: limits.map(|(name, it)| ((*name).to_owned(), it.clone())).collect(),
            fallback_store: settings.fallback_store.clone(),
            stores: settings.stores.clone(),
            shortages: Some(settings.shortages).filter(|it| *it != Shortages::default()),
            drivers: Some(settings.drivers).filter(|it| *it != Drivers::default()),
            dispatch: Some(settings.dispatch.clone()).filter(|it| *it != Dispatch::default()),
            positions_from: Some(settings.positions_from)
                .filter(|it| *it != PositionsFrom::default()),
            version: version.0,
        })?;
        let condition =
            if read.0 == 0 { "attribute_not_exists(version)" } else { "version = :read" };
        let values = (read.0 > 0).then(|| {
            [(":read".to_owned(), AttributeValue::N(read.to_string()))].into_iter().collect()
        });
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.merchants)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values);
        Ok(if_met(|| put.clone().send()).await?.then_some(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Limit;

    fn settings() -> MerchantSettings {
        let limits = |workflow: &'static str, status| {
            let status = Workflow::named(workflow).unwrap().status(status).unwrap();
            (workflow, Limits::new([(status, Limit::try_from(300).unwrap())]))
        };
        MerchantSettings {
            default_workflow: Workflow::named("grocery"),
            limits: [limits("grocery", "store_notified"), limits("parcel", "shipped")].into(),
            fallback_store: StoreId::parse("s2").ok(),
            stores: BTreeSet::new(),
            shortages: Shortages::Ask,
            drivers: Drivers::Registered,
            dispatch: Dispatch { mode: DispatchMode::Offer, ..Dispatch::default() },
            positions_from: PositionsFrom::Assignment,
            version: Version(1),
        }
    }

    #[test]
    fn an_order_is_placed_on_what_is_set_for_its_workflow() {
        let settings = settings();
        let (fallback, ask) = (settings.fallback_store.clone(), Shortages::Ask);
        let offer = Some(settings.dispatch.clone());
        let (early, late) = (PositionsFrom::Assignment, PositionsFrom::Pickup);
        for (name, limits, fallback_store, shortages, dispatch, positions_from) in [
            ("courier", None, None, Shortages::Apply, offer.clone(), early),
            ("grocery", settings.limits.get("grocery"), fallback, ask, offer, early),
            ("parcel", settings.limits.get("parcel"), None, Shortages::Apply, None, late),
        ] {
            let limits = limits.cloned().unwrap_or_default();
            let terms = Terms { limits, fallback_store, shortages, ..Terms::default() };
            let expected = Terms { dispatch, positions_from, ..terms };
            assert_eq!(settings.terms(Workflow::named(name).unwrap()), expected, "{name}");
        }
        assert_eq!(MerchantSettings::default().terms(Workflow::DEFAULT), Terms::default());
    }
}
