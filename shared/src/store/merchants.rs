//! What merchants have set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::workflow_named;
use super::terms::{limits_of, limits_text};
use super::{Store, StoreError, keys};
use crate::domain::{Limits, MerchantId, StoreId, Terms, Workflow};

/// What a merchant has set for all its orders.
#[derive(Clone, Debug, Default)]
pub struct MerchantSettings {
    /// What an order follows that names no workflow.
    pub default_workflow: Option<&'static Workflow>,
    /// How long orders may stand where, by their workflow's name.
    pub limits: BTreeMap<&'static str, Limits>,
    /// Which store is asked when another does not answer.
    pub fallback_store: Option<StoreId>,
}

impl MerchantSettings {
    /// What an order of the merchant follows that names no workflow.
    pub fn workflow(&self) -> &'static Workflow {
        self.default_workflow.unwrap_or(Workflow::DEFAULT)
    }

    /// What orders of a workflow are placed on, as far as it is the merchant's to say.
    pub fn terms(&self, workflow: &Workflow) -> Terms {
        let fallback_store = self.fallback_store.clone().filter(|_| workflow.prepared_by_store);
        let limits = self.limits.get(workflow.name).cloned().unwrap_or_default();
        Terms { limits, fallback_store, ..Terms::default() }
    }
}

/// An item of `merchants`.
#[derive(Serialize, Deserialize)]
struct MerchantItem {
    merchant: MerchantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_workflow: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fallback_store: Option<StoreId>,
}

impl TryFrom<MerchantItem> for MerchantSettings {
    type Error = StoreError;

    fn try_from(item: MerchantItem) -> Result<Self, StoreError> {
        let default_workflow = item.default_workflow.as_deref().map(workflow_named).transpose()?;
        let limits = item.limits.into_iter().map(|(name, limits)| {
            let workflow = workflow_named(&name)?;
            Ok((workflow.name, limits_of(&limits, workflow)?))
        });
        let limits = limits.collect::<Result<_, StoreError>>()?;
        Ok(Self { default_workflow, limits, fallback_store: item.fallback_store })
    }
}

impl Store {
    /// What a merchant has set (read eventually: a setting may take a second to hold).
    pub async fn merchant_settings(
        &self,
        merchant: &MerchantId,
    ) -> Result<MerchantSettings, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.merchants)
            .set_key(Some(keys::merchant(merchant)))
            .send()
            .await?;
        let Some(item) = answer.item else { return Ok(MerchantSettings::default()) };
        serde_dynamo::from_item::<_, MerchantItem>(item)?.try_into()
    }

    /// Sets what a merchant sets, all of it.
    pub async fn set_merchant_settings(
        &self,
        merchant: &MerchantId,
        settings: &MerchantSettings,
    ) -> Result<(), StoreError> {
        let limits = settings.limits.iter();
        let item = serde_dynamo::to_item(MerchantItem {
            merchant: merchant.clone(),
            default_workflow: settings.default_workflow.map(|workflow| workflow.name.to_owned()),
            limits: limits.map(|(name, it)| ((*name).to_owned(), limits_text(it))).collect(),
            fallback_store: settings.fallback_store.clone(),
        })?;
        self.client.put_item().table_name(&self.merchants).set_item(Some(item)).send().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Limit;

    fn settings() -> MerchantSettings {
        let limits = |workflow: &'static str, status| {
            let status = Workflow::named(workflow).unwrap().status(status).unwrap();
            (workflow, Limits::new([(status, Limit::try_from(300).unwrap())]))
        };
        MerchantSettings {
            default_workflow: Workflow::named("grocery"),
            limits: [limits("grocery", "store_notified"), limits("parcel", "shipped")].into(),
            fallback_store: StoreId::parse("s2").ok(),
        }
    }

    #[test]
    fn an_order_is_placed_on_what_is_set_for_its_workflow() {
        let settings = settings();
        for (name, limits, fallback_store) in [
            ("courier", None, None),
            ("grocery", settings.limits.get("grocery"), settings.fallback_store.clone()),
            ("parcel", settings.limits.get("parcel"), None),
        ] {
            let limits = limits.cloned().unwrap_or_default();
            let expected = Terms { limits, fallback_store, ..Terms::default() };
            assert_eq!(settings.terms(Workflow::named(name).unwrap()), expected, "{name}");
        }
        assert_eq!(MerchantSettings::default().terms(Workflow::DEFAULT), Terms::default());
    }
}
