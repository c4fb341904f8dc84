//! Query parameters.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use domain::{Bounds, Invalid, Shape, Shaped};
use http::request::Parts;

use super::Problem;
use super::errors::FieldErrors;
use super::unknown::unknown;

/// The decoded parameters of a query, in their order.
#[derive(Clone, Debug, Default)]
pub struct QueryParameters {
    left: Vec<(String, String)>,
    /// The names that were looked for.
    known: Vec<&'static str>,
    errors: FieldErrors,
    /// Records the parameters that are looked for, when the documents are generated.
    noted: Option<Vec<QueryParameter>>,
}

/// A parameter that an endpoint looks for.
#[derive(Clone, Copy, Debug)]
pub struct QueryParameter {
    pub name: &'static str,
    /// True if the parameter can be given several times.
    pub is_repeated: bool,
    pub shape: Shape,
}

impl QueryParameters {
    /// Returns the parameters that `read` looks for.
    pub fn describe<T>(read: impl FnOnce(&mut Self) -> T) -> Vec<QueryParameter> {
        let mut query = Self { noted: Some(Vec::new()), ..Self::default() };
        read(&mut query);
        query.noted.unwrap_or_default()
    }

    /// Returns the problem of a query with a slip in the name of the first parameter that `read`
    /// looks for, or with one parameter if it looks for none.
    pub fn misspelt<T>(read: impl Fn(&mut Self) -> T) -> Option<Problem> {
        let name = Self::describe(&read).first().map_or("expand_", |first| first.name);
        let slip = name[..name.len() - 1].to_owned();
        let mut query = Self { left: vec![(slip, String::new())], ..Self::default() };
        read(&mut query);
        query.finish().err()
    }

    fn note(&mut self, name: &'static str, is_repeated: bool, shape: Shape) {
        self.known.push(name);
        if let Some(noted) = &mut self.noted {
            noted.push(QueryParameter { name, is_repeated, shape });
        }
    }

    /// Takes a parameter that can be given at most once.
    pub fn take<T: Shaped>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.take_as(name, T::SHAPE, parse)
    }

    fn take_as<T>(
        &mut self,
        name: &'static str,
        shape: Shape,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.note(name, false, shape);
        let of_name = |(other, _): &mut (String, String)| other == name;
        let values: Vec<_> = self.left.extract_if(.., of_name).collect();
        match &values[..] {
            [] => None,
            [(_, value)] => parse(value).map_err(|Invalid(detail)| self.wrong(name, &detail)).ok(),
            _ => {
                self.wrong(name, "can be given only once");
                None
            }
        }
    }

    /// Takes a parameter that can only be `true`, which means what `about` says. Without it, returns
    /// false.
    pub fn flag(&mut self, name: &'static str, about: &'static str) -> bool {
        let shape = Shape { name: None, about, bounds: Bounds::OneOf(|| vec!["true"]) };
        let parse = |text: &str| match text {
            "true" => Ok(()),
            _ => Err(Invalid::new("must be true, or omitted")),
        };
        self.take_as(name, shape, parse).is_some()
    }

    /// Takes a parameter that can be given several times.
    pub fn take_all<T: Shaped>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Vec<T> {
        self.note(name, true, T::SHAPE);
        let of_name = |(other, _): &mut (String, String)| other == name;
        let values: Vec<_> = self.left.extract_if(.., of_name).collect();
        let parsed = values.iter().map(|(_, value)| parse(value));
        let (good, bad): (Vec<_>, Vec<_>) = parsed.partition(Result::is_ok);
        for Invalid(detail) in bad.into_iter().filter_map(Result::err) {
            self.wrong(name, &detail);
        }
        good.into_iter().filter_map(Result::ok).collect()
    }

    /// Returns the encoded query without these parameters and those already taken. The others
    /// keep their order and their values.
    pub fn without(&self, names: &[&str]) -> String {
        let left = self.left.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(left).finish()
    }

    /// Reports a parameter as invalid, unless it is already reported.
    pub fn wrong(&mut self, name: &str, detail: &str) {
        self.errors.add(format!("?{name}"), detail);
    }

    /// Rejects the query if a parameter is invalid or unknown.
    pub fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.left) {
            if self.errors.is_full() {
                break;
            }
            self.wrong(&name, &unknown("parameter", &name, &self.known));
        }
        self.errors.none_or(Some(()))
    }
}

impl<S: Sync> FromRequestParts<S> for QueryParameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let left = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self { left, ..Self::default() })
    }
}
