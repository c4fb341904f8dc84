//! The workflows as a page for people: docs/workflows.md.

use domain::{
    Answers, Ladder, Measure, Operation, Phase, Rung, Status, StatusClock, Transition, Workflow,
};

/// The page, in Markdown with Mermaid diagrams, made of the tables alone.
pub fn page() -> String {
    let parts = Workflow::ALL.iter().map(|workflow| part(workflow));
    format!("{HEAD}{}", parts.collect::<String>())
}

const HEAD: &str = "\
# Workflows

How orders move, by kind. An order names its workflow when it is created; if it does not, it \
follows what its merchant has set, or else `courier`.

A step is taken by `POST /orders/{id}/OPERATION` where it has an operation, and by `PATCH \
/orders/{id}/status` unless that operation is marked **alone**: such an operation says or proves \
more than where the order goes. `driver` is the driver whom the order is assigned to, `system` \
Waybill itself. The order keeps the time of a step under the name in the last column.

An order that stands in a status for longer than its limit is due: then Waybill itself does what \
the last table of the workflow says, one thing after the other, until the order moves. The first \
is done at the limit, and each of the others so long after the one before was done; a question to \
the customer starts the limit anew, and a line that the order's `cancel_line` takes off \
counts as not rejected. An alert is an event of the order, and the order is delayed \
from its first alert until it moves. Merchants set limits of their own (`PUT \
/merchants/{merchant}/settings`), of 0 for none, and where the table has no clock theirs ends in \
one alert `delayed`; an order keeps the limits that it was created with. An order that is created \
with `autopilot` takes its workflow's path by itself, a step each so many seconds, which there \
stand instead of the limits.

The diagrams leave out what is called off or given up; the tables do not. `cargo run -q --bin \
documents` prints this page from the tables in `shared/domain/src/workflow`.
";

fn part(workflow: &Workflow) -> String {
    let Workflow { name, initial, transitions, statuses, clocks, autopilot, .. } = workflow;
    let arrows: String = transitions.iter().filter(|it| is_drawn(it.to)).map(arrows).collect();
    let ends = statuses.iter().filter(|status| !status.phase().is_open() && is_drawn(**status));
    let ends: String = ends.map(end).collect();
    let phases: String = statuses.iter().map(|status| phase(*status)).collect();
    let steps: String = transitions.iter().map(step).collect();
    let clocks: String = clocks.iter().map(clock).collect();
    format!(
        "\n## {name}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {initial}\n{arrows}{ends}```\n\n\
         | status | phase | |\n|---|---|---|\n{phases}\n\
         | from | to | by | operation | time |\n|---|---|---|---|---|\n{steps}\n\
         | status | limit | then |\n|---|---|---|\n{clocks}{}",
        path(autopilot)
    )
}

fn is_drawn(to: Status) -> bool {
    !matches!(to.phase(), Phase::Cancelled | Phase::Failed)
}

fn arrows(it: &Transition) -> String {
    let label = it.operation.map(|operation| format!(": {}", name(operation)));
    let label = label.unwrap_or_default();
    it.from.iter().map(|from| arrow(*from, it.to, &label)).collect()
}

fn arrow(from: Status, to: Status, label: &str) -> String {
    format!("    {from} --> {to}{label}\n")
}

fn end(status: &Status) -> String {
    format!("    {status} --> [*]\n")
}

/// An operation's name without its parameters.
fn name(operation: Operation) -> String {
    let segments: Vec<_> =
        operation.name().split('/').filter(|segment| !segment.starts_with('{')).collect();
    segments.join("/")
}

fn phase(status: Status) -> String {
    let phase = status.phase();
    let open = if phase.is_open() { "open" } else { "closed" };
    format!("| `{status}` | `{}` | {open} |\n", phase.name())
}

fn step(it: &Transition) -> String {
    let from: Vec<_> = it.from.iter().map(|status| format!("`{status}`")).collect();
    let by: Vec<_> = it.by.iter().map(|role| role.name()).collect();
    let operation = it.operation.map(|operation| format!("`{}`", operation.name()));
    let alone = it.owner().map(|_| " **alone**");
    let when = it.when.map(|answers| format!(", {}", condition(answers)));
    let time = it.stamp.map(|stamp| format!("`{}`", stamp.name()));
    format!(
        "| {} | `{}` | {} | {}{}{} | {} |\n",
        from.join(", "),
        it.to,
        by.join(", "),
        operation.unwrap_or_default(),
        alone.unwrap_or_default(),
        when.unwrap_or_default(),
        time.unwrap_or_default(),
    )
}

const fn condition(answers: Answers) -> &'static str {
    match answers {
        Answers::Missing => "others being unanswered",
        Answers::NoneRejected => "all being answered, none rejected",
        Answers::SomeRejected => "all being answered, one rejected",
        Answers::NothingLeft => "no line being left",
    }
}

fn clock(StatusClock { status, limit, then }: &StatusClock) -> String {
    let limit = limit.map_or_else(|| "the merchant's".to_owned(), duration);
    format!("| `{status}` | {limit} | {} |\n", ladder(then))
}

/// What is done, rung by rung.
fn ladder(Ladder { rungs, repeats }: &Ladder) -> String {
    let before = std::iter::once(None).chain(rungs.iter().map(Some));
    let rungs: String = before.zip(*rungs).map(|(before, it)| rung(before, *it)).collect();
    let goes_on = if *repeats { "; and so on" } else { "" };
    format!("{rungs}{goes_on}")
}

fn rung(before: Option<&Rung>, Rung { after, measure }: Rung) -> String {
    match before {
        None => words(measure),
        Some(_) if after == 0 => format!(", or else {}", words(measure)),
        Some(before) if before.measure == measure => format!("; again after {}", duration(after)),
        Some(_) => format!("; after {} {}", duration(after), words(measure)),
    }
}

fn words(measure: Measure) -> String {
    match measure {
        Measure::Alert(kind, severity) => {
            format!("alert `{}` ({})", kind.name(), severity.name())
        }
        Measure::Reassign(_) => "ask the merchant's fallback store, if it is another".to_owned(),
        Measure::Cancel(_) => "cancel".to_owned(),
        Measure::AnswerSubstitutions => "answer for the customer, as the order says".to_owned(),
    }
}

/// Seconds as people write them.
fn duration(seconds: u32) -> String {
    const UNITS: [(u32, &str); 3] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "min")];
    let unit = UNITS.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, name) = unit.unwrap_or((1, "s"));
    format!("{} {name}", seconds / unit)
}

/// Where an order goes by itself, if its workflow has that.
fn path(autopilot: &[Status]) -> String {
    let statuses: Vec<_> = autopilot.iter().map(|status| format!("`{status}`")).collect();
    if statuses.is_empty() {
        return String::new();
    }
    format!("\nWith `autopilot`: {}.\n", statuses.join(" → "))
}
