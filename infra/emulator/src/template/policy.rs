//! A function's `Policies`: the permissions of its role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use serde::Deserialize;
use serde_json::Value;

use super::Result;
use super::path::Path;
use super::resource::read;

/// A statement that allows actions on resources.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The statement's id in the template; empty if it has none.
    pub sid: String,
    /// The actions, each with its service: `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// The ARNs of the resources; an ARN may end in `@connections/*`.
    pub resources: Vec<String>,
}

/// The current version of the policy language.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
const LANGUAGE: &str = "2012-10-17";

/// The only permitted wildcard, at the end of an ARN: a template cannot know the connections.
const ANY_CONNECTION: &str = "/@connections/*";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    version: String,
    statement: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Declared {
    #[serde(default)]
    sid: String,
    effect: String,
    action: OneOrMany,
    resource: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

/// Reads the statements of a function's policies, all of which must be inline in the template.
pub(super) fn statements(policies: &[Value], at: &Path) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for (i, policy) in policies.iter().enumerate() {
        let at = at.index(i);
        let document: Document = read(policy, &at)?;
        if document.version != LANGUAGE {
            return Err(at.key("Version").error(format!("must be {LANGUAGE:?}")));
        }
        let at = at.key("Statement");
        for (i, declared) in document.statement.iter().enumerate() {
            statements.push(statement(declared, &at.index(i))?);
        }
    }
    Ok(statements)
}

fn statement(declared: &Value, at: &Path) -> Result<Statement> {
    let Declared { sid, effect, action, resource } = read(declared, at)?;
    if effect != "Allow" {
        return Err(at.key("Effect").error("the runner supports only Allow"));
    }
    let (actions, resources) = (action.into_vec(), resource.into_vec());
    let several =
        |text: &&String| text.strip_suffix(ANY_CONNECTION).unwrap_or(text).contains(['*', '?']);
    for (key, named) in [("Action", &actions), ("Resource", &resources)] {
        if let Some(text) = named.iter().find(several) {
            let problem = format!("{text} is a wildcard; name each action that is needed");
            return Err(at.key(key).error(problem));
        }
    }
    Ok(Statement { sid, actions, resources })
}
