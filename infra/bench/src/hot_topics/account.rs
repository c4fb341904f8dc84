//! The requests of everything in the account, which share its quota.

use super::chance::Chance;
use super::quota::Quota;
use super::{Micros, SECOND};

/// The account's quota, with other work that makes requests at random.
#[derive(Debug)]
pub(super) struct Account {
    quota: Quota,
    /// Twice the average time from one request of the other work to the next.
    gaps: Micros,
    /// The time of the other work's next request.
    next: Micros,
    chance: Chance,
    others: Others,
}

/// The number of requests of the other work, and of those that were rejected.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Others {
    pub(super) made: u64,
    pub(super) rejected: u64,
}

impl Account {
    /// Returns an account with a quota of `quota` requests a second, of which the other work
    /// makes `others`.
    pub(super) fn new(quota: u64, others: u64) -> Self {
        let gaps = (2 * SECOND).checked_div(others).unwrap_or_default();
        Self {
            quota: Quota::of_account(quota),
            gaps,
            next: if gaps > 0 { 0 } else { Micros::MAX },
            chance: Chance::new(0),
            others: Others::default(),
        }
    }

    /// Makes a request, and returns false if it is rejected; `at` is no earlier than in the last
    /// call.
    pub(super) fn take(&mut self, at: Micros) -> bool {
        while self.next <= at {
            self.others.made += 1;
            self.others.rejected += u64::from(!self.quota.take(self.next));
            self.next += 1 + self.chance.below(self.gaps);
        }
        self.quota.take(at)
    }

    pub(super) const fn others(&self) -> Others {
        self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_work_takes_its_part_of_the_quota() {
        let mut account = Account::new(1_000, 250);
        let taken = (0..10 * SECOND).step_by(500).filter(|at| account.take(*at)).count();
        let Others { made, rejected } = account.others();
        assert!((2_450..2_550).contains(&made), "{made}");
        assert_eq!(taken as u64 + made - rejected, 500 + 10_000 - 1);
        assert!(rejected > 1_000, "{rejected}");
    }
}
