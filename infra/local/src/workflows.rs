//! The workflows as a page for people: docs/workflows.md.

use shared::domain::{Edge, Status, Workflow};

/// The page, in Markdown with Mermaid diagrams, made of the tables alone.
pub fn page() -> String {
    let parts = Workflow::ALL.iter().map(|workflow| part(workflow));
    format!("{HEAD}{}", parts.collect::<String>())
}

const HEAD: &str = "\
# Workflows

How orders move, by kind. An order names its workflow when it is created, or is a `courier`. On \
each step stand the roles that may take it, and the operation that alone takes it, if there is \
one; the others are taken by `PATCH /orders/{id}/status`. `driver` is the driver whom the order \
is assigned to. `cargo run -- workflows` prints this page from the tables in \
`shared/src/domain/workflow`.
";

fn part(workflow: &Workflow) -> String {
    let steps =
        workflow.edges.iter().flat_map(|edge| edge.from.iter().map(|from| step(*from, edge)));
    let ends = workflow.statuses.iter().filter(|status| !status.phase().is_open());
    let ends = ends.map(|status| format!("    {status} --> [*]\n"));
    let rows = workflow.statuses.iter().map(|status| row(*status));
    format!(
        "\n## {}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {}\n{}{}```\n\n| status | phase | |\n|---|---|---|\n{}",
        workflow.name,
        workflow.initial,
        steps.collect::<String>(),
        ends.collect::<String>(),
        rows.collect::<String>(),
    )
}

fn step(from: Status, edge: &Edge) -> String {
    let roles: Vec<_> = edge.by.iter().map(|role| role.as_str()).collect();
    let operation = edge.operation.map(|operation| format!("{} · ", operation.name()));
    let label = format!("{}{}", operation.unwrap_or_default(), roles.join(", "));
    format!("    {from} --> {}: {label}\n", edge.to)
}

fn row(status: Status) -> String {
    let phase = status.phase();
    let open = if phase.is_open() { "open" } else { "closed" };
    format!("| `{status}` | `{}` | {open} |\n", phase.name())
}
