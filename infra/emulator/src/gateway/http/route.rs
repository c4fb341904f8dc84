//! Routing of requests.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use std::collections::BTreeMap;

use http::Method;
use jwt::Verifier;
use percent_encoding::percent_decode_str;

use super::{Authorizer, AuthorizerError};
use crate::gateway::Bucket;
use crate::template::{self, HttpRoute};

/// The key of the route that takes all other requests.
const DEFAULT: &str = "$default";

/// The routes of an API, most specific first.
#[derive(Debug, Default)]
pub struct Routes(Vec<Route>);

/// A route and its target.
#[derive(Debug)]
pub struct Route {
    /// `GET /orders/{id}`, or `$default`.
    pub key: String,
    /// The logical id of the function that handles requests.
    pub function: String,
    pub authorizer: Option<Authorizer>,
    /// The route's own limit of requests.
    pub(super) limit: Option<Bucket>,
    method: Option<Method>,
    pattern: Vec<Segment>,
}

/// The route of a request.
#[derive(Debug)]
pub struct Match<'r> {
    pub route: &'r Route,
    /// The decoded values of the path's variables.
    pub parameters: BTreeMap<String, String>,
}

/// A path segment. The order is API Gateway's preference: a literal, a variable, a greedy
/// variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

impl Routes {
    /// Creates the routes as `declared`. `verifier` returns the token verifier of a declared
    /// authorizer.
    pub fn new(
        declared: &[HttpRoute],
        verifier: impl Fn(&template::Authorizer) -> Result<Verifier, AuthorizerError>,
    ) -> Result<Self, AuthorizerError> {
        let mut routes = Vec::new();
        for route in declared {
            let authorizer = match &route.authorizer {
                Some(declared) => Some(Authorizer::new(&declared.header, verifier(declared)?)),
                None => None,
            };
            routes.push(Route::new(route, authorizer));
        }
        routes.sort_by(|a, b| a.precedence().cmp(&b.precedence()));
        Ok(Self(routes))
    }

    /// Returns the route of a request with `method` and the undecoded `path`.
    pub fn find(&self, method: &Method, path: &str) -> Option<Match<'_>> {
        let segments: Vec<&str> = segments(path).collect();
        let routes = self.0.iter();
        let mut takers = routes.filter(|route| route.method.as_ref().is_none_or(|m| m == method));
        takers.find_map(|route| {
            let parameters = captured(&route.pattern, &segments)?;
            Some(Match { route, parameters })
        })
    }
}

impl Route {
    fn new(declared: &HttpRoute, authorizer: Option<Authorizer>) -> Self {
        let (key, pattern) = if declared.path == DEFAULT {
            // Matches any path, without capturing it.
            (declared.path.clone(), vec![Segment::Greedy(String::new())])
        } else {
            let method = declared.method.as_ref().map_or("ANY", Method::as_str);
            let pattern = segments(&declared.path).map(Segment::parse).collect();
            (format!("{method} {}", declared.path), pattern)
        };
        let HttpRoute { method, function, throttling, .. } = declared.clone();
        let limit = throttling.map(|declared| Bucket::new(declared.per_second, declared.burst));
        Self { key, function, authorizer, limit, method, pattern }
    }

    /// Returns the sort key: full matches come before greedy variables, and these before
    /// `$default`; within each group, the more specific path comes first, and then a method
    /// before `ANY`.
    fn precedence(&self) -> (bool, bool, &[Segment], bool) {
        let greedy = matches!(self.pattern.last(), Some(Segment::Greedy(_)));
        (self.key == DEFAULT, greedy, &self.pattern, self.method.is_none())
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match name.map(|name| (name, name.strip_suffix('+'))) {
            None => Self::Literal(text.to_owned()),
            Some((name, None)) => Self::Variable(name.to_owned()),
            Some((_, Some(name))) => Self::Greedy(name.to_owned()),
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Returns the variables of `pattern` in `path`, or `None` if the path does not match.
fn captured(pattern: &[Segment], path: &[&str]) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    let mut rest = path;
    for segment in pattern {
        if let Segment::Greedy(name) = segment {
            if !name.is_empty() {
                parameters.insert(name.clone(), decoded(&rest.join("/")));
            }
            return (!rest.is_empty()).then_some(parameters);
        }
        let (first, after) = rest.split_first()?;
        match segment {
            Segment::Literal(literal) if literal == first => {}
            Segment::Variable(name) if !first.is_empty() => {
                parameters.insert(name.clone(), decoded(first));
            }
            _ => return None,
        }
        rest = after;
    }
    rest.is_empty().then_some(parameters)
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
