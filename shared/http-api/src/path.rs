//! Ids and numbers in paths, and the part of a path in front of all routes.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use domain::{DriverId, MerchantId, OrderId, StoreId, WebhookId};
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

/// Declares an extractor of the id that a path names. An invalid id names nothing: 404.
///
/// It reads the id that API Gateway extracted, not the path itself: by then the path is decoded, and
/// truncated at anything that looks like a query.
macro_rules! path {
    ($about:literal, $path:ident($id:ident), $name:literal) => {
        #[doc = $about]
        #[derive(Clone, Debug)]
        pub struct $path(pub $id);

        impl<S: Sync> FromRequestParts<S> for $path {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                let id = path_parameter(parts, $name).and_then(|text| $id::parse(text).ok());
                id.map(Self).ok_or_else(Problem::not_found)
            }
        }
    };
}

path!("The order that a path names.", OrderPath(OrderId), "id");
path!("The merchant that a path names.", MerchantPath(MerchantId), "merchant");
path!("The store that a path names, within a merchant.", StorePath(StoreId), "store");
path!("The driver that a path names.", DriverPath(DriverId), "driver");
path!("The webhook that a path names, within a merchant.", WebhookPath(WebhookId), "webhook");

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
fn path_parameter<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
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
