//! `waybill export`: writes the orders of a list to a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use bytes::Bytes;
use http::header::{AUTHORIZATION, LINK};
use http::{HeaderMap, Request, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;

use super::problem;
use super::token::{self, TokenError};

/// The URL of the HTTP API of a runner on its default port.
const USUAL_URL: &str = "http://127.0.0.1:3000";

/// Write all orders of a list to a file or to standard output, however many responses they take.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The parameters of the list, such as status=delivered closed_from=2026-11-20.
    #[arg(value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// The format of the file.
    #[arg(long, default_value = "csv", value_parser = ["csv", "ndjson"])]
    format: String,
    /// The file to write [default: standard output].
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The URL of the HTTP API.
    #[arg(long, default_value = USUAL_URL)]
    url: Uri,
    /// The token of ops or of a merchant [default: a token for ops, which the runner issues].
    #[arg(long)]
    token: Option<String>,
}

fn parameter(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The error that ends an export; what was written is then incomplete.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error("{0} is not the URL of an API; write it as http://host:port or https://host")]
    Url(String),
    #[error(
        "no response from {0}. Start the runner first, in another terminal, with `cargo run`, or \
         give the address of the API with --url"
    )]
    NotRunning(String),
    #[error("cannot get a token from {url}: {source}. Provide one with --token")]
    NoToken { url: String, source: TokenError },
    #[error("the connection failed: {0}")]
    Connection(#[from] Error),
    #[error("the response was cut off: {0}")]
    Cut(#[from] hyper::Error),
    #[error("the API responded with {status}: {detail}")]
    Refused { status: http::StatusCode, detail: String },
    #[error(transparent)]
    Request(#[from] http::Error),
    #[error("cannot write the file: {0}")]
    Output(#[from] io::Error),
}

/// Writes every page of the export, one after the other.
pub(super) async fn export(args: Args) -> Result<(), ExportError> {
    let mut api = Api::new(args.url, args.token).await?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("format", &args.format).extend_pairs(args.parameters);
    let mut next = Some(format!("/orders/export?{}", query.finish()));
    let mut output: Option<Box<dyn Write>> = None;
    while let Some(path) = next {
        let (page, link) = api.page(&path).await?;
        // Nothing is written, and no file is replaced, if the API refuses the query.
        let output = match &mut output {
            Some(output) => output,
            none => none.insert(match &args.output {
                Some(path) => Box::new(File::create(path)?),
                None => Box::new(io::stdout()),
            }),
        };
        output.write_all(&page)?;
        output.flush()?;
        next = link;
    }
    Ok(())
}

/// An HTTP API, and the token for it.
struct Api {
    url: Uri,
    token: String,
    http: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Api {
    async fn new(url: Uri, token: Option<String>) -> Result<Self, ExportError> {
        let Some(authority) = url.authority().filter(|_| url.scheme().is_some()) else {
            return Err(ExportError::Url(url.to_string()));
        };
        let token = match token {
            Some(token) => token,
            None => token::for_ops(authority.as_str()).await.map_err(|error| match error {
                TokenError::Unreachable => ExportError::NotRunning(url.to_string()),
                source => ExportError::NoToken { url: url.to_string(), source },
            })?,
        };
        let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http();
        let http = Client::builder(TokioExecutor::new()).build(https.enable_http1().build());
        Ok(Self { url, token, http })
    }

    /// Returns a page, and the path of the next one.
    async fn page(&mut self, path: &str) -> Result<(Bytes, Option<String>), ExportError> {
        let uri = format!("{}{path}", self.url.to_string().trim_end_matches('/'));
        let request = Request::get(uri).header(AUTHORIZATION, format!("Bearer {}", self.token));
        let response = self.http.request(request.body(Empty::new())?).await;
        let response = response.map_err(|error| {
            let url = || self.url.to_string();
            if error.is_connect() { ExportError::NotRunning(url()) } else { error.into() }
        })?;
        let (status, next) = (response.status(), next(response.headers()));
        let body = response.into_body().collect().await?.to_bytes();
        if status.is_success() {
            return Ok((body, next));
        }
        let problem = serde_json::from_slice(&body).unwrap_or_default();
        Err(ExportError::Refused { status, detail: problem::described(&problem) })
    }
}

/// Returns the target of the link to the next page.
fn next(headers: &HeaderMap) -> Option<String> {
    let link = headers.get(LINK)?.to_str().ok()?;
    let target = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(target.to_owned())
}
