//! The parts that a list and an export have in common.

use clock::Timestamp;
use db::{Page, Position};
use domain::{Direction, Filter, Principal};
use http::header::LINK;
use http::{HeaderName, HeaderValue};
use http_api::{BasePath, Cursor, Problem, QueryParameters};

use super::Reader;
use super::filter;

/// The requested orders and the position to continue from.
pub(super) struct Listing {
    filter: Filter,
    direction: Direction,
    after: Option<Cursor>,
}

/// The orders that a principal may see, as far as they have been read.
pub(super) struct Reading<'r> {
    reader: &'r Reader,
    principal: &'r Principal,
    /// The query that cursors are bound to.
    bound: &'r str,
    filter: Filter,
    direction: Direction,
    /// The position that has been reached; `None` at the start.
    pub(super) after: Option<Position>,
    /// The lower bound of creation, if the query has none and the list needs one.
    pub(super) from: Option<Timestamp>,
}

impl Listing {
    pub(super) fn take(query: &mut QueryParameters) -> Self {
        Self {
            filter: filter::filter(query),
            direction: filter::direction(query),
            after: Cursor::take(query),
        }
    }

    /// Returns the list of the orders that are `offered` to a driver, or else this one.
    pub(super) fn offered(self, offered: bool) -> Self {
        Self { filter: Filter { offered, ..self.filter }, ..self }
    }

    /// True for the first page.
    pub(super) fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// Begins to read the orders that the principal may see. Cursors are bound to the query
    /// `bound`.
    pub(super) fn open<'r>(
        self,
        reader: &'r Reader,
        principal: &'r Principal,
        bound: &'r str,
    ) -> Result<Reading<'r>, Problem> {
        let Self { filter, direction, after } = self;
        let open = |cursor| reader.cursors.open(&cursor, principal, bound);
        let (after, asked) = (after.map(open).transpose()?, filter.from);
        let filter = filter.within(principal)?.bounded(reader.app.clock.now());
        let from = filter.from.filter(|_| asked.is_none());
        Ok(Reading { reader, principal, bound, filter, direction, after, from })
    }
}

impl Reading<'_> {
    /// Reads at most `limit` orders after the position that has been reached.
    pub(super) async fn page(&self, limit: u16) -> Result<Page, Problem> {
        let Self { filter, direction, after, .. } = self;
        let (db, now) = (&self.reader.app.db, self.reader.app.clock.now());
        Ok(db.orders(filter, *direction, after.as_ref(), limit, now).await?)
    }

    /// Returns the cursor of a position.
    pub(super) fn cursor(&self, position: Option<&Position>) -> Result<Option<Cursor>, Problem> {
        let seal = |position| self.reader.cursors.seal(position, self.principal, self.bound);
        position.map(seal).transpose()
    }
}

/// Returns the `Link` header to the next page (RFC 8288), or `None` on the last page.
pub(super) fn link(
    BasePath(base): &BasePath,
    path: &str,
    asked: &str,
    next: Option<&Cursor>,
) -> Result<Option<(HeaderName, HeaderValue)>, Problem> {
    let Some(cursor) = next else { return Ok(None) };
    let and = if asked.is_empty() { "" } else { "&" };
    let link = format!("<{base}{path}?{asked}{and}cursor={cursor}>; rel=\"next\"");
    HeaderValue::try_from(link).map(|link| Some((LINK, link))).map_err(Problem::from_fault)
}
