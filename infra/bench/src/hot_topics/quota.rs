//! The quota of requests of an account.

use super::Micros;

/// A token bucket: each request takes a token, and the bucket fills at a steady rate up to its
/// size.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
#[derive(Clone, Debug)]
pub(super) struct Quota {
    /// Tokens a second.
    rate: u64,
    /// The size and the content are counted in millionths of a token.
    size: u64,
    left: u64,
    /// The time of the last request.
    at: Micros,
}

impl Quota {
    /// Returns the full bucket of an account with `rate` requests a second: AWS's defaults have
    /// room for half a second's requests.
    pub(super) const fn of_account(rate: u64) -> Self {
        let size = rate / 2 * 1_000_000;
        Self { rate, size, left: size, at: 0 }
    }

    /// Takes a token, and returns false if there is none; `at` is no earlier than in the last
    /// call.
    pub(super) fn take(&mut self, at: Micros) -> bool {
        let filled = at.saturating_sub(self.at) * self.rate;
        self.left = self.left.saturating_add(filled).min(self.size);
        self.at = self.at.max(at);
        let is_there = self.left >= 1_000_000;
        if is_there {
            self.left -= 1_000_000;
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_its_burst_a_quota_gives_its_rate() {
        let mut quota = Quota::of_account(10_000);
        let mut given =
            |from: Micros| (from..from + 1_000_000).filter(|at| quota.take(*at)).count();
        assert_eq!([given(0), given(1_000_000)], [15_000 - 1, 10_000]);
    }
}
