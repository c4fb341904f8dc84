//! What merchants have set.

use aws_sdk_dynamodb::types::AttributeValue;

use super::event::workflow_named;
use super::{Store, StoreError, keys};
use crate::domain::{MerchantId, Workflow};

/// What a merchant has set for all its orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct MerchantSettings {
    /// What an order follows that names no workflow.
    pub default_workflow: Option<&'static Workflow>,
}

impl MerchantSettings {
    /// What an order of the merchant follows that names no workflow.
    pub fn workflow(&self) -> &'static Workflow {
        self.default_workflow.unwrap_or(Workflow::DEFAULT)
    }
}

const DEFAULT_WORKFLOW: &str = "default_workflow";

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
        let item = answer.item.unwrap_or_default();
        let name = item.get(DEFAULT_WORKFLOW).and_then(|value| value.as_s().ok());
        let default_workflow = name.map(|name| workflow_named(name)).transpose()?;
        Ok(MerchantSettings { default_workflow })
    }

    /// Sets what a merchant sets, all of it.
    pub async fn set_merchant_settings(
        &self,
        merchant: &MerchantId,
        settings: &MerchantSettings,
    ) -> Result<(), StoreError> {
        let mut item = keys::merchant(merchant);
        if let Some(workflow) = settings.default_workflow {
            let name = AttributeValue::S(workflow.name.to_owned());
            item.insert(DEFAULT_WORKFLOW.to_owned(), name);
        }
        self.client.put_item().table_name(&self.merchants).set_item(Some(item)).send().await?;
        Ok(())
    }
}
