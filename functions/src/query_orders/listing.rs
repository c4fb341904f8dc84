//! The parts that a list and an export have in common.

use domain::{Direction, Filter, Order, Principal};
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

/// A page of matching orders and the cursor of the next one.
pub(super) struct Found {
    pub(super) orders: Vec<Order>,
    pub(super) next: Option<Cursor>,
}

impl Listing {
    pub(super) fn take(query: &mut QueryParameters) -> Self {
        Self {
            filter: filter::filter(query),
            direction: filter::direction(query),
            after: Cursor::take(query),
        }
    }

    /// True for the first page.
    pub(super) fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// Finds the orders that the principal may see. Cursors are bound to the query `bound`.
    pub(super) async fn find(
        self,
        Reader { app, cursors }: &Reader,
        principal: &Principal,
        bound: &str,
        limit: u16,
    ) -> Result<Found, Problem> {
        let Self { filter, direction, after } = self;
        let after = after.map(|cursor| cursors.open(&cursor, principal, bound)).transpose()?;
        let filter = filter.within(principal)?;
        let now = app.clock.now();
        let page = app.db.orders(&filter, direction, after.as_ref(), limit, now).await?;
        let seal = |position| cursors.seal(&position, principal, bound);
        Ok(Found { orders: page.orders, next: page.next.map(seal).transpose()? })
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
