//! A lane: one batch after another, each with the items that wait when it starts, up to a limit.

use std::ops::Range;

use super::Micros;

/// The parameters of a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    /// The maximum number of items in a batch.
    pub(super) most: usize,
    /// The interval at which an idle lane looks for items.
    pub(super) poll: Micros,
    /// The time that a batch that is not full waits for more items.
    pub(super) window: Micros,
    /// The time after which a batch is given back and retried from its start.
    pub(super) timeout: Micros,
    /// The time from which no batch is started.
    pub(super) until: Micros,
}

/// A batch that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) items: Range<usize>,
    pub(super) start: Micros,
    pub(super) end: Micros,
    /// False if the time was up before the batch was completed; it is then retried.
    pub(super) is_done: bool,
}

impl Lane {
    /// Processes items that arrive at these times, in order. `length` returns the duration of a
    /// batch that starts at a time, or `None` if the batch never completes. It may remove items
    /// from the end of the batch, which then wait for the next batch.
    pub(super) fn work(
        &self,
        arrivals: &[Micros],
        mut length: impl FnMut(Micros, &mut Range<usize>) -> Option<Micros>,
    ) -> Vec<Batch> {
        let (mut batches, mut next, mut free) = (Vec::new(), 0, 0);
        while let Some(&arrival) = arrivals.get(next) {
            let full = arrivals.get(next + self.most - 1).copied().unwrap_or(Micros::MAX);
            let ready = full.min(arrival + self.window);
            let start = if ready <= free { free } else { ready.next_multiple_of(self.poll) };
            if start >= self.until {
                break;
            }
            let waiting = arrivals[next..].iter().take(self.most);
            let mut items = next..next + waiting.take_while(|arrival| **arrival <= start).count();
            let length = length(start, &mut items).filter(|length| *length <= self.timeout);
            let is_done = length.is_some();
            free = start + length.unwrap_or(self.timeout);
            if is_done {
                next = items.end;
            }
            batches.push(Batch { items, start, end: free, is_done });
        }
        batches
    }

    /// Returns true if all batches were completed, and one more batch can take all items that
    /// wait at the end.
    pub(super) fn keeps_up(&self, arrivals: &[Micros], batches: &[Batch]) -> bool {
        let taken = batches.iter().filter(|batch| batch.is_done).map(|batch| batch.items.end);
        let arrived = arrivals.partition_point(|arrival| *arrival < self.until);
        arrived.saturating_sub(taken.max().unwrap_or_default()) <= self.most
            && batches.iter().all(|batch| batch.is_done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANE: Lane = Lane { most: 100, poll: 250, window: 0, timeout: 60_000, until: 600_000 };

    #[test]
    fn what_arrives_while_a_batch_is_at_work_is_the_next_batch() {
        let arrivals: Vec<_> = (0..1_000).map(|n| n * 100).collect();
        let batches = LANE.work(&arrivals, |_, _| Some(5_000));
        let items: Vec<_> = batches.iter().map(|batch| batch.items.clone()).collect();
        assert_eq!(items[..3], [0..1, 1..51, 51..101]);
        assert_eq!(items.last(), Some(&(951..1_000)));
        assert!(LANE.keeps_up(&arrivals, &batches));
    }

    #[test]
    fn a_batch_has_a_bound_and_a_lane_that_needs_more_falls_behind() {
        let arrivals: Vec<_> = (0..6_000).map(|n| n * 100).collect();
        let batches = LANE.work(&arrivals, |_, _| Some(20_000));
        assert!(batches.iter().skip(1).all(|batch| batch.items.len() == 100));
        assert!(!LANE.keeps_up(&arrivals, &batches));
    }

    #[test]
    fn a_batch_whose_time_is_up_comes_again_from_its_start() {
        let mut tries = 0;
        let batches = LANE.work(&[0, 70_000], |_, _| {
            tries += 1;
            Some(if tries == 1 { 60_001 } else { 10_000 })
        });
        let batch = |items, start, end, is_done| Batch { items, start, end, is_done };
        let again = [
            batch(0..1, 0, 60_000, false),
            batch(0..1, 60_000, 70_000, true),
            batch(1..2, 70_000, 80_000, true),
        ];
        assert_eq!(batches, again);
        assert!(!LANE.keeps_up(&[0, 70_000], &batches));
    }

    #[test]
    fn a_batch_waits_for_more_until_it_is_full() {
        let lane = Lane { window: 2_000, ..LANE };
        let arrivals: Vec<_> = (0..50).map(|n| n * 100).chain((0..150).map(|_| 6_000)).collect();
        let batches = lane.work(&arrivals, |_, _| Some(10));
        let begun: Vec<_> = batches.iter().map(|it| (it.items.clone(), it.start)).collect();
        assert_eq!(begun[..2], [(0..21, 2_000), (21..43, 4_250)]);
        assert_eq!(begun[2..], [(43..143, 6_000), (143..200, 8_000)]);
    }

    #[test]
    fn an_idle_lane_looks_four_times_a_second() {
        assert_eq!(LANE.work(&[1], |_, _| Some(1))[0].start, 250);
    }
}
