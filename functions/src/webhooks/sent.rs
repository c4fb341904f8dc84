//! The outcome of an attempt, as it is decided about and as it is logged.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use clock::Timestamp;
use db::{Response, StoredEndpoint};
use domain::webhooks::Outcome;
use http::header::{DATE, RETRY_AFTER};
use http::uri::InvalidUri;
use http::{HeaderMap, Uri};

use super::signature::headers;
use crate::egress::{Answer, Egress, EgressError};

/// The number of characters of a response that are kept.
const EXCERPT: usize = 200;

/// The outcome of an attempt.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) outcome: Outcome,
    pub(crate) response: Response,
}

/// Signs a message and makes one attempt to send it, within `limit`.
pub(crate) async fn send(
    egress: &Egress,
    stored: &StoredEndpoint,
    id: &str,
    now: Timestamp,
    body: Vec<u8>,
    limit: Duration,
) -> Result<Sent, InvalidUri> {
    let headers = headers(id, now, &body, &stored.secrets);
    let url: Uri = stored.endpoint.url.as_str().parse()?;
    let answer = egress.post(&url, headers, Bytes::from(body), limit).await;
    if let Err(EgressError::Unreachable(cause)) = &answer {
        tracing::info!(
            merchant = stored.endpoint.merchant.as_str(),
            webhook.id = stored.endpoint.id.as_str(),
            message.id = id,
            error = chain(&**cause),
            "a webhook cannot be reached"
        );
    }
    Ok(Sent::of(answer))
}

impl Sent {
    fn of(answer: Result<Answer, EgressError>) -> Self {
        match answer {
            Ok(answer) => {
                let status = answer.status.as_u16();
                let retry_after = retry_after(&answer.headers);
                let outcome = Outcome::Responded { status, retry_after };
                let excerpt = Some(excerpt(&answer.excerpt)).filter(|text| !text.is_empty());
                let error =
                    (300..400).contains(&status).then(|| "redirects are not followed".to_owned());
                Self { outcome, response: Response { status: Some(status), error, excerpt } }
            }
            Err(error) => {
                let outcome = match &error {
                    EgressError::Refused => Outcome::Refused,
                    EgressError::TimedOut => Outcome::TimedOut,
                    EgressError::Unreachable(_) => Outcome::Unreachable,
                };
                let error = Some(error.to_string());
                Self { outcome, response: Response { error, ..Response::default() } }
            }
        }
    }
}

/// Returns an error with its causes. Their messages name no address, as their debug forms do.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| Error::source(*error));
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Returns the beginning of a text, on one line.
fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let printed = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    printed.take(EXCERPT).collect::<String>().trim().to_owned()
}

/// Returns the time of `Retry-After`: seconds, or an HTTP date that is compared with the `Date` of
/// the response.
/// <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let value = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = Timestamp::parse_http_date(value)?;
    let now = text(DATE).and_then(Timestamp::parse_http_date)?;
    Some(Duration::from_secs(at.seconds_since(now)))
}
