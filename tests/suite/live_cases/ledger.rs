//! A log of all commits, kept from the records of the stream.

use std::collections::BTreeMap;

use serde_json::Value;

/// The heads of all orders, with all their earlier states.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    orders: BTreeMap<String, Vec<Image>>,
    commits: u64,
}

/// An order's head after a commit.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) status: String,
    pub(super) merchant: String,
    pub(super) store: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) driver: Option<String>,
    pub(super) is_open: bool,
    /// The number of the commit among all commits, from 1.
    pub(super) commit: u64,
    /// The time from which indexes show it, in seconds since 1970.
    shown_at: i64,
    /// The time from which replicas have it, in seconds since 1970.
    replicated_at: i64,
    /// The item, in DynamoDB's JSON.
    item: Value,
}

impl Ledger {
    /// Adds a record of the stream; indexes show it from `shown_at`.
    pub(super) fn add(&mut self, record: &Value, shown_at: i64, replicated_at: i64) {
        let item = record["dynamodb"]["NewImage"].clone();
        let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
        self.commits += 1;
        let image = Image {
            id: text("order_id").expect("an id"),
            version: item["version"]["N"].as_str().expect("a version").parse().expect("a number"),
            status: text("status").expect("a status"),
            merchant: text("merchant").expect("a merchant"),
            store: text("store"),
            customer: text("customer"),
            driver: text("driver"),
            is_open: text("open").is_some(),
            commit: self.commits,
            shown_at,
            replicated_at,
            item,
        };
        self.orders.entry(image.id.clone()).or_default().push(image);
    }

    /// Returns the number of commits.
    pub(super) fn commits(&self) -> u64 {
        self.commits
    }

    /// Returns the current state of an order.
    pub(super) fn now(&self, id: &str) -> Option<&Image> {
        self.orders.get(id)?.last()
    }

    /// Returns the current state of every order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Image> {
        self.orders.values().filter_map(|images| images.last())
    }

    /// Returns the state of an order at a commit, and all its later states.
    pub(super) fn since(&self, id: &str, commit: u64) -> &[Image] {
        let images = self.orders.get(id).map(Vec::as_slice).unwrap_or_default();
        let before = images.iter().rposition(|image| image.commit <= commit);
        &images[before.unwrap_or(0)..]
    }

    /// Returns the items that indexes show at a time. Changes to one item reach an index in
    /// order.
    pub(super) fn shown(&self, at: i64) -> Vec<&Value> {
        self.at(|image| image.shown_at <= at)
    }

    /// Returns the item as a lagging replica has it at a time.
    pub(super) fn replica(&self, id: &str, at: i64) -> Option<&Value> {
        let images = self.orders.get(id)?;
        images.iter().take_while(|image| image.replicated_at <= at).last().map(|it| &it.item)
    }

    fn at(&self, is_there: impl Fn(&Image) -> bool) -> Vec<&Value> {
        let orders = self.orders.values();
        let last = orders.filter_map(|images| images.iter().take_while(|it| is_there(it)).last());
        last.map(|image| &image.item).collect()
    }
}
