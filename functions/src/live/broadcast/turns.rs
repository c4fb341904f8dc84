//! The order in which connections are served: the first connection of each principal, then the
//! second of each, and so on. A principal with many connections delays itself before it delays
//! others.

use std::collections::HashMap;
use std::time::Duration;

use domain::Principal;
use tokio::sync::watch;
use tokio::time::timeout;

/// The time that the last posts of the first turn have before others are made beside them. It is
/// longer than a post usually takes, and a connection that does not respond must delay nobody.
const HEAD_START: Duration = Duration::from_millis(100);

/// Things for connections, in the order in which they are served.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turns<T> {
    /// Those for the first connection of each principal.
    pub(super) first: Vec<T>,
    /// Those for the second connection of each principal, then for the third of each, and so on.
    pub(super) later: Vec<T>,
}

/// The posts of the first turn that are not done yet.
#[derive(Debug)]
pub(super) struct FirstTurn(watch::Sender<usize>);

impl<T> Turns<T> {
    /// Orders things by the principals of their connections.
    pub(super) fn of(
        things: impl IntoIterator<Item = T>,
        principal: impl Fn(&T) -> &Principal,
    ) -> Self {
        let mut connections: HashMap<_, usize> = HashMap::new();
        let turns = things.into_iter().map(|thing| {
            let principal = principal(&thing);
            let turn = connections.entry((principal.role(), principal.id.clone())).or_default();
            *turn += 1;
            (*turn, thing)
        });
        let (first, mut later): (Vec<_>, Vec<_>) = turns.partition(|(turn, _)| *turn == 1);
        later.sort_by_key(|(turn, _)| *turn);
        let [first, later] = [first, later].map(|all| all.into_iter().map(|(_, it)| it).collect());
        Self { first, later }
    }

    /// Divides the things evenly, so that each share has a part of every turn.
    pub(super) fn shares<const SHARES: usize>(self) -> [Self; SHARES] {
        let mut shares = std::array::from_fn(|_| Self { first: Vec::new(), later: Vec::new() });
        let mut places = (0..SHARES).cycle();
        for (thing, place) in self.first.into_iter().zip(&mut places) {
            shares[place].first.push(thing);
        }
        for (thing, place) in self.later.into_iter().zip(places) {
            shares[place].later.push(thing);
        }
        shares
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.first.is_empty() && self.later.is_empty()
    }
}

impl FirstTurn {
    /// A turn of so many posts.
    pub(super) fn new(posts: usize) -> Self {
        Self(watch::Sender::new(posts))
    }

    /// Records that one of its posts was made or has failed.
    pub(super) fn done(&self) {
        self.0.send_if_modified(|left| {
            *left = left.saturating_sub(1);
            *left == 0
        });
    }

    /// Waits until all of its posts are done, and for the last ones no longer than their head
    /// start.
    pub(super) async fn over(&self) {
        let mut left = self.0.subscribe();
        // An error means that one does not respond.
        let _ = timeout(HEAD_START, left.wait_for(|left| *left == 0)).await;
    }
}

#[cfg(test)]
mod tests {
    use domain::{Party, PrincipalId};
    use tokio::time::{Instant, sleep};

    use super::*;

    #[test]
    fn nobody_waits_for_the_second_connection_of_another() {
        let connection = |(name, number): (&str, u32)| {
            let id = PrincipalId::parse(name).unwrap();
            (Principal { id, party: Party::Driver }, number)
        };
        let connections = [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5), ("b", 6)];
        let turns = Turns::of(connections.map(connection), |(principal, _)| principal);
        let numbers = |all: &[(Principal, u32)]| all.iter().map(|it| it.1).collect::<Vec<_>>();
        assert_eq!((numbers(&turns.first), numbers(&turns.later)), (vec![1, 4, 5], vec![2, 6, 3]));
        let [one, another] = turns.shares();
        assert_eq!((numbers(&one.first), numbers(&one.later)), (vec![1, 5], vec![6]));
        assert_eq!((numbers(&another.first), numbers(&another.later)), (vec![4], vec![2, 3]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_turn_is_over_when_all_its_posts_are_done() {
        let (turn, start) = (FirstTurn::new(2), Instant::now());
        turn.done();
        let done = async {
            sleep(HEAD_START / 2).await;
            turn.done();
        };
        tokio::join!(turn.over(), done);
        assert_eq!(start.elapsed(), HEAD_START / 2);
        turn.over().await;
        assert_eq!(start.elapsed(), HEAD_START / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_does_not_respond_ends_its_head_start() {
        let (turn, start) = (FirstTurn::new(1), Instant::now());
        turn.over().await;
        assert_eq!(start.elapsed(), HEAD_START);
    }
}
