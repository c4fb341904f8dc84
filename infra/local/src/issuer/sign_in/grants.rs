//! Secrets that are good once and for a time.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use random::random_secret;

/// The most secrets that are kept. A page that asks for more pushes out the oldest.
const MOST: usize = 1000;

/// Values by the secret that gives access to each of them, with the second at which it expires.
pub(super) struct Grants<T>(HashMap<String, (T, i64)>);

impl<T> Default for Grants<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Grants<T> {
    /// Keeps a value for `lifetime`, and returns its secret.
    pub(super) fn add(&mut self, value: T, now: i64, lifetime: Duration) -> String {
        self.0.retain(|_, (_, end)| now < *end);
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, (_, end))| *end);
            if let Some(secret) = oldest.map(|(secret, _)| secret.clone()) {
                self.0.remove(&secret);
            }
        }
        let secret = URL_SAFE_NO_PAD.encode(random_secret());
        let end = now.saturating_add_unsigned(lifetime.as_secs());
        self.0.insert(secret.clone(), (value, end));
        secret
    }

    /// Returns the value of a secret that has not expired, and forgets it.
    pub(super) fn take(&mut self, secret: &str, now: i64) -> Option<T> {
        self.0.remove(secret).filter(|(_, end)| now < *end).map(|(value, _)| value)
    }
}
