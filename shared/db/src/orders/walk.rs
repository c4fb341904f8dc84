//! A walk over partitions of an index, which are merged as they are read.

use std::collections::VecDeque;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Direction, OrderId};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::plan::{Group, Index, Scan};
use crate::{Db, DbError, Position, keys};

/// The maximum number of partitions that one page reads, if there is more than one group.
const MAX_PARTITIONS: usize = 64;

/// The maximum number of partitions that are read concurrently.
const AT_ONCE: usize = 16;

/// The minimum number of entries to request from each of several partitions. A query costs half a
/// unit for each 4 KB that it reads, and this many entries fit into 4 KB. Fewer cost the same,
/// and may require a second query.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
const LEAST_SHARE: usize = 24;

/// An entry of an index, which contains only keys.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) order_id: OrderId,
    /// The entry's sort key, which is its place in the list.
    pub(super) sort: String,
}

/// One partition, with the entries that were read ahead.
#[derive(Debug)]
struct Partition {
    key: String,
    read: VecDeque<Entry>,
    /// The last sort key that was read.
    last: Option<String>,
    is_done: bool,
}

/// A walk over an index.
pub(super) struct Walk<'a> {
    db: &'a Db,
    index: Index,
    direction: Direction,
    between: (String, String),
    /// The remaining groups, the next one first.
    groups: VecDeque<Group>,
    partitions_left: usize,
    partitions: Vec<Partition>,
    /// The sort key, or the day, that the walk has reached.
    reached: Option<String>,
    day: Option<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        db: &'a Db,
        scan: Scan,
        direction: Direction,
        after: Option<&Position>,
    ) -> Self {
        let Scan { index, groups, between } = scan;
        let reached = after.map(|position| position.as_str().to_owned());
        let is_ahead = |group: &Group| match (&group.day, &reached) {
            (Some(day), Some(reached)) => match direction {
                Direction::Newest => day < reached,
                Direction::Oldest => *reached < end_of(day),
            },
            _ => true,
        };
        let mut groups: VecDeque<_> = groups.into_iter().filter(is_ahead).collect();
        if direction == Direction::Newest {
            groups.make_contiguous().reverse();
        }
        let (partitions, day, partitions_left) = (Vec::new(), None, MAX_PARTITIONS);
        Self { db, index, direction, between, groups, partitions_left, partitions, reached, day }
    }

    /// Returns the index of the walk.
    pub(super) fn index(&self) -> Index {
        self.index
    }

    /// Returns the next entries, at most `most`; empty at the end, and when the walk has read its
    /// maximum number of partitions.
    pub(super) async fn next(&mut self, most: usize) -> Result<Vec<Entry>, DbError> {
        let mut entries = Vec::new();
        while entries.len() < most {
            self.fill(most - entries.len()).await?;
            if let Some(entry) = self.pop() {
                self.reached = Some(entry.sort.clone());
                entries.push(entry);
            } else if !self.enter_group() {
                break;
            }
        }
        Ok(entries)
    }

    /// Returns the position to continue from; `None` at the end.
    pub(super) fn position(&self) -> Option<String> {
        let is_done =
            self.partitions.iter().all(|partition| partition.is_done && partition.read.is_empty());
        match (&self.day, is_done, self.groups.is_empty()) {
            (_, true, true) => None,
            // The whole day has been read.
            (Some(day), true, false) => Some(match self.direction {
                Direction::Newest => day.clone(),
                Direction::Oldest => end_of(day),
            }),
            _ => self.reached.clone(),
        }
    }

    fn enter_group(&mut self) -> bool {
        let Some(group) = self.groups.front() else { return false };
        let partitions = group.partitions.len();
        if self.day.is_some() && self.partitions_left < partitions {
            return false;
        }
        let Some(group) = self.groups.pop_front() else { return false };
        self.partitions_left = self.partitions_left.saturating_sub(partitions);
        self.day = group.day;
        self.partitions = group.partitions.into_iter().map(Partition::new).collect();
        true
    }

    /// Takes the first entry, in list order, of all partitions.
    fn pop(&mut self) -> Option<Entry> {
        let first = |partition: &&mut Partition| partition.read.front().map(|it| it.sort.clone());
        let ahead = self.partitions.iter_mut().filter(|partition| !partition.read.is_empty());
        let partition = match self.direction {
            Direction::Newest => ahead.max_by_key(first),
            Direction::Oldest => ahead.min_by_key(first),
        };
        partition?.read.pop_front()
    }

    /// Reads more of each partition whose next entry is unknown.
    async fn fill(&mut self, most: usize) -> Result<(), DbError> {
        let (store, index, direction) = (self.db, self.index, self.direction);
        let (between, reached) = (&self.between, self.reached.as_deref());
        while self.partitions.iter().any(Partition::is_unknown) {
            // Few partitions may have most of the entries, as do those of some statuses.
            let unknown = self.partitions.iter().filter(|it| it.is_unknown()).count();
            let share = match self.partitions.len() {
                1 => most + 1,
                _ => (most.div_ceil(unknown.max(1)) + 1).max(LEAST_SHARE),
            };
            let unknown = self.partitions.iter_mut().filter(|it| it.is_unknown());
            let reads = unknown.map(|partition| async move {
                let after = partition.last.clone().or(reached.map(str::to_owned));
                let between = beyond(direction, between, after.as_deref());
                let page = store.entries(index, &partition.key, between, direction, share).await?;
                partition.add(page, after.as_deref());
                Ok::<_, DbError>(())
            });
            let reads: Vec<_> = reads.collect();
            stream::iter(reads).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        Ok(())
    }
}

/// Returns a text greater than every sort key of a day.
fn end_of(day: &str) -> String {
    [day, keys::GREATEST].concat()
}

impl Partition {
    fn new(key: String) -> Self {
        Self { key, read: VecDeque::new(), last: None, is_done: false }
    }

    /// True if the partition's next entry is unknown.
    fn is_unknown(&self) -> bool {
        self.read.is_empty() && !self.is_done
    }

    /// Adds a page of entries. `BETWEEN` includes its bounds, so the last entry of the previous
    /// page is returned again and skipped; every read therefore requests more than one entry.
    fn add(&mut self, (entries, is_done): (Vec<Entry>, bool), after: Option<&str>) {
        self.last = entries.last().map(|entry| entry.sort.clone()).or(self.last.take());
        self.read.extend(entries.into_iter().filter(|entry| Some(entry.sort.as_str()) != after));
        self.is_done = is_done;
    }
}

/// Returns the bounds that remain after a sort key, in the direction of the walk.
fn beyond<'b>(
    direction: Direction,
    (least, greatest): &'b (String, String),
    reached: Option<&'b str>,
) -> (&'b str, &'b str) {
    match (direction, reached) {
        (Direction::Newest, Some(reached)) => (least, reached.min(greatest)),
        (Direction::Oldest, Some(reached)) => (reached.max(least), greatest),
        (_, None) => (least, greatest),
    }
}

impl Db {
    /// Reads some entries of a partition, and returns true with the last ones.
    async fn entries(
        &self,
        index: Index,
        partition: &str,
        (least, greatest): (&str, &str),
        direction: Direction,
        most: usize,
    ) -> Result<(Vec<Entry>, bool), DbError> {
        if least > greatest {
            return Ok((Vec::new(), true));
        }
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let answer = self
            .client
            .query()
            .table_name(&self.tables.orders)
            .index_name(index.name)
            .scan_index_forward(direction == Direction::Oldest)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .key_condition_expression(
                "#partition = :partition AND #sort BETWEEN :least AND :greatest",
            )
            .expression_attribute_names("#partition", index.partition_key)
            .expression_attribute_names("#sort", index.sort_key)
            .expression_attribute_values(":partition", text(partition))
            .expression_attribute_values(":least", text(least))
            .expression_attribute_values(":greatest", text(greatest))
            .send()
            .await?;
        let is_done = answer.last_evaluated_key.is_none();
        let entries = answer.items.unwrap_or_default().into_iter().map(|item| {
            let attribute = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
            let id = attribute("order_id").and_then(|id| OrderId::parse(id).ok());
            let entry = id.zip(attribute(index.sort_key));
            let entry = entry.map(|(order_id, sort)| Entry { order_id, sort: sort.clone() });
            entry.ok_or_else(|| DbError::corrupt("an index entry lacks its keys"))
        });
        Ok((entries.collect::<Result<_, _>>()?, is_done))
    }
}
