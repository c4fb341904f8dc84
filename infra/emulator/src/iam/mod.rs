//! Identity and access management: calls of functions are authorised by the policies in
//! template.yaml, and unused permissions are reported.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::template::{self, ACCOUNT_ID, PARTITION};

mod access;

#[cfg(test)]
mod tests;

pub(crate) use access::Access;

/// The operator of the system, who may perform every action.
pub(crate) const OPERATOR: &str = "operator";

/// The policies of all functions, by binary. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Iam(Arc<Policies>);

#[derive(Debug, Default)]
struct Policies {
    permissions: BTreeMap<String, Vec<Permission>>,
    denials: Mutex<BTreeSet<AccessDenied>>,
}

/// A permission of a policy: one action on one resource.
#[derive(Debug)]
struct Permission {
    sid: String,
    action: String,
    /// An ARN, or a prefix of ARNs followed by `*`.
    resource: String,
    used: AtomicBool,
}

/// An action that a function attempted without permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error(
    "User: arn:{PARTITION}:sts::{ACCOUNT_ID}:assumed-role/{function}/{function} is not authorized to \
     perform: {action} on resource: {resource} because no identity-based policy allows the {action} action"
)]
pub struct AccessDenied {
    /// The binary of the function.
    pub function: String,
    /// The action, such as `dynamodb:PutItem`.
    pub action: String,
    pub resource: String,
}

/// A permission that no call has needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The binary of the function.
    pub function: String,
    /// The id of the statement that grants the permission.
    pub sid: String,
    pub action: String,
    /// An ARN, or a prefix of ARNs followed by `*`.
    pub resource: String,
}

impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, sid, action, resource } = self;
        write!(f, "{function} never uses {action} on {resource} (Sid {sid})")
    }
}

impl Iam {
    /// Creates the policies of these functions.
    pub fn new<'a>(functions: impl IntoIterator<Item = &'a template::Function>) -> Self {
        let permissions = functions
            .into_iter()
            .map(|function| (function.binary.clone(), permissions(&function.policy)))
            .collect();
        Self(Arc::new(Policies { permissions, denials: Mutex::default() }))
    }

    /// Checks that `function` has a permission for each of `accesses`, of which there is at least
    /// one. Marks these permissions as used. A denial is recorded and logged.
    pub(crate) fn authorize(
        &self,
        function: &str,
        accesses: &[Access],
    ) -> Result<(), AccessDenied> {
        if function == OPERATOR {
            return Ok(());
        }
        let permissions = self.0.permissions.get(function);
        for access in accesses {
            let permission = permissions.into_iter().flatten().find(|it| it.allows(access));
            match permission {
                Some(permission) => permission.used.store(true, Ordering::Relaxed),
                None => return Err(self.deny(function, access)),
            }
        }
        Ok(())
    }

    fn deny(&self, function: &str, access: &Access) -> AccessDenied {
        let Access { action, resource } = access;
        tracing::error!(
            function,
            action,
            resource,
            "access denied: the function's policy does not allow the action"
        );
        let denied = AccessDenied {
            function: function.to_owned(),
            action: action.clone(),
            resource: resource.clone(),
        };
        let mut denials = self.0.denials.lock().unwrap_or_else(PoisonError::into_inner);
        denials.insert(denied.clone());
        denied
    }

    /// Returns the denials so far, each once.
    pub fn denials(&self) -> Vec<AccessDenied> {
        let denials = self.0.denials.lock().unwrap_or_else(PoisonError::into_inner);
        denials.iter().cloned().collect()
    }

    /// Returns the permissions that no call has needed so far.
    pub fn unused(&self) -> Vec<Unused> {
        let all = self.0.permissions.iter().flat_map(|(function, permissions)| {
            permissions.iter().map(move |permission| (function, permission))
        });
        all.filter(|(_, permission)| !permission.used.load(Ordering::Relaxed))
            .map(|(function, Permission { sid, action, resource, .. })| Unused {
                function: function.clone(),
                sid: sid.clone(),
                action: action.clone(),
                resource: resource.clone(),
            })
            .collect()
    }
}

/// Expands the statements into one permission per action and resource.
fn permissions(policy: &[template::Statement]) -> Vec<Permission> {
    let each = policy.iter().flat_map(|statement| {
        statement.actions.iter().flat_map(move |action| {
            statement.resources.iter().map(move |resource| Permission {
                sid: statement.sid.clone(),
                action: action.clone(),
                resource: resource.clone(),
                used: AtomicBool::new(false),
            })
        })
    });
    each.collect()
}

impl Permission {
    /// Returns true if the permission covers the access. Actions are case-insensitive.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
    fn allows(&self, access: &Access) -> bool {
        let is_there = match self.resource.strip_suffix('*') {
            Some(beginning) => access.resource.starts_with(beginning),
            None => access.resource == self.resource,
        };
        is_there && self.action.eq_ignore_ascii_case(&access.action)
    }
}
