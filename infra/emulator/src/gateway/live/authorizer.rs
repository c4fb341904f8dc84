//! A Lambda authorizer of type REQUEST.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html>

use http::request::Parts;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::event::Caller;
use super::handshake::Refusal;
use super::{IntegrationError, LiveGateway};

/// The largest context of an authorizer, in bytes of JSON.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
const CONTEXT_LIMIT: usize = 8 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerResponse {
    principal_id: String,
    policy_document: Policy,
    #[serde(default)]
    context: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    action: OneOrMore,
    resource: OneOrMore,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Asks `function` whether the caller may connect, and returns the context that goes with every
/// later event of the connection.
pub(super) async fn authorize(
    gateway: &LiveGateway,
    function: &str,
    caller: &Caller,
    parts: &Parts,
) -> Result<Map<String, Value>, Refusal> {
    let event = caller.authorizer_event(parts, gateway.clock.now());
    let response = gateway.invoke(function, &event).await.map_err(refusal)?;
    let response: AuthorizerResponse =
        serde_json::from_slice(&response).map_err(|error| refusal(error.into()))?;
    if !response.policy_document.allows("execute-api:Invoke", &caller.method_arn()) {
        return Err(Refusal::Forbidden);
    }
    context(response).ok_or_else(|| {
        tracing::error!(
            "the authorizer's context must contain only strings, numbers and booleans, and must \
             not be too large"
        );
        Refusal::AuthorizerFailure
    })
}

/// Maps the error to a refusal. A function that fails with exactly the message `Unauthorized`
/// asks for a 401.
fn refusal(error: IntegrationError) -> Refusal {
    match error {
        IntegrationError::Function(error) if error.error_message == "Unauthorized" => {
            Refusal::Unauthorized
        }
        error => {
            tracing::error!(%error, "the authorizer failed");
            Refusal::AuthorizerFailure
        }
    }
}

/// Returns the context as functions receive it: flat, with all values as text.
fn context(response: AuthorizerResponse) -> Option<Map<String, Value>> {
    let context = response.context.unwrap_or_default();
    if serde_json::to_vec(&context).ok()?.len() > CONTEXT_LIMIT {
        return None;
    }
    let text = |value: Value| match value {
        Value::String(_) => Some(value),
        Value::Number(_) | Value::Bool(_) => Some(Value::String(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let principal = ("principalId".to_owned(), Value::String(response.principal_id));
    let context = context.into_iter().map(|(name, value)| Some((name, text(value)?)));
    context.chain([Some(principal)]).collect()
}

impl Policy {
    /// Returns true if a statement allows the action and none denies it: an explicit denial wins.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
    fn allows(&self, action: &str, resource: &str) -> bool {
        let matching = |effect| {
            let mut statements = self.statement.iter().filter(move |own| own.effect == effect);
            statements.any(|own| own.action.covers(action) && own.resource.covers(resource))
        };
        matching(Effect::Allow) && !matching(Effect::Deny)
    }
}

impl OneOrMore {
    fn covers(&self, name: &str) -> bool {
        match self {
            Self::One(pattern) => glob(pattern.as_bytes(), name.as_bytes()),
            Self::More(patterns) => {
                patterns.iter().any(|pattern| glob(pattern.as_bytes(), name.as_bytes()))
            }
        }
    }
}

/// Matches `*` with any text and `?` with any one byte. It suffices to backtrack to the last `*`,
/// which takes no more steps than the product of both lengths.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(own) if *own == b'?' || *own == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((after, taken)) = star else { return false };
                star = Some((after, taken + 1));
                (p, n) = (after + 1, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allows(statements: &Value) -> bool {
        let policy: Policy = serde_json::from_value(json!({ "Statement": statements })).unwrap();
        policy.allows("execute-api:Invoke", "arn:aws:execute-api:local:0:api/live/$connect")
    }

    #[test]
    fn a_policy_allows_what_it_names_and_does_not_deny() {
        let statement = |effect: &str, action: Value, resource: &str| json!({ "Effect": effect, "Action": action, "Resource": resource });
        let invoke = json!("execute-api:Invoke");
        let allow = statement("Allow", invoke.clone(), "arn:aws:execute-api:*:api/live/*");
        assert!(allows(&json!([allow])));
        assert!(allows(&json!([statement("Allow", json!(["execute-api:*"]), "*")])));
        assert!(!allows(&json!([])));
        assert!(!allows(&json!([statement("Allow", invoke.clone(), "*/other/*")])));
        assert!(!allows(&json!([statement("Allow", json!("execute-api:Invalidate"), "*")])));
        assert!(!allows(&json!([allow, statement("Deny", invoke, "*/$connect")])));
    }

    #[test]
    fn globs_match_as_iam_has_them() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xaxxaxb", true),
        ] {
            assert_eq!(glob(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
