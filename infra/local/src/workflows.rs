//! The workflows as a page for people: docs/workflows.md.

use shared::domain::{Answers, Edge, Operation, Phase, Status, Workflow};

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

The diagrams leave out what is called off or given up; the tables do not. `cargo run -q -- \
workflows` prints this page from the tables in `shared/src/domain/workflow`.
";

fn part(workflow: &Workflow) -> String {
    let Workflow { name, initial, edges, statuses, .. } = workflow;
    let arrows: String = edges.iter().filter(|edge| is_drawn(edge.to)).map(arrows).collect();
    let ends = statuses.iter().filter(|status| !status.phase().is_open() && is_drawn(**status));
    let ends: String = ends.map(end).collect();
    let phases: String = statuses.iter().map(|status| phase(*status)).collect();
    let steps: String = edges.iter().map(step).collect();
    format!(
        "\n## {name}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {initial}\n{arrows}{ends}```\n\n\
         | status | phase | |\n|---|---|---|\n{phases}\n\
         | from | to | by | operation | time |\n|---|---|---|---|---|\n{steps}"
    )
}

fn is_drawn(to: Status) -> bool {
    !matches!(to.phase(), Phase::Cancelled | Phase::Failed)
}

fn arrows(edge: &Edge) -> String {
    let label = edge.operation.map(|operation| format!(": {}", name(operation)));
    let label = label.unwrap_or_default();
    edge.from.iter().map(|from| arrow(*from, edge.to, &label)).collect()
}

fn arrow(from: Status, to: Status, label: &str) -> String {
    format!("    {from} --> {to}{label}\n")
}

fn end(status: &Status) -> String {
    format!("    {status} --> [*]\n")
}

/// An operation's path without its parameters.
fn name(operation: Operation) -> String {
    let segments: Vec<_> =
        operation.path().split('/').filter(|segment| !segment.starts_with('{')).collect();
    segments.join("/")
}

fn phase(status: Status) -> String {
    let phase = status.phase();
    let open = if phase.is_open() { "open" } else { "closed" };
    format!("| `{status}` | `{}` | {open} |\n", phase.name())
}

fn step(edge: &Edge) -> String {
    let from: Vec<_> = edge.from.iter().map(|status| format!("`{status}`")).collect();
    let by: Vec<_> = edge.by.iter().map(|role| role.as_str()).collect();
    let operation = edge.operation.map(|operation| format!("`{}`", operation.path()));
    let alone = edge.owner().map(|_| " **alone**");
    let when = edge.when.map(|answers| format!(", {}", condition(answers)));
    let time = edge.stamp.map(|stamp| format!("`{}`", stamp.name()));
    format!(
        "| {} | `{}` | {} | {}{}{} | {} |\n",
        from.join(", "),
        edge.to,
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
        Answers::AllApproved => "all being approved",
        Answers::SomeRejected => "all being answered, one rejected",
        Answers::NothingLeft => "no line being left",
    }
}
