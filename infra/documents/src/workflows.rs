//! The workflows as a page for people: `docs/reference/workflows.md`.

use domain::{
    Answers, Ladder, Measure, Operation, Phase, Rung, Status, StatusClock, Transition, Workflow,
};

/// Returns the page in Markdown with Mermaid diagrams, generated from the workflow tables alone.
pub fn page() -> String {
    let parts = Workflow::ALL.iter().map(|workflow| part(workflow));
    format!("{HEAD}{}", parts.collect::<String>())
}

const HEAD: &str = "\
# Workflows

For developers and merchants: the statuses of each workflow, its transitions, and its time limits. \
An order names its workflow when it is created; otherwise it has its merchant's default, or else \
`courier`. This page is generated from the tables in `shared/domain/src/workflow`; run `cargo run \
--bin documents` after a change, and see [add a workflow](../how-to/add-a-workflow.md).

**Change a status.** Call `POST /orders/{id}/OPERATION` if the transition has an operation. \
`PATCH /orders/{id}/status` makes the other transitions, and also those whose operation is not \
marked **required**: a required operation carries more than a status, such as a driver or a \
reason. In the column *by*, `driver` is the driver whom the order is assigned to, or, for `accept`, \
is [offered](orders.md#offers) to, and `system` is \
Waybill itself; *no driver* means that the role may make the transition of an order that has none. \
The order keeps the time of a transition under the name in the column *time*.

**Time limits.** When an order stays in a status beyond its limit, Waybill takes the escalation \
steps in the workflow's last table, one after another, until the order moves. The first step is \
taken at the limit, each later one the given time after the step before it. A question to the \
customer restarts the limit; a line removed by the order's `cancel_line` counts as not rejected. \
An alert is an event of the order, and the order is delayed from its first alert until it moves. \
Merchants can replace the limits (`PUT /merchants/{merchant}/settings`, 0 for none); where the \
table has no limit, a merchant's limit ends in one alert `delayed`. An order keeps the limits that \
it was created with. An order with `autopilot` follows its workflow's path by itself, with a fixed \
number of seconds per status instead of the limits.

The diagrams leave out cancelled and failed orders; the tables have every transition.
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
         | status | limit | escalation steps |\n|---|---|---|\n{clocks}{}",
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

/// Returns an operation's name without its parameters.
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
    let by: Vec<_> = it.roles().collect();
    let operation = it.operation.map(|operation| format!("`{}`", operation.name()));
    let required = it.owner().map(|operation| match operation {
        Operation::Deliver => " **required** with a handover code",
        _ => " **required**",
    });
    let when = it.when.map(|answers| format!(", {}", condition(answers)));
    let time = it.stamp.map(|stamp| format!("`{}`", stamp.name()));
    format!(
        "| {} | `{}` | {} | {}{}{} | {} |\n",
        from.join(", "),
        it.to,
        by.join(", "),
        operation.unwrap_or_default(),
        required.unwrap_or_default(),
        when.unwrap_or_default(),
        time.unwrap_or_default(),
    )
}

const fn condition(answers: Answers) -> &'static str {
    match answers {
        Answers::Missing => "while others are unanswered",
        Answers::NoneRejected => "if all are answered, none rejected",
        Answers::SomeRejected => "if all are answered, some rejected",
        Answers::NothingLeft => "if no line is left",
    }
}

fn clock(StatusClock { status, limit, then }: &StatusClock) -> String {
    let limit = limit.map_or_else(|| "only the merchant's".to_owned(), duration);
    format!("| `{status}` | {limit} | {} |\n", ladder(then))
}

/// Describes the escalation steps in words.
fn ladder(Ladder { rungs, repeats }: &Ladder) -> String {
    let before = std::iter::once(None).chain(rungs.iter().map(Some));
    let rungs: String = before.zip(*rungs).map(|(before, it)| rung(before, *it)).collect();
    let goes_on = if *repeats { ", repeatedly" } else { "" };
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
        Measure::Reassign(_) => {
            "reassign to the merchant's fallback store, if it is a different one".to_owned()
        }
        Measure::Cancel(_) => "cancel".to_owned(),
        Measure::AnswerSubstitutions => {
            "answer for the customer, as the order's `unanswered` says".to_owned()
        }
    }
}

/// Formats seconds in the largest unit that divides them.
fn duration(seconds: u32) -> String {
    const UNITS: [(u32, &str); 3] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "min")];
    let unit = UNITS.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, name) = unit.unwrap_or((1, "s"));
    format!("{} {name}", seconds / unit)
}

/// Describes the statuses of an order with `autopilot`, if its workflow has any.
fn path(autopilot: &[Status]) -> String {
    let statuses: Vec<_> = autopilot.iter().map(|status| format!("`{status}`")).collect();
    if statuses.is_empty() {
        return String::new();
    }
    format!("\nWith `autopilot`: {}.\n", statuses.join(" → "))
}
