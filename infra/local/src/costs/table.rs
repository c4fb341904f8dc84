//! Tables of text.

use std::fmt;

use super::{Bill, Step};
use crate::meter::{Units, Usage};

/// Rows of cells, the first row its heading. The first column is aligned to the
/// left and the others to the right.
pub(super) struct Table(Vec<Vec<String>>);

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

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

/// Each step with what it consumed and what it may.
pub(super) fn steps(steps: &[Step]) -> Table {
    let heading = row(["step", "WRU", "budget", "RRU", "budget", "write requests", ""]);
    let rows = steps.iter().map(|step| {
        let Step { what, budget, consumed, write_requests, .. } = step;
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

/// Each function's calls of each table and index, with the function's total.
pub(super) fn usage(usage: &Usage) -> Table {
    let mut rows = vec![row(["function, operation, table", "calls", "WRU", "RRU"])];
    for (function, invocations) in &usage.invocations {
        let units = usage.units_of(function);
        rows.push(counted(function.clone(), &invocations.to_string(), units));
        for (request, count) in usage.requests.iter().filter(|(it, _)| it.function == *function) {
            rows.push(row([&format!("  {}", request.operation), &count.to_string()]));
            let consumers = usage.capacity.iter().filter(|(it, _)| it.request == *request);
            for (consumer, units) in consumers {
                // `STACK-LogicalId`
                let table = consumer.table.rsplit('-').next().unwrap_or_default();
                let index = consumer.index.iter().map(|index| format!("/{index}"));
                let name: String = [format!("    {table}")].into_iter().chain(index).collect();
                rows.push(counted(name, "", *units));
            }
        }
    }
    Table(rows)
}

fn counted(name: String, count: &str, units: Units) -> Vec<String> {
    let amount = |units: f64| if units > 0.0 { units.to_string() } else { String::new() };
    vec![name, count.to_owned(), amount(units.writes), amount(units.reads)]
}

/// Each item, and the total.
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
