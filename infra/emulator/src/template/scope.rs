//! The names inside a template: parameters, pseudo parameters, resources and conditions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::attributes::{ACCOUNT_ID, PARTITION, REGION, Referent};
use super::intrinsic::{arguments, resolve_text, text};
use super::path::Path;
use super::{Result, Stack};

/// The names of a template and their values in a stack.
#[derive(Clone)]
pub(super) struct Scope<'t> {
    stack: &'t Stack,
    parameters: BTreeMap<&'t str, String>,
    document: &'t Value,
    /// True if references to resources that a condition excludes from this stack are allowed.
    of_any_stack: bool,
}

impl<'t> Scope<'t> {
    /// Creates the scope, after checking the stack's parameters against the declared ones.
    pub(super) fn new(document: &'t Value, stack: &'t Stack) -> Result<Self> {
        let declared = section(document, "Parameters");
        let at = Path::root().key("Parameters");
        if let Some(unknown) = stack.parameters.keys().find(|name| !declared.contains_key(*name)) {
            return Err(at.error(format!("the template declares no parameter {unknown}")));
        }
        let mut parameters = BTreeMap::new();
        for (name, declaration) in declared {
            let given = stack.parameters.get(name).map(|value| Value::String(value.clone()));
            let value = given.or_else(|| declaration.get("Default").cloned());
            let value = value.ok_or_else(|| at.key(name).error("has no default and no value"))?;
            let value = parameter(&declaration["Type"], value, &at.key(name))?;
            parameters.insert(name.as_str(), value);
        }
        Ok(Self { stack, parameters, document, of_any_stack: false })
    }

    /// Returns a scope that also includes the resources that this stack does not have, for the
    /// parts of the template that are only in other stacks.
    pub(super) fn of_any_stack(&self) -> Self {
        Self { of_any_stack: true, ..self.clone() }
    }

    /// Returns the values of the parameters, by name.
    pub(super) fn parameters(&self) -> BTreeMap<String, String> {
        let parameters = self.parameters.iter();
        parameters.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    /// Returns the value of `Ref` of `name`; `None` for `AWS::NoValue`.
    pub(super) fn reference(&self, name: &str, at: &Path) -> Result<Option<Value>> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        let value = self.parameters.get(name).cloned().or_else(|| self.pseudo_parameter(name));
        let value = value.map_or_else(|| Ok(self.resource(name, at)?.reference()), Ok)?;
        Ok(Some(Value::String(value)))
    }

    /// Returns the value of `Fn::GetAtt` of `resource`.
    pub(super) fn attribute(&self, resource: &str, name: &str, at: &Path) -> Result<String> {
        let referent = self.resource(resource, at)?;
        referent.attribute(name).ok_or_else(|| {
            at.error(format!(
                "the runner does not support the attribute {name} of {resource}, a {}",
                referent.kind
            ))
        })
    }

    /// Returns true if the condition with that name holds.
    pub(super) fn condition(&self, name: &str, at: &Path) -> Result<bool> {
        let unknown = || at.error(format!("the template has no condition {name}"));
        let condition = section(self.document, "Conditions").get(name).ok_or_else(unknown)?;
        self.holds(condition, &Path::root().key("Conditions").key(name))
    }

    /// Returns true if the resource is part of this stack, according to its `Condition`.
    pub(super) fn has(&self, resource: &Value, at: &Path) -> Result<bool> {
        match resource.get("Condition") {
            Some(name) => self.condition(text(name, at)?, at),
            None => Ok(true),
        }
    }

    fn resource(&self, name: &str, at: &Path) -> Result<Referent<'_>> {
        let resources = section(self.document, "Resources");
        let dangling = || at.error(format!("the template has no resource or parameter {name}"));
        let (logical_id, resource) = resources.get_key_value(name).ok_or_else(dangling)?;
        if !self.of_any_stack && !self.has(resource, at)? {
            return Err(at.error(format!("{name} is excluded by its condition")));
        }
        Ok(Referent {
            stack: &self.stack.name,
            logical_id,
            kind: resource["Type"].as_str().unwrap_or_default(),
            properties: &resource["Properties"],
        })
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
    fn pseudo_parameter(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::AccountId" => ACCOUNT_ID.to_owned(),
            "AWS::Partition" => PARTITION.to_owned(),
            "AWS::Region" => REGION.to_owned(),
            "AWS::StackId" => self.stack.id(),
            "AWS::StackName" => self.stack.name.clone(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => return None,
        })
    }

    /// Evaluates a condition function.
    ///
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html>
    pub(super) fn holds(&self, condition: &Value, at: &Path) -> Result<bool> {
        let one = condition.as_object().filter(|map| map.len() == 1).and_then(|m| m.iter().next());
        let (name, argument) = one.ok_or_else(|| at.error("must be one condition function"))?;
        let at = &at.key(name);
        let parts = || argument.as_array().into_iter().flatten();
        match name.as_str() {
            "Fn::Equals" => {
                let [left, right] = arguments(argument, at)?;
                Ok(resolve_text(self, left, at)? == resolve_text(self, right, at)?)
            }
            "Fn::Not" => {
                let [part] = arguments(argument, at)?;
                Ok(!self.holds(part, at)?)
            }
            "Fn::Or" => parts().try_fold(false, |any, part| Ok(self.holds(part, at)? || any)),
            _ => Err(at.error("the runner does not support this condition function")),
        }
    }
}

/// Returns a section of the template, or an empty map if it is missing.
pub(super) fn section<'t>(document: &'t Value, name: &str) -> &'t Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    document.get(name).and_then(Value::as_object).unwrap_or(&EMPTY)
}

/// Returns a parameter's value as references see it, which is text.
fn parameter(kind: &Value, value: Value, at: &Path) -> Result<String> {
    match (kind.as_str(), value) {
        (Some("String" | "Number"), Value::String(text)) => Ok(text),
        (Some("String" | "Number"), other) => Ok(other.to_string()),
        _ => Err(at.error(format!("the runner does not support parameters of type {kind}"))),
    }
}
