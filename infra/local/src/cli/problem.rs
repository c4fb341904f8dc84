//! Problems of the API, described for people.

use serde_json::Value;

/// Describes a problem with the fields that are wrong.
pub(super) fn described(problem: &Value) -> String {
    let said = problem["detail"].as_str().or(problem["title"].as_str());
    let said = said.map_or_else(|| problem.to_string(), str::to_owned);
    let errors = problem["errors"].as_array().into_iter().flatten();
    let errors = errors.map(|error| format!(" {} {}.", error["pointer"], error["detail"]));
    std::iter::once(said).chain(errors).collect()
}
