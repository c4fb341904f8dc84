//! Reading a JSON body field by field, so that one response reports every error.

mod address;
mod form;
mod list;
mod number;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use self::form::{Content, Field, Form};
pub use self::number::{MAX_EXACT, Number};
use domain::{Bounds, Invalid, Metadata, Shape, Shaped};

use self::number::{between, decimal_between, is_exact, of_decimal, of_integer, of_number};
use super::Problem;
use super::errors::FieldErrors;
use super::json::pointer_to;
use super::unknown::unknown;

/// A JSON object that is being read. Fields left over at the end are unknown and invalid; `null`
/// means the same as an absent field.
pub struct Fields<'a> {
    pointer: String,
    left: Map<String, Value>,
    /// The names that were looked for.
    known: Vec<String>,
    errors: &'a mut FieldErrors,
    /// Records the fields that are read, when the documents are generated.
    form: Option<&'a mut Form>,
}

impl Fields<'_> {
    /// Reads a body with `read`, which returns `None` only after it has reported an error.
    pub fn read<T>(
        body: Value,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Result<T, Problem> {
        Self::read_noting(body, None, read)
    }

    /// Returns the fields of a body that `read` accepts. `example` must be a valid body, and
    /// decides between alternatives.
    pub fn describe<T>(
        example: Value,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Result<Form, Problem> {
        let mut form = Form::default();
        Self::read_noting(example, Some(&mut form), read)?;
        Ok(form)
    }

    fn read_noting<T>(
        body: Value,
        form: Option<&mut Form>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Result<T, Problem> {
        let mut errors = FieldErrors::default();
        let value = Fields::object_at(String::new(), body, &mut errors, form, read);
        errors.none_or(value)
    }

    fn object_at<T>(
        pointer: String,
        value: Value,
        errors: &mut FieldErrors,
        form: Option<&mut Form>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(left) = value else {
            errors.add(pointer, "must be an object");
            return None;
        };
        let mut fields = Fields { pointer, left, known: Vec::new(), errors, form };
        let value = read(&mut fields);
        for name in std::mem::take(&mut fields.left).into_iter().map(|(name, _)| name) {
            if fields.errors.is_full() {
                break;
            }
            fields.wrong(&name, unknown("field", &name, &fields.known));
        }
        value
    }

    /// Reports a field as invalid, unless it is already reported.
    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        let pointer = self.pointer_to(name);
        self.errors.add(pointer, detail);
    }

    fn pointer_to(&self, name: &str) -> String {
        pointer_to(&self.pointer, name)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.known.push(name.to_owned());
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// Returns true if a field is present and not `null`.
    pub fn has(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(|value| !value.is_null())
    }

    /// Returns true if the object has the field, even as `null`.
    pub fn names(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Returns true if a field is present and neither `null` nor an empty list.
    pub fn is_filled(&self, name: &str) -> bool {
        self.has(name) && self.left[name] != Value::Array(Vec::new())
    }

    /// Reports an error unless the object has at least one of these fields.
    pub fn some_of(&mut self, names: &[&'static str]) {
        if let Some(form) = &mut self.form {
            form.some_of.extend(names);
        }
        if let ([first, ..], true) = (names, names.iter().all(|name| !self.has(name))) {
            self.wrong(first, format!("at least one of {} is required", names.join(", ")));
        }
    }

    /// Reads a field with `parse`.
    fn value<T>(
        &mut self,
        name: &str,
        is_required: bool,
        content: Content,
        parse: impl FnOnce(Value) -> Result<T, Invalid>,
    ) -> Option<T> {
        if let Some(form) = &mut self.form {
            form.note(name, is_required, content);
        }
        self.demand(name, is_required);
        parse(self.take(name)?).map_err(|Invalid(detail)| self.wrong(name, detail)).ok()
    }

    fn demand(&mut self, name: &str, is_required: bool) {
        if is_required && !self.has(name) {
            self.wrong(name, "is required");
        }
    }

    /// Reads an optional string.
    pub fn text<T: Shaped>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.value(name, false, Content::Value(T::SHAPE), of_text(parse))
    }

    /// Reads a required string.
    pub fn required_text<T: Shaped>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.value(name, true, Content::Value(T::SHAPE), of_text(parse))
    }

    /// Reads a required string that determines the object's other fields.
    pub fn tag<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        let tag = self.left.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.value(name, true, Content::Tag(tag), of_text(parse))
    }

    /// Reads an optional whole number.
    pub fn number<T: Number>(&mut self, name: &str) -> Option<T> {
        self.value(name, false, Content::Value(T::SHAPE), |value| of_number(&value))
    }

    /// Reads a required whole number.
    pub fn required_number<T: Number>(&mut self, name: &str) -> Option<T> {
        self.value(name, true, Content::Value(T::SHAPE), |value| of_number(&value))
    }

    /// Reads an optional whole number from `least` to `most`.
    pub fn integer(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        self.value(name, false, between(least, most), of_integer(least, most))
    }

    /// Reads a required whole number from `least` to `most`.
    pub fn required_integer(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        self.value(name, true, between(least, most), of_integer(least, most))
    }

    /// Reads a required number from `least` to `most`, which can have decimals.
    pub fn required_decimal(&mut self, name: &str, least: i32, most: i32) -> Option<f64> {
        self.value(name, true, decimal_between(least, most), of_decimal(least, most))
    }

    /// Reads an optional number from `least` to `most`, which can have decimals.
    pub fn decimal(&mut self, name: &str, least: i32, most: i32) -> Option<f64> {
        self.value(name, false, decimal_between(least, most), of_decimal(least, most))
    }

    /// Reads an optional boolean; an absent field means false.
    pub fn flag(&mut self, name: &str) -> bool {
        self.boolean(name, false).unwrap_or(false)
    }

    /// Reads a required boolean.
    pub fn required_flag(&mut self, name: &str) -> Option<bool> {
        self.boolean(name, true)
    }

    fn boolean(&mut self, name: &str, is_required: bool) -> Option<bool> {
        let content = Content::Value(Shape { name: None, about: "", bounds: Bounds::Boolean });
        let rule = || Invalid::new("must be true or false");
        self.value(name, is_required, content, |value| value.as_bool().ok_or_else(rule))
    }

    /// Reads free-form pairs of text; an absent field means no pairs. Numbers and booleans are
    /// kept as text.
    pub fn metadata(&mut self, name: &str) -> Metadata {
        if let Some(form) = &mut self.form {
            form.note(name, false, Content::Metadata);
        }
        let Some(value) = self.take(name) else { return Metadata::default() };
        let pairs = Self::object_at(self.pointer_to(name), value, self.errors, None, |fields| {
            let names: Vec<_> = fields.left.keys().cloned().collect();
            let pair = |key: String| {
                let text = text_of(fields.left.remove(&key)?);
                match text.and_then(|text| Metadata::check(&key, &text).map(|()| text)) {
                    Ok(text) => Some((key, text)),
                    Err(Invalid(detail)) => {
                        fields.wrong(&key, detail);
                        None
                    }
                }
            };
            Some(names.into_iter().filter_map(pair).collect::<BTreeMap<_, _>>())
        });
        let metadata = Metadata::parse(pairs.unwrap_or_default());
        metadata.map_err(|Invalid(detail)| self.wrong(name, detail)).unwrap_or_default()
    }

    /// Reads an optional object.
    pub fn object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        self.nested(name, false, read)
    }

    /// Reads a required object.
    pub fn required_object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        self.nested(name, true, read)
    }

    fn nested<T>(
        &mut self,
        name: &str,
        is_required: bool,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        self.demand(name, is_required);
        let (value, pointer) = (self.take(name), self.pointer_to(name));
        let Some(form) = &mut self.form else {
            return Self::object_at(pointer, value?, self.errors, None, read);
        };
        let mut nested = Form::default();
        let read = if let Some(value) = value {
            Self::object_at(pointer, value, self.errors, Some(&mut nested), read)
        } else {
            form_of_none(&mut nested, read);
            None
        };
        form.note(name, is_required, Content::Object(nested));
        read
    }

    /// Reads an object; an absent object is read as an empty one.
    pub fn object_or_empty<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        if !self.has(name) {
            self.left.insert(name.to_owned(), Value::Object(Map::new()));
        }
        self.nested(name, false, read)
    }
}

/// Records the fields that `read` looks for, although there is no object.
fn form_of_none<T>(form: &mut Form, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) {
    let nothing = Value::Object(Map::new());
    Fields::object_at(String::new(), nothing, &mut FieldErrors::default(), Some(form), read);
}

/// Returns the text that metadata keep of a value. A number that a JSON parser rounds is rejected.
fn text_of(value: Value) -> Result<String, Invalid> {
    match value {
        Value::String(text) => Ok(text),
        Value::Bool(_) => Ok(value.to_string()),
        Value::Number(number) if is_exact(&number) => Ok(number.to_string()),
        Value::Number(_) => Err(Invalid::new("must be a string: the number has too many digits")),
        _ => Err(Invalid::new("must be a string, a number or a boolean")),
    }
}

fn of_text<T>(
    parse: impl FnOnce(&str) -> Result<T, Invalid>,
) -> impl FnOnce(Value) -> Result<T, Invalid> {
    |value| match value {
        Value::String(text) => parse(&text),
        _ => Err(Invalid::new("must be a string")),
    }
}

#[cfg(test)]
mod tests;
