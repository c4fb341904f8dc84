//! Makes the changes, spread evenly over time and over many orders.

use std::collections::HashMap;
use std::time::Duration;

use domain::{OrderId, Version};
use futures_util::future::try_join_all;
use serde_json::Value;
use tokio::time::{Instant, interval_at};

use super::client::Change;
use super::{CHANGES_PER_SECOND, CrowdError};
use crate::costs::client::Person;
use crate::costs::{ClientError, reference};

/// The changes, each with the time of its response.
pub(super) type Made = HashMap<Change, Instant>;

/// The steps of a life after the creation.
const MOVES: [&str; 4] = ["assigned", "picked_up", "in_transit", "delivered"];

/// Makes changes for `length`.
pub(super) async fn make(ops: &Person, length: Duration) -> Result<Made, CrowdError> {
    let start = Instant::now();
    // Each lane makes one change a second, so that an order's next change is not made before the
    // response to its last one.
    let lanes = (0..CHANGES_PER_SECOND).map(|lane| {
        let first = start + Duration::from_secs(1) / CHANGES_PER_SECOND * lane;
        play(ops, first, start + length)
    });
    Ok(try_join_all(lanes).await?.into_iter().flatten().collect())
}

/// Plays one order's life after another, one change a second.
async fn play(
    ops: &Person,
    first: Instant,
    end: Instant,
) -> Result<Vec<(Change, Instant)>, CrowdError> {
    let mut ticks = interval_at(first, Duration::from_secs(1));
    let mut made = Vec::new();
    loop {
        if ticks.tick().await >= end {
            return Ok(made);
        }
        let order = ops.place(&reference::order()).await?;
        made.push(change(&order, 1)?);
        for (name, version) in MOVES.into_iter().zip(2..) {
            if ticks.tick().await >= end {
                return Ok(made);
            }
            step(ops, &order, name).await?;
            made.push(change(&order, version)?);
        }
    }
}

async fn step(ops: &Person, order: &str, name: &str) -> Result<Value, ClientError> {
    match name {
        "assigned" => ops.assign(order, reference::DRIVER).await,
        "delivered" => ops.deliver(order).await,
        status => ops.move_to(order, status).await,
    }
}

fn change(order: &str, version: u64) -> Result<(Change, Instant), ClientError> {
    let order = OrderId::parse(order).map_err(|_| ClientError::NoId)?;
    Ok((Change { order, version: Version(version) }, Instant::now()))
}
