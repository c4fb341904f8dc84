//! Reading a JSON body field by field, so that one answer names all that is wrong.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Problem;
use crate::domain::{Invalid, Metadata};

/// The most errors that one answer names.
const MAX_ERRORS: usize = 100;

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What it must be.
    pub detail: String,
}

/// A JSON object that is being read. What is left over at its end is unknown
/// and wrong; `null` is as good as absent.
pub struct Fields<'a> {
    pointer: String,
    left: Map<String, Value>,
    errors: &'a mut Vec<FieldError>,
}

impl Fields<'_> {
    /// Reads a body with `read`, which gives nothing only after it named an error.
    pub fn read<T>(
        body: Value,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Result<T, Problem> {
        let mut errors = Vec::new();
        let value = Fields::object_at(String::new(), body, &mut errors, read);
        match value {
            Some(value) if errors.is_empty() => Ok(value),
            _ => {
                errors.truncate(MAX_ERRORS);
                Err(Problem::fields(&errors))
            }
        }
    }

    fn object_at<T>(
        pointer: String,
        value: Value,
        errors: &mut Vec<FieldError>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(left) = value else {
            errors.push(FieldError { pointer, detail: "must be an object".to_owned() });
            return None;
        };
        let mut fields = Fields { pointer, left, errors };
        let value = read(&mut fields);
        for name in std::mem::take(&mut fields.left).into_iter().map(|(name, _)| name) {
            fields.wrong(&name, "is not a field here");
        }
        value
    }

    /// Names a field as wrong.
    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        let pointer = self.pointer_to(name);
        self.errors.push(FieldError { pointer, detail: detail.into() });
    }

    fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// A field that may be absent, read by `parse`.
    fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Value) -> Result<T, Invalid>,
    ) -> Option<T> {
        parse(self.take(name)?).map_err(|Invalid(detail)| self.wrong(name, detail)).ok()
    }

    /// Names the field as missing unless it is there.
    fn demand(&mut self, name: &str) {
        if !self.has(name) {
            self.wrong(name, "is required");
        }
    }

    /// A string that may be absent.
    pub fn text<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.optional(name, |value| match value {
            Value::String(text) => parse(&text),
            _ => Err(Invalid::new("must be a string")),
        })
    }

    /// A string that must be there.
    pub fn required_text<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.demand(name);
        self.text(name, parse)
    }

    /// A whole number that may be absent.
    pub fn number<T: TryFrom<u64, Error = Invalid>>(&mut self, name: &str) -> Option<T> {
        // What is no number of ours is as wrong as one that is far too large.
        self.optional(name, |value| T::try_from(value.as_u64().unwrap_or(u64::MAX)))
    }

    /// A whole number that must be there.
    pub fn required_number<T: TryFrom<u64, Error = Invalid>>(&mut self, name: &str) -> Option<T> {
        self.demand(name);
        self.number(name)
    }

    /// Whether a field is there.
    pub fn has(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(|value| !value.is_null())
    }

    /// A whole number from `least` to `most` that may be absent.
    pub fn integer(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        self.optional(name, |value| {
            let number = value.as_i64().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| {
                Invalid(format!("must be a whole number from {least} to {most}").into())
            })
        })
    }

    /// A whole number from `least` to `most` that must be there.
    pub fn required_integer(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        self.demand(name);
        self.integer(name, least, most)
    }

    /// Free pairs of text; none if absent.
    pub fn metadata(&mut self, name: &str) -> Metadata {
        let pairs = self.object(name, |fields| {
            let names: Vec<_> = fields.left.keys().cloned().collect();
            let pair = |key: String| {
                let value = fields.text(&key, |text| Ok(text.to_owned()))?;
                Some((key, value))
            };
            Some(names.into_iter().filter_map(pair).collect::<BTreeMap<_, _>>())
        });
        let metadata = Metadata::parse(pairs.unwrap_or_default());
        metadata.map_err(|Invalid(detail)| self.wrong(name, detail)).unwrap_or_default()
    }

    /// An object that may be absent.
    pub fn object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        Self::object_at(self.pointer_to(name), value, self.errors, read)
    }

    /// An object that is as good as empty where it is absent.
    pub fn part<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name).unwrap_or_else(|| Value::Object(Map::new()));
        Self::object_at(self.pointer_to(name), value, self.errors, read)
    }

    /// An object that must be there.
    pub fn required_object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        self.demand(name);
        self.object(name, read)
    }

    /// A list of at most `most` objects; empty if absent.
    pub fn list<T>(
        &mut self,
        name: &str,
        most: usize,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        let list = self.optional(name, |value| match value {
            Value::Array(list) if list.len() <= most => Ok(list),
            _ => Err(Invalid(format!("must be a list of at most {most} objects").into())),
        });
        let pointer = self.pointer_to(name);
        let list = list.unwrap_or_default().into_iter().enumerate();
        list.filter_map(|(at, value)| {
            Self::object_at(format!("{pointer}/{at}"), value, self.errors, &read)
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{MerchantId, Name, Quantity};

    fn errors(body: Value) -> Value {
        let read = Fields::read(body, |fields| {
            let merchant = fields.required_text("merchant", MerchantId::parse);
            let name = fields.object("customer", |fields| fields.text("name", Name::parse));
            fields.metadata("metadata");
            fields.list("items", 2, |fields| fields.required_number::<Quantity>("quantity"));
            Some((merchant?, name))
        });
        read.map_or_else(|problem| problem.body()["errors"].clone(), |_| Value::Null)
    }

    #[test]
    fn one_answer_names_every_wrong_field() {
        let body = json!({
            "customer": {"name": "a\u{0}", "a/b~c": 1},
            "items": [{"quantity": 0}, {"quantity": 1}, 3],
            "metadata": {"k": 1},
        });
        let pointers: Vec<_> = errors(body)
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect();
        let expected =
            ["/merchant", "/customer/name", "/customer/a~1b~0c", "/metadata/k", "/items"];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn null_is_as_good_as_absent() {
        assert_eq!(errors(json!({"merchant": "m1", "customer": null, "items": null})), Value::Null);
        assert_eq!(errors(json!({"merchant": null}))[0]["detail"], "is required");
    }

    #[test]
    fn a_body_that_is_no_object_is_named_as_a_whole() {
        for body in [json!([]), json!(3), json!("x"), Value::Null] {
            assert_eq!(errors(body)[0]["pointer"], "");
        }
    }

    #[test]
    fn an_integer_is_whole_and_within_its_bounds() {
        let read = |difference: Value| {
            let body = json!({ "difference": difference });
            Fields::read(body, |fields| Some(fields.required_integer("difference", -20, 10)))
        };
        for within in [-20, 0, 10] {
            assert_eq!(read(json!(within)).unwrap(), Some(within));
        }
        for wrong in [
            json!(-21),
            json!(11),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1.5),
            json!(1.0),
            json!("1"),
            json!([1]),
        ] {
            let errors = read(wrong.clone()).unwrap_err().body()["errors"].clone();
            let detail = "must be a whole number from -20 to 10";
            let expected = json!([{ "pointer": "/difference", "detail": detail }]);
            assert_eq!(errors, expected, "{wrong}");
        }
        let missing = read(Value::Null).unwrap_err().body()["errors"].clone();
        assert_eq!(missing, json!([{ "pointer": "/difference", "detail": "is required" }]));
    }

    #[test]
    fn an_integer_may_be_absent() {
        let read = |body| Fields::read(body, |fields| Some(fields.integer("line", 1, 2)));
        assert_eq!(read(json!({})).unwrap(), None);
        assert_eq!(read(json!({ "line": null })).unwrap(), None);
    }
}
