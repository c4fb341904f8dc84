//! What `GET /orders` asks for.

use shared::domain::time::Timestamp;
use shared::domain::{
    CustomerReference, DriverId, ExternalId, Filter, Invalid, MerchantId, OrderState, Phase,
    StoreId, statuses,
};
use shared::http::QueryParameters;
use shared::store::Direction;

/// `state`, `status` (several), `phase`, `merchant`, `store`, `customer`, `driver`,
/// `external_id`, `from` and `to` (half-open; a bare date is the beginning of that
/// day in UTC).
pub(super) fn filter(query: &mut QueryParameters) -> Filter {
    Filter {
        state: query.take("state", state).unwrap_or_default(),
        statuses: query.take_all("status", status),
        phase: query.take("phase", phase),
        merchant: query.take("merchant", MerchantId::parse),
        store: query.take("store", StoreId::parse),
        customer: query.take("customer", CustomerReference::parse),
        driver: query.take("driver", DriverId::parse),
        external_id: query.take("external_id", ExternalId::parse),
        from: query.take("from", time),
        to: query.take("to", time),
    }
}

/// `order`
pub(super) fn direction(query: &mut QueryParameters) -> Direction {
    let direction = query.take("order", |text| match text {
        "newest" => Ok(Direction::Newest),
        "oldest" => Ok(Direction::Oldest),
        _ => Err(Invalid::new("must be newest or oldest")),
    });
    direction.unwrap_or_default()
}

/// `limit`
pub(super) fn limit(query: &mut QueryParameters) -> u16 {
    let limit = query.take("limit", |text| match text.parse() {
        Ok(limit @ 1..=100) => Ok(limit),
        _ => Err(Invalid::new("must be a whole number from 1 to 100")),
    });
    limit.unwrap_or(50)
}

fn state(text: &str) -> Result<OrderState, Invalid> {
    match text {
        "open" => Ok(OrderState::Open),
        "closed" => Ok(OrderState::Closed),
        "all" => Ok(OrderState::All),
        _ => Err(Invalid::new("must be open, closed or all")),
    }
}

fn status(text: &str) -> Result<&'static str, Invalid> {
    let mut known = statuses().map(|(name, _)| name);
    known.find(|name| *name == text).ok_or(Invalid::new("must be a status of some workflow"))
}

fn phase(text: &str) -> Result<Phase, Invalid> {
    Phase::ALL.into_iter().find(|phase| phase.name() == text).ok_or_else(|| {
        let names = Phase::ALL.map(Phase::name).join(", ");
        Invalid(format!("must be one of: {names}").into())
    })
}

fn time(text: &str) -> Result<Timestamp, Invalid> {
    let midnight = || Timestamp::parse(&format!("{text}T00:00:00Z"));
    let time = Timestamp::parse(text).or_else(midnight);
    time.ok_or(Invalid::new("must be a date or an RFC 3339 time"))
}
