//! The template's `Rules`: constraints on the combination of its parameters.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Result;
use super::path::Path;
use super::resource::read;
use super::scope::Scope;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    assertions: Vec<Assertion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Assertion {
    assert: Value,
    assert_description: String,
}

/// Checks that the stack's parameters satisfy all `rules`.
pub(super) fn check(scope: &Scope, rules: &Map<String, Value>) -> Result<()> {
    for (name, rule) in rules {
        let at = Path::root().key("Rules").key(name);
        let Rule { assertions } = read(rule, &at)?;
        for (index, Assertion { assert, assert_description }) in assertions.iter().enumerate() {
            let at = at.key("Assertions").index(index);
            if !scope.holds(assert, &at.key("Assert"))? {
                return Err(at.error(assert_description));
            }
        }
    }
    Ok(())
}
