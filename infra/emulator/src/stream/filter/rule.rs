//! A rule for one field of a record.

use serde_json::Value;

/// A rule of a pattern's leaf. The syntax is the table "Filter rule syntax" of
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// Exactly this text, number, boolean or null. "300, 300.0 … are not considered equal."
    Equals(Value),
    EqualsIgnoringCase(String),
    Prefix(String),
    Suffix(String),
    /// Any present value except these.
    AnythingBut(Vec<Value>),
    /// A number within all of these bounds. DynamoDB writes numbers of items as text, which never
    /// matches: `{"N": "5"}`.
    Numeric(Vec<(Comparison, f64)>),
    /// True if the field must be a leaf, false if it must not. "It doesn't match intermediate
    /// nodes."
    Exists(bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Rule {
    /// Parses a rule; `None` if it is not supported.
    pub(super) fn read(rule: &Value) -> Option<Self> {
        let operator = match rule {
            Value::Object(operator) if operator.len() == 1 => operator,
            Value::Object(_) | Value::Array(_) => return None,
            scalar => return Some(Self::Equals(scalar.clone())),
        };
        let (name, operand) = operator.iter().next()?;
        let text = || operand.as_str().map(str::to_owned);
        match name.as_str() {
            "equals-ignore-case" => text().map(Self::EqualsIgnoringCase),
            "prefix" => text().map(Self::Prefix),
            "suffix" => text().map(Self::Suffix),
            "anything-but" => anything_but(operand),
            "numeric" => bounds(operand.as_array()?).map(Self::Numeric),
            "exists" => operand.as_bool().map(Self::Exists),
            _ => None,
        }
    }

    /// Returns true if a field satisfies the rule; `None` stands for a field that the record
    /// lacks. A list needs one item that satisfies the rule.
    pub(super) fn allows(&self, field: Option<&Value>) -> bool {
        match field {
            Some(Value::Array(items)) if !matches!(self, Self::Exists(_)) => {
                items.iter().any(|item| self.allows_leaf(item))
            }
            Some(leaf) if !leaf.is_object() => self.allows_leaf(leaf),
            Some(_) | None => *self == Self::Exists(false),
        }
    }

    fn allows_leaf(&self, leaf: &Value) -> bool {
        let text = leaf.as_str();
        match self {
            Self::Equals(value) => leaf == value,
            Self::EqualsIgnoringCase(other) => {
                text.is_some_and(|text| text.to_lowercase() == other.to_lowercase())
            }
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::AnythingBut(others) => !others.contains(leaf),
            Self::Numeric(bounds) => leaf.as_f64().is_some_and(|number| {
                bounds.iter().all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
            Self::Exists(expected) => *expected,
        }
    }
}

/// Parses one text or number, or a list of them.
fn anything_but(operand: &Value) -> Option<Rule> {
    let others = operand.as_array().cloned().unwrap_or_else(|| vec![operand.clone()]);
    let plain = others.iter().all(|other| other.is_string() || other.is_number());
    plain.then_some(Rule::AnythingBut(others))
}

/// Parses bounds: `["=", 100]`, `[">", 10, "<=", 20]`.
fn bounds(operands: &[Value]) -> Option<Vec<(Comparison, f64)>> {
    let (bounds, rest) = operands.as_chunks::<2>();
    let bound = |[sign, number]: &[Value; 2]| {
        let comparison = match sign.as_str()? {
            "=" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        Some((comparison, number.as_f64()?))
    };
    let bounds: Vec<_> = bounds.iter().map(bound).collect::<Option<_>>()?;
    (rest.is_empty() && !bounds.is_empty()).then_some(bounds)
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number.total_cmp(&bound).is_eq(),
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}
