//! The progress of a report, and its encoding in the cursor from page to page.

use std::iter::from_fn;
use std::slice::Iter;

use db::Position;
use domain::{Principal, ServiceLevels, open_statuses};
use http_api::{Cursor, CursorKey, Problem, ProblemKind};

/// The progress of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// The position to continue from; `None` at the end, and at the beginning.
    pub(super) position: Option<Position>,
    pub(super) orders: u64,
    pub(super) unread: u64,
    pub(super) levels: ServiceLevels,
}

impl Progress {
    /// Seals the progress in a cursor; `None` at the end.
    pub(super) fn seal(
        &self,
        key: &CursorKey,
        principal: &Principal,
        query: &str,
    ) -> Result<Option<Cursor>, Problem> {
        let Some(position) = &self.position else { return Ok(None) };
        let counters = [self.orders, self.unread].into_iter().chain(self.levels.numbers());
        let bytes = [position.as_str().as_bytes(), &[END], &pack(counters)].concat();
        key.seal_bytes(bytes, principal, &bound(query)).map(Some)
    }

    /// Opens a cursor that was sealed for this principal and this query.
    pub(super) fn open(
        key: &CursorKey,
        cursor: &Cursor,
        principal: &Principal,
        query: &str,
    ) -> Result<Self, Problem> {
        let bytes = key.open_bytes(cursor, principal, &bound(query))?;
        Self::read(&bytes).ok_or_else(|| {
            let detail = "The cursor is from another release. Start the report again.";
            Problem::new(ProblemKind::InvalidCursor, detail)
        })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut parts = bytes.splitn(2, |byte| *byte == END);
        let position = str::from_utf8(parts.next()?).ok()?;
        let mut counters = unpack(parts.next()?);
        let (orders, unread) = (counters.next()?, counters.next()?);
        let levels = ServiceLevels::from_numbers(&mut counters)?;
        Some(Self { position: Some(Position::new(position)), orders, unread, levels })
    }
}

/// Terminates the position, which is text.
const END: u8 = 0;

/// Counters are identified by their position, so a cursor is valid only for these statuses, and for
/// what is counted.
fn bound(query: &str) -> String {
    let open_statuses =
        open_statuses().map(|(workflow, status)| format!("{} {status}", workflow.name));
    format!(
        "service levels with offers and estimates at {}?{query}",
        open_statuses.collect::<Vec<_>>().join(", ")
    )
}

/// Encodes numbers as LEB128. A 0 is followed by the number of further zeros, because most
/// numbers are 0, and most others are below 128.
fn pack(numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    let (mut bytes, mut numbers) = (Vec::new(), numbers.peekable());
    while let Some(number) = numbers.next() {
        push(&mut bytes, number);
        if number == 0 {
            let mut more = 0;
            while numbers.next_if_eq(&0).is_some() {
                more += 1;
            }
            push(&mut bytes, more);
        }
    }
    bytes
}

/// Decodes the numbers that [`pack`] encoded.
fn unpack(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let (mut bytes, mut zeros) = (bytes.iter(), 0);
    from_fn(move || {
        if zeros > 0 {
            zeros -= 1;
            return Some(0);
        }
        let number = pull(&mut bytes)?;
        if number == 0 {
            zeros = pull(&mut bytes)?;
        }
        Some(number)
    })
}

fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        let [low, ..] = number.to_le_bytes();
        bytes.push(low | 0x80);
        number >>= 7;
    }
    let [last, ..] = number.to_le_bytes();
    bytes.push(last);
}

fn pull(bytes: &mut Iter<'_, u8>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = *bytes.next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte <= 0x7f {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use clock::Timestamp;
    use domain::{Estimate, Party, PrincipalId, Stage, StageOffers};

    use super::*;

    fn ops() -> Principal {
        Principal { id: PrincipalId::parse("olga").unwrap(), party: Party::Ops }
    }

    /// Builds the progress of a report on so many orders, with a stay of each duration in each
    /// status.
    fn progress(orders: u64, durations: &[i64]) -> Progress {
        let position = Some(Position::new(format!("{}#{}", Timestamp::EPOCH, "0".repeat(36))));
        let mut levels = ServiceLevels::default();
        for (workflow, status) in open_statuses() {
            for seconds in durations {
                let entered_at = Timestamp::EPOCH;
                let left_at = Some(entered_at.plus_seconds(*seconds));
                let due_at = Some(entered_at.plus_seconds(60));
                let accepted_at = left_at;
                let offers = Some(StageOffers { count: 2, first_at: entered_at, accepted_at });
                let limit = Some(60);
                let stage = Stage { status, entered_at, left_at, limit, due_at, alerts: 0, offers };
                let estimate = Estimate { arrives_at: entered_at, delivered_at: left_at };
                levels.add(workflow, &[stage], Some(&estimate), entered_at);
            }
        }
        Progress { position, orders, unread: 0, levels }
    }

    fn sealed(progress: &Progress) -> Cursor {
        progress.seal(&CursorKey::new("secret"), &ops(), "q").unwrap().unwrap()
    }

    #[test]
    fn numbers_are_packed_and_unpacked() {
        for numbers in [
            vec![],
            vec![0],
            vec![0, 0, 0, 1, 0, 2],
            vec![127, 128, 0x3fff, 0x4000, 0],
            vec![u64::MAX, 0, 0, u64::MAX],
        ] {
            let packed = pack(numbers.iter().copied());
            assert_eq!(unpack(&packed).collect::<Vec<_>>(), numbers);
            for cut in 0..packed.len() {
                unpack(&packed[..cut]).for_each(drop);
            }
        }
    }

    #[test]
    fn a_report_goes_on_from_where_it_was() {
        let key = CursorKey::new("secret");
        for durations in [&[][..], &[0], &[0, 1, 9, 10, 11, 3600, 1_000_000]] {
            let progress = progress(durations.len() as u64, durations);
            let cursor = sealed(&progress);
            assert_eq!(Progress::open(&key, &cursor, &ops(), "q").unwrap(), progress);
            assert!(Progress::open(&key, &cursor, &ops(), "p").is_err());
        }
        let done = Progress { position: None, ..Progress::default() };
        assert_eq!(done.seal(&key, &ops(), "q").unwrap(), None);
    }

    #[test]
    fn what_is_no_report_does_not_read() {
        let position = Position::new("2026");
        let progress = Progress { position: Some(position), ..Progress::default() };
        let counters = [progress.orders, progress.unread];
        let packed = pack(counters.into_iter().chain(progress.levels.numbers()));
        let bytes = [&b"2026\0"[..], &packed].concat();
        assert_eq!(Progress::read(&bytes), Some(progress));
        for end in 0..bytes.len() {
            assert_eq!(Progress::read(&bytes[..end]), None, "{end}");
        }
    }

    /// Each status of each workflow has so many stays of each of so many duration steps. There
    /// are 61 steps from 30 to 10,000 seconds, and 91 up to two days.
    #[test]
    fn the_cursor_of_a_large_report_fits_into_a_request() {
        for (steps, each, fits) in
            [(61, 10_000, true), (91, 127, true), (91, 10_000, false), (91, 1_000_000, false)]
        {
            let mut level = [0, 0, 0, 22 + steps].into_iter().chain([0; 22]).collect::<Vec<_>>();
            level.extend((0..steps).map(|_| each));
            level.push(0);
            let estimates = [0, 0, 22 + steps].into_iter().chain([0; 22]);
            let estimates = estimates.chain((0..steps).map(|_| each));
            let mut numbers = open_statuses().flat_map(|_| level.clone()).chain(estimates);
            let levels = ServiceLevels::from_numbers(&mut numbers).unwrap();
            let cursor = sealed(&Progress { levels, ..progress(1_000_000, &[]) });
            assert_eq!(cursor.fits(), fits, "{steps} steps of {each}");
        }
    }
}
