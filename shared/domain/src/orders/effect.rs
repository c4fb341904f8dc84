//! The writes of a commit besides the order's head and history.

use clock::Timestamp;

use std::collections::BTreeMap;

use crate::{
    DetailsChange, DriverId, Event, EventData, ExternalId, MerchantId, Order, Phase, Placed,
};

/// The decision on a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<E = OrderEffect> {
    /// Empty if there is nothing to do.
    pub events: Vec<Event>,
    /// The other writes of the same transaction; empty if there are no events.
    pub effects: Vec<E>,
}

/// A write to another item in the transaction of a commit.
pub trait Effect: Sized {
    /// The key of an item.
    type Item: Ord;

    /// Returns the key of the item that the effect writes.
    fn item(&self) -> Self::Item;

    /// Combines the effect with `later`, which writes the same item. Returns `None` if `later`
    /// undoes the effect.
    fn and_then(self, later: Self) -> Option<Self>;
}

/// Combines the effects on the same item, because a transaction can write an item only once.
pub fn netted<E: Effect>(effects: impl IntoIterator<Item = E>) -> Vec<E> {
    let mut by_item = BTreeMap::<E::Item, Option<E>>::new();
    for effect in effects {
        let net = by_item.entry(effect.item()).or_default();
        *net = match net.take() {
            Some(earlier) => earlier.and_then(effect),
            None => Some(effect),
        };
    }
    by_item.into_values().flatten().collect()
}

/// An effect of a change of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEffect {
    Details(DetailsChange),
    /// Reserves the merchant's `external_id` for this order; it identifies no other order.
    ClaimExternalId {
        merchant: MerchantId,
        external_id: ExternalId,
    },
    /// Lets another order claim the `external_id`, because this one is cancelled.
    ReleaseExternalId {
        merchant: MerchantId,
        external_id: ExternalId,
    },
    /// Adds this order to those of the driver.
    TakeLoad {
        driver: DriverId,
        /// True if the driver need not be available.
        is_forced: bool,
    },
    /// Removes this order from those of the driver.
    ReleaseLoad {
        driver: DriverId,
        at: Timestamp,
    },
}

/// The item that an effect writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectItem {
    Details,
    ExternalId(MerchantId, ExternalId),
    Roster(DriverId),
}

impl Effect for OrderEffect {
    type Item = EffectItem;

    fn item(&self) -> EffectItem {
        match self {
            Self::Details(_) => EffectItem::Details,
            Self::ClaimExternalId { merchant, external_id }
            | Self::ReleaseExternalId { merchant, external_id } => {
                EffectItem::ExternalId(merchant.clone(), external_id.clone())
            }
            Self::TakeLoad { driver, .. } | Self::ReleaseLoad { driver, .. } => {
                EffectItem::Roster(driver.clone())
            }
        }
    }

    fn and_then(self, later: Self) -> Option<Self> {
        match (self, later) {
            (Self::Details(change), Self::Details(later)) => {
                Some(Self::Details(change.and_then(later)))
            }
            (Self::ClaimExternalId { .. }, Self::ReleaseExternalId { .. })
            | (Self::ReleaseExternalId { .. }, Self::ClaimExternalId { .. }) => None,
            (_, later) => Some(later),
        }
    }
}

impl OrderEffect {
    /// Returns the effects of a commit of `events` that changed `before` into `after`, by any
    /// operation; `before` is `None` for a new order.
    pub fn between(before: Option<&Order>, after: &Order, events: &[Event]) -> Vec<Self> {
        let reserved = match (before.and_then(reserved), reserved(after)) {
            (None, Some((merchant, external_id))) => {
                Some(Self::ClaimExternalId { merchant, external_id })
            }
            (Some((merchant, external_id)), None) => {
                Some(Self::ReleaseExternalId { merchant, external_id })
            }
            (None, None) | (Some(_), Some(_)) => None,
        };
        let is_erased = after.is_erased && before.is_some_and(|before| !before.is_erased);
        let erased = is_erased.then_some(Self::Details(DetailsChange::Erase));
        reserved.into_iter().chain(erased).chain(Self::loads(before, after, events)).collect()
    }

    /// Returns the effects on the rosters of the driver who had the order before, and of the one
    /// who has it after.
    fn loads(
        before: Option<&Order>,
        after: &Order,
        events: &[Event],
    ) -> impl Iterator<Item = Self> {
        let (former, next) = (before.and_then(Order::carrier), after.carrier());
        let has_moved = former != next;
        let released = former.filter(|_| has_moved).cloned();
        let taken = next.filter(|_| has_moved).cloned();
        let is_forced = events.iter().any(|event| {
            matches!(
                event.data,
                EventData::DriverAssigned { despite: Some(_), .. } | EventData::Reopened { .. }
            )
        });
        let at = after.updated_at;
        let released = released.map(|driver| Self::ReleaseLoad { driver, at });
        let taken = taken.map(|driver| Self::TakeLoad { driver, is_forced });
        released.into_iter().chain(taken)
    }
}

/// Returns the `external_id` that no other order may have: that of any order but a cancelled one.
fn reserved(order: &Order) -> Option<(MerchantId, ExternalId)> {
    let Placed { merchant, external_id, .. } = &order.placed;
    let external_id = external_id.clone().filter(|_| order.status.phase() != Phase::Cancelled)?;
    Some((merchant.clone(), external_id))
}

impl Decision {
    /// Creates the decision whose `events` change `before` into `after`; `before` is `None` for a
    /// new order. `details` are the changes of data that heads do not hold.
    pub(super) fn new(
        before: Option<&Order>,
        after: &Order,
        events: Vec<Event>,
        details: impl IntoIterator<Item = DetailsChange>,
    ) -> Self {
        let details = details.into_iter().map(OrderEffect::Details);
        let follow = OrderEffect::between(before, after, &events);
        Self { events, effects: details.chain(follow).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{at, external_id, merchant_id, order, order_in};
    use crate::{Address, Contact, CorrectedDetails};

    /// A change of the counter of this name.
    #[derive(Debug, PartialEq)]
    struct Count(&'static str, i32);

    impl Effect for Count {
        type Item = &'static str;

        fn item(&self) -> &'static str {
            self.0
        }

        fn and_then(self, later: Self) -> Option<Self> {
            Some(Self(self.0, self.1 + later.1)).filter(|Self(_, by)| *by != 0)
        }
    }

    #[test]
    fn effects_on_one_item_are_one_and_what_is_taken_back_is_none() {
        let counts = [("a", 1), ("b", 1), ("a", 2), ("b", -1), ("c", -1), ("b", 3)];
        let netted = netted(counts.map(|(name, by)| Count(name, by)));
        assert_eq!(netted, [Count("a", 3), Count("b", 3), Count("c", -1)]);
        assert_eq!(super::netted([Count("a", 1), Count("a", -1)]), []);
    }

    #[test]
    fn of_several_corrections_the_last_word_on_each_field_counts() {
        let correct = |contact: Option<&str>, dropoff: Option<&str>| {
            OrderEffect::Details(DetailsChange::Correct(CorrectedDetails {
                contact: contact.map(|it| Contact::parse(it).unwrap()),
                dropoff: dropoff.map(|it| Address::parse(it).unwrap()),
                ..CorrectedDetails::default()
            }))
        };
        let corrections = [correct(Some("12345"), Some("here")), correct(None, Some("there"))];
        assert_eq!(netted(corrections), [correct(Some("12345"), Some("there"))]);
        let erase = || OrderEffect::Details(DetailsChange::Erase);
        assert_eq!(netted([correct(Some("12345"), None), erase()]), [erase()]);
    }

    #[test]
    fn effects_follow_from_the_head_before_and_after() {
        let mut named = order();
        named.placed.external_id = Some(external_id("web-1"));
        let claim = OrderEffect::ClaimExternalId {
            merchant: merchant_id("m1"),
            external_id: external_id("web-1"),
        };
        let release = OrderEffect::ReleaseExternalId {
            merchant: merchant_id("m1"),
            external_id: external_id("web-1"),
        };
        assert_eq!(netted([claim.clone(), release.clone()]), []);
        let erase = OrderEffect::Details(DetailsChange::Erase);
        let erased = Order { is_erased: true, updated_at: at(1), ..named.clone() };
        let to = |status| Order { placed: named.placed.clone(), ..order_in(status, None) };
        for (before, after, expected) in [
            (Some(&named), &to("cancelled"), vec![release]),
            (Some(&named), &to("failed"), vec![]),
            (Some(&to("cancelled")), &to("cancelled"), vec![]),
            (Some(&order()), &order_in("cancelled", None), vec![]),
            (None, &order(), vec![]),
            (None, &named, vec![claim]),
            (Some(&named), &named, vec![]),
            (Some(&named), &erased, vec![erase]),
            (Some(&erased), &erased, vec![]),
        ] {
            assert_eq!(OrderEffect::between(before, after, &[]), expected, "{before:?} {after:?}");
        }
    }
}
