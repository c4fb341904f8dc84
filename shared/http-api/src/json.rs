//! JSON as clients send it. RFC 8259 leaves open what a name that occurs twice means, so such an
//! object is rejected.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::errors::cut;

/// The byte order mark that some editors write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Parses JSON; a byte order mark at the start is skipped (RFC 8259, section 8.1). An object with
/// a name that occurs twice is an error, which names it as a JSON Pointer.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = Unambiguous::Root.deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Returns the JSON Pointer of a member (RFC 6901).
pub(crate) fn pointer_to(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A value whose objects have each name once, with its place. The pointer to the place is built
/// for the error alone: a body may have many values under a long name.
#[derive(Clone, Copy)]
enum Unambiguous<'a> {
    Root,
    Member(&'a Unambiguous<'a>, &'a str),
    Element(&'a Unambiguous<'a>, usize),
}

impl Unambiguous<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(parent, name) => pointer_to(&parent.pointer(), name),
            Self::Element(parent, at) => pointer_to(&parent.pointer(), &at.to_string()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Unambiguous<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            match elements.next_element_seed(Unambiguous::Element(&self, list.len()))? {
                Some(element) => list.push(element),
                None => return Ok(list.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = Unambiguous::Member(&self, &name);
            if object.contains_key(&name) {
                let pointer = cut(place.pointer());
                return Err(A::Error::custom(format_args!("{pointer} is given twice")));
            }
            let value = members.next_value_seed(place)?;
            object.insert(name, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_as_it_was_sent() {
        let text = r#"{"a": [1, -2, 1.5, true, null, "é"], "b": {"c": {}, "~/": []}}"#;
        let expected = json!({"a": [1, -2, 1.5, true, null, "é"], "b": {"c": {}, "~/": []}});
        assert_eq!(parse(text.as_bytes()).unwrap(), expected);
        assert_eq!(parse(format!("\u{feff}{text}").as_bytes()).unwrap(), expected);
        for text in ["", "{", "{} {}", "\u{feff}\u{feff}{}", "nul", &"[".repeat(60_000)] {
            assert!(parse(text.as_bytes()).is_err(), "{text:.9}");
        }
    }

    #[test]
    fn a_name_that_is_given_twice_is_named() {
        let long = format!(r#"{{"{0}": 1, "{0}": 1}}"#, "a".repeat(30_000));
        for (text, named) in [
            (r#"{"a": 1, "a": 1}"#, "/a is given twice"),
            (r#"{"a": 1, "b": {"c": [{}, {"d~/": 1, "e": 2, "d~\/": null}]}}"#, "/b/c/1/d~0~1 is"),
            (r#"[{"\u0061": 1, "a": 2}]"#, "/0/a is given twice"),
            (&long, &format!("/{}… is given twice", "a".repeat(99))),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
        }
        assert!(parse(br#"{"a": {"a": {"b": 1}}, "b": [{"a": 1}, {"a": 1}]}"#).is_ok());
    }
}
