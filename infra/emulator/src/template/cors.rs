//! `CorsConfiguration` of an HTTP API.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapicorsconfiguration.html>

use serde::Deserialize;

use super::Result;
use super::path::Path;

/// The pages of other origins that may call an HTTP API, and the parts of requests and responses
/// that they may use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Cors {
    /// `https://app.example.com`, `https://*` and `http://*` for all of a scheme, `*` for all.
    #[serde(default)]
    pub allow_origins: Vec<String>,
    #[serde(default)]
    pub allow_methods: Vec<String>,
    #[serde(default)]
    pub allow_headers: Vec<String>,
    #[serde(default)]
    pub expose_headers: Vec<String>,
    /// The number of seconds for which a browser remembers the answer to a preflight request.
    pub max_age: Option<u32>,
}

impl Cors {
    /// Fails for an origin that API Gateway does not accept: `*` can stand for the whole host
    /// only, and nothing follows the port.
    pub(super) fn check(&self, at: &Path) -> Result<()> {
        let is_origin = |origin: &str| match origin.split_once("://") {
            Some((scheme, "*")) => ["http", "https"].contains(&scheme),
            Some((_, host)) => !host.is_empty() && !host.contains(['*', '/', '?', '#', ' ']),
            None => origin == "*",
        };
        match self.allow_origins.iter().find(|origin| !is_origin(origin)) {
            None => Ok(()),
            Some(origin) => Err(at.key("AllowOrigins").error(format!(
                "{origin:?} is not an origin; write SCHEME://HOST or SCHEME://HOST:PORT, without a \
                 path, or https://*, http://* or *"
            ))),
        }
    }
}
