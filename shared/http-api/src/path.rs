//! Ids and numbers in paths, and the part of a path in front of all routes.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use domain::{MerchantId, OrderId};
use http::request::Parts;
use lambda_http::RequestExt;

use super::Problem;

/// The part of the request's path in front of the route: the base path of a custom domain, such as
/// `/shop`, or nothing.
#[derive(Clone, Debug, Default)]
pub struct BasePath(pub String);

impl<S: Sync> FromRequestParts<S> for BasePath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// The order that a path names. An invalid id names no order: 404.
#[derive(Clone, Copy, Debug)]
pub struct OrderPath(pub OrderId);

impl<S: Sync> FromRequestParts<S> for OrderPath {
    type Rejection = Problem;

    /// Reads the id that API Gateway extracted, not the path itself: by now the path is decoded,
    /// and truncated at anything that looks like a query.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let id = path_parameter(parts, "id").and_then(|text| OrderId::parse(text).ok());
        id.map(Self).ok_or_else(Problem::not_found)
    }
}

/// The merchant that a path names. An invalid id names no merchant: 404.
#[derive(Clone, Debug)]
pub struct MerchantPath(pub MerchantId);

impl<S: Sync> FromRequestParts<S> for MerchantPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let id = path_parameter(parts, "merchant").and_then(|text| MerchantId::parse(text).ok());
        id.map(Self).ok_or_else(Problem::not_found)
    }
}

/// The number of the substitution or issue that a path names, if the route has one. An invalid
/// number names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct SubresourcePath(pub Option<u64>);

impl<S: Sync> FromRequestParts<S> for SubresourcePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let named =
            ["substitution", "issue"].into_iter().find_map(|name| path_parameter(parts, name));
        let Some(text) = named else { return Ok(Self(None)) };
        number(text).map(|number| Self(Some(number))).ok_or_else(Problem::not_found)
    }
}

/// Parses a number in its canonical form.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// Returns a path parameter by its name in the route, as API Gateway extracted it.
pub fn path_parameter<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.extensions.path_parameters_ref().and_then(|named| named.first(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_one_way() {
        for expected in [0, 1, 10, u64::MAX] {
            assert_eq!(number(&expected.to_string()), Some(expected));
        }
        for text in ["", "01", "+1", "-1", "1.0", " 1", "x", "18446744073709551616"] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }
}
