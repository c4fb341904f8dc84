//! What a list and its file have in common.

use domain::{Direction, Filter, Order, Principal};
use http::header::LINK;
use http::{HeaderName, HeaderValue};
use http_api::{Cursor, Problem, QueryParameters};

use super::Reader;
use super::filter;

/// Which orders are asked for, and from where on.
pub(super) struct Listing {
    filter: Filter,
    direction: Direction,
    after: Option<Cursor>,
}

/// Orders that are asked for, and where the next ones begin.
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

    /// Whether this is the beginning.
    pub(super) fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// The orders, as far as they are the principal's; `bound` is the query that its
    /// cursors are good for.
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

/// The header that says where the next page is (RFC 8288); none after the last.
pub(super) fn link(
    path: &str,
    asked: &str,
    next: Option<&Cursor>,
) -> Result<Option<(HeaderName, HeaderValue)>, Problem> {
    let Some(cursor) = next else { return Ok(None) };
    let and = if asked.is_empty() { "" } else { "&" };
    let link = format!("<{path}?{asked}{and}cursor={cursor}>; rel=\"next\"");
    HeaderValue::try_from(link).map(|link| Some((LINK, link))).map_err(Problem::from_fault)
}
