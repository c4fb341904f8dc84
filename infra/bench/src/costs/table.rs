//! Tables of text.

use std::fmt;
use std::time::Duration;

use emulator::meter::{Consumer, Units, Usage};

use super::{Bill, Paces, Size, StepCosts};

/// Rows of cells, of which the first is the heading. The first column is left-aligned, the others
/// are right-aligned.
pub(crate) struct Table(pub(crate) Vec<Vec<String>>);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.0 {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

pub(crate) fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

/// Returns a table of the consumption and the budget of each step.
pub(super) fn steps(steps: &[StepCosts]) -> Table {
    let heading = row(["step", "WRU", "budget", "RRU", "budget", "write requests", ""]);
    let rows = steps.iter().map(|step| {
        let StepCosts { what, budget, consumed, write_requests, .. } = step;
        vec![
            (*what).to_owned(),
            consumed.writes.to_string(),
            budget.writes.to_string(),
            consumed.reads.to_string(),
            budget.reads.to_string(),
            write_requests.to_string(),
            if step.within() { String::new() } else { "OVER".to_owned() },
        ]
    });
    Table([heading].into_iter().chain(rows).collect())
}

/// Returns a table of each function's requests to each table and index, with the function's
/// total.
pub(super) fn usage(usage: &Usage) -> Table {
    let mut rows = vec![row(["function, operation, table", "calls", "WRU", "RRU"])];
    for (function, invocations) in &usage.invocations {
        let units = usage.units_of(function);
        rows.push(counted(function.clone(), &invocations.to_string(), units));
        for (request, count) in usage.requests.iter().filter(|(it, _)| it.function == *function) {
            rows.push(row([&format!("  {}", request.operation), &count.to_string()]));
            let consumers = usage.capacity.iter().filter(|(it, _)| it.request == *request);
            for (consumer, units) in consumers {
                rows.push(counted(name(consumer), "", *units));
            }
        }
    }
    Table(rows)
}

/// Returns a table of the consumption of each request of a function, per order.
pub(super) fn per_order(usage: &Usage, function: &str, orders: u64) -> Table {
    let mut rows = vec![row(["operation, table", "requests", "WRU", "RRU"])];
    let own = usage.requests.iter().filter(|(it, _)| it.function == function);
    for (request, count) in own {
        rows.push(row([&request.operation, &each(float(*count), orders)]));
        for (consumer, units) in usage.capacity.iter().filter(|(it, _)| it.request == *request) {
            let [writes, reads] = [units.writes, units.reads].map(|units| each(units, orders));
            rows.push(row([&name(consumer), "", &writes, &reads]));
        }
    }
    let units = usage.units_of(function);
    let [writes, reads] = [units.writes, units.reads].map(|units| each(units, orders));
    rows.push(row(["an order", "", &writes, &reads]));
    Table(rows)
}

/// Formats `all` divided by `of`, to the hundredth; an empty text if `all` is 0.
fn each(all: f64, of: u64) -> String {
    if all > 0.0 { format!("{:.2}", all / float(of)) } else { String::new() }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to nine quadrillion")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

/// Returns `    LogicalId/index` for a table named `STACK-LogicalId`.
fn name(consumer: &Consumer) -> String {
    let table = consumer.table.rsplit('-').next().unwrap_or_default();
    let index = consumer.index.iter().map(|index| format!("/{index}"));
    [format!("    {table}")].into_iter().chain(index).collect()
}

fn counted(name: String, count: &str, units: Units) -> Vec<String> {
    let amount = |units: f64| if units > 0.0 { units.to_string() } else { String::new() };
    vec![name, count.to_owned(), amount(units.writes), amount(units.reads)]
}

/// Returns a table of the items of the bill and their total.
pub(super) fn bill(bill: &Bill) -> Table {
    let heading = row(["item", "per life", "$ per million", "$"]);
    let rows = bill.0.iter().map(|item| {
        vec![
            item.what.to_owned(),
            format!("{:.2}", item.count),
            item.price.to_string(),
            format!("{:.2}", item.dollars()),
        ]
    });
    let total = row(["total", "", "", &format!("{:.2}", bill.total())]);
    Table([heading].into_iter().chain(rows).chain([total]).collect())
}

/// Returns a table of the consumption of each step, with a column for each number of orders.
pub(super) fn sizes(sizes: &[Size]) -> Table {
    let mut heading = row(["step, in WRU + RRU", "budget"]);
    heading.extend(sizes.iter().map(|Size { open, closed, .. }| match closed {
        0 => format!("{} open", thousands(*open)),
        _ => format!("{} open, {} closed", thousands(*open), thousands(*closed)),
    }));
    let mut rows = vec![heading];
    for (n, step) in sizes.first().iter().flat_map(|size| &size.steps).enumerate() {
        let mut cells = vec![step.what.to_owned(), units(step.budget)];
        let same = sizes.iter().filter_map(|size| size.steps.get(n));
        cells.extend(same.map(|step| marked(units(step.consumed), step.within())));
        rows.push(cells);
    }
    Table(rows)
}

/// Returns a table of the consumption of a page, by the number of shards.
pub(super) fn shards(pages: &[(u16, StepCosts)]) -> Table {
    let heading = row(["shards", "RRU", "budget"]);
    let rows = pages.iter().map(|(shards, page)| {
        let consumed = marked(page.consumed.reads.to_string(), page.within());
        vec![shards.to_string(), consumed, page.budget.reads.to_string()]
    });
    Table([heading].into_iter().chain(rows).collect())
}

/// Returns a table of the time that a page of each list takes, in milliseconds.
pub(super) fn paces(paces: &Paces) -> Table {
    let [few, many] = [paces.few, paces.many].map(|count| format!("{} orders", thousands(count)));
    let heading = row(["a page of 50, in ms", &few, &many, "ratio"]);
    let millis = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
    let rows = paces.lists.iter().map(|pace| {
        let ratio = marked(format!("{:.2}", pace.ratio()), pace.is_steady());
        vec![pace.list.to_owned(), millis(pace.few), millis(pace.many), ratio]
    });
    Table([heading].into_iter().chain(rows).collect())
}

fn units(units: Units) -> String {
    format!("{} + {}", units.writes, units.reads)
}

fn marked(cell: String, is_within: bool) -> String {
    if is_within { cell } else { format!("OVER {cell}") }
}

/// Formats a number with separators: `100,000`.
pub(crate) fn thousands(count: u64) -> String {
    if count < 1000 {
        return count.to_string();
    }
    format!("{},{:03}", thousands(count / 1000), count % 1000)
}
