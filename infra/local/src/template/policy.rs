//! A function's `Policies`: what its role may do.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use serde::Deserialize;
use serde_json::Value;

use super::Result;
use super::path::Path;
use super::resource::read;

/// One statement that allows something.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its name in the template; empty if it has none.
    pub sid: String,
    /// The actions, each with its service: `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// The resources' ARNs, in which `*` stands for any characters and `?` for one.
    pub resources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
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

/// The statements of a function's policies, all of them written out in the template.
pub(super) fn statements(policies: &[Value], at: &Path) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for (i, policy) in policies.iter().enumerate() {
        let at = at.index(i);
        let document: Document = read(policy, &at)?;
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
        return Err(at.key("Effect").error("the runner plays Allow only"));
    }
    let actions = action.into_vec();
    if let Some(action) = actions.iter().find(|action| action.contains(['*', '?'])) {
        let problem = format!("{action} is more than one action: name those that are needed");
        return Err(at.key("Action").error(problem));
    }
    Ok(Statement { sid, actions, resources: resource.into_vec() })
}
