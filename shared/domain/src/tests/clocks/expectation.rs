//! The clocks of each workflow, written from the design and not from the code.

use std::sync::LazyLock;

/// The time limit of a status, and the expected actions after it.
pub(super) struct Row {
    pub(super) status: &'static str,
    pub(super) limit: Limit,
    /// The actions, and their seconds after the limit if each is taken on time.
    pub(super) done: Vec<(i64, String)>,
    /// True if the last action is repeated until the order moves.
    pub(super) goes_on: bool,
}

/// The time limit of a status, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    Of(u32),
    /// Only a merchant can set one.
    None,
    /// No actions are taken on a closed order.
    Closed,
}

/// The rows of each workflow: a status per row, as `STATUS | LIMIT | WHAT +SECONDS +SECONDS; …`,
/// with three dots if the last action is repeated. An action is an alert's type and severity, a
/// list of answers, or the status that it leads to.
pub(super) static TABLES: LazyLock<[(&str, Vec<Row>); 3]> = LazyLock::new(|| {
    [("courier", COURIER), ("grocery", GROCERY), ("parcel", PARCEL)]
        .map(|(workflow, text)| (workflow, rows(text)))
});

pub(super) fn row_of(workflow: &str, status: &str) -> &'static Row {
    let (_, rows) = TABLES.iter().find(|(name, _)| *name == workflow).unwrap();
    rows.iter().find(|row| row.status == status).unwrap()
}

const COURIER: &str = "
    created                | none | no_driver medium +0 +300 +900 +2100 +4500 +8100 +11700 ...
    driver_assigned        | none | delayed medium +0
    picked_up              | none | delayed medium +0
    in_transit             | none | delayed medium +0
    delivery_failed        | none | delayed medium +0
    returning              | none | delayed medium +0
    delivered              | closed |
    returned               | closed |
    cancelled              | closed |
    failed                 | closed |
";

/// For an order without a fallback store and without the term `unanswered`.
const GROCERY: &str = "
    submitted              | none | delayed medium +0
    store_notified         | 600  | late_acknowledgement medium +0; late_acknowledgement high +300; → cancelled +600
    store_rejected         | 600  | delayed medium +0
    store_acknowledged     | 900  | delayed medium +0
    picking_in_progress    | 2700 | delayed medium +0
    substitutions_needed   | 600  | rejected rejected → picking_in_progress +0
    substitutions_approved | 1800 | delayed medium +0
    ready_for_pickup       | 600  | no_driver medium +0 +300 +900 +2100 +4500 +8100 +11700 ...
    driver_assigned        | 1800 | delayed medium +0
    driver_pickup_complete | 900  | delayed medium +0
    in_transit             | 3600 | delayed medium +0
    delivery_failed        | 14400 | delayed medium +0
    returning              | 86400 | delayed medium +0
    delivered              | closed |
    returned               | closed |
    cancelled              | closed |
    failed                 | closed |
";

const PARCEL: &str = "
    pending                | 86400   | delayed medium +0
    processing             | 172800  | delayed medium +0
    shipped                | 604800  | delayed medium +0
    delivery_failed        | 172800  | delayed medium +0
    returning              | 1209600 | delayed medium +0
    delivered              | closed |
    returned               | closed |
    cancelled              | closed |
    failed                 | closed |
";

fn rows(text: &'static str) -> Vec<Row> {
    text.lines().filter(|line| !line.trim().is_empty()).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let [status, limit, done] = cells[..] else { panic!("no row of clocks: {line}") };
    let limit = match limit {
        "none" => Limit::None,
        "closed" => Limit::Closed,
        seconds => Limit::Of(seconds.parse().unwrap()),
    };
    let goes_on = done.ends_with("...");
    let each = done.trim_end_matches("...").split(';').flat_map(times);
    Row { status, limit, done: each.collect(), goes_on }
}

/// Parses one action with each of its times.
fn times(one: &str) -> Vec<(i64, String)> {
    let (what, times): (Vec<_>, Vec<_>) =
        one.split_whitespace().partition(|word| !word.starts_with('+'));
    let what = what.join(" ");
    times.iter().map(|time| (time.parse().unwrap(), what.clone())).collect()
}
