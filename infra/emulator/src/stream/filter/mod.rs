//! The filters that select the records for a function: `FilterCriteria`. A record that no filter
//! matches counts as done.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html>

use serde_json::{Map, Value};

mod rule;

use rule::Rule;

/// A filter: the conditions on the fields of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Vec<Condition>);

/// An error that prevents the use of a pattern.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The pattern is not a JSON object.
    #[error("the pattern is not a JSON object: {0}")]
    NotAnObject(String),
    /// A rule is invalid or not supported by the runner.
    #[error("the runner does not support the filter rule {0}")]
    Rule(Value),
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    /// At least one of these patterns matches.
    Or(Vec<Pattern>),
    Nested(String, Pattern),
    /// The field's value matches one of these rules.
    Leaf(String, Vec<Rule>),
}

impl Pattern {
    /// Parses a pattern, which is text in a template.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let fields: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| PatternError::NotAnObject(error.to_string()))?;
        Self::read(&fields)
    }

    fn read(fields: &Map<String, Value>) -> Result<Self, PatternError> {
        fields.iter().map(Condition::read).collect::<Result<_, _>>().map(Self)
    }

    /// Returns true if every field that the pattern names satisfies its rules.
    pub(super) fn matches(&self, record: &Value) -> bool {
        self.0.iter().all(|condition| condition.holds(record))
    }
}

impl Condition {
    fn read((name, value): (&String, &Value)) -> Result<Self, PatternError> {
        let unplayed = || PatternError::Rule(Value::from_iter([(name.clone(), value.clone())]));
        match value {
            Value::Object(fields) => Ok(Self::Nested(name.clone(), Pattern::read(fields)?)),
            Value::Array(patterns) if name == "$or" => {
                let fields = patterns.iter().map(|pattern| pattern.as_object());
                let read = |fields: Option<_>| Pattern::read(fields.ok_or_else(unplayed)?);
                fields.map(read).collect::<Result<_, _>>().map(Self::Or)
            }
            Value::Array(rules) if !rules.is_empty() => {
                let rules = rules.iter().map(|rule| Rule::read(rule).ok_or_else(unplayed));
                Ok(Self::Leaf(name.clone(), rules.collect::<Result<_, _>>()?))
            }
            _ => Err(unplayed()),
        }
    }

    fn holds(&self, record: &Value) -> bool {
        match self {
            Self::Or(patterns) => patterns.iter().any(|pattern| pattern.matches(record)),
            // An absent field indexes as null, and null has no fields either.
            Self::Nested(name, pattern) => pattern.matches(&record[name.as_str()]),
            Self::Leaf(name, rules) => {
                let value = record.get(name);
                rules.iter().any(|rule| rule.allows(value))
            }
        }
    }
}

#[cfg(test)]
mod tests;
