//! The notation of a workflow's expected table, and its parser.

use crate::{Answers, Operation, Order, Phase, Role};

/// The expected table of a workflow, as text.
pub(super) struct Source {
    pub(super) workflow: &'static str,
    /// The statuses that an order's creation leads through.
    pub(super) begins: &'static [&'static str],
    /// Each status as `STATUS | PHASE | CARRIER`, with the carrier `nobody`, `d1` or `either`;
    /// below it each step from the status, as `→ STATUS | OPERATION | ROLES | STAMP`. A role with
    /// a `?` may take the step only while the order has no driver. Only the
    /// operation can take the step if the operation has a `!`, or if it has a `?` and the order a
    /// handover code; otherwise a change of status can take it too. Only a change of status can take a step without an operation. The text
    /// after `if` is the required state of the substitutions after the step.
    pub(super) text: &'static str,
}

/// The expected table of a workflow.
pub(crate) struct Table {
    pub(crate) workflow: &'static str,
    pub(crate) begins: &'static [&'static str],
    pub(crate) statuses: Vec<Place>,
    pub(crate) steps: Vec<Row>,
}

/// A status of a table.
pub(crate) struct Place {
    pub(crate) status: &'static str,
    pub(crate) phase: Phase,
    /// The drivers that an order can have in the status.
    pub(crate) carriers: &'static [Option<&'static str>],
}

/// A step of a table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) operation: Option<Operation>,
    /// True if only the operation can take the step, of some orders at least.
    pub(crate) is_owned: bool,
    /// True if a change of status can take the step of an order without a handover code.
    is_owned_by_code: bool,
    pub(crate) when: Option<Answers>,
    whose: Vec<Role>,
    /// The roles that may take the step too while the order has no driver.
    undriven: Vec<Role>,
    pub(crate) stamp: Option<&'static str>,
}

impl From<&Source> for Table {
    fn from(source: &Source) -> Self {
        let Source { workflow, begins, text } = source;
        let mut table = Self { workflow, begins, statuses: vec![], steps: vec![] };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (step, row) = (line.strip_prefix('→'), line.split('|').map(str::trim));
            let row: Vec<_> = row.collect();
            match (step, &row[..]) {
                (None, [status, phase, carrier]) => {
                    table.statuses.push(Place::read(status, phase, carrier));
                }
                (Some(_), [to, operation, whose, stamp]) => {
                    let from = table.statuses[table.statuses.len() - 1].status;
                    let to = to.trim_start_matches('→').trim();
                    table.steps.push(Row::read((from, to), operation, whose, stamp));
                }
                _ => panic!("no row of a workflow: {line}"),
            }
        }
        table
    }
}

impl Table {
    /// Returns true if customers are asked about substitutes in this status.
    pub(crate) fn asks_at(&self, status: &str) -> bool {
        self.steps.iter().any(|step| {
            step.from == status && step.operation == Some(Operation::ApproveSubstitution)
        })
    }
}

impl Place {
    fn read(status: &'static str, phase: &str, carrier: &str) -> Self {
        let carriers: &[_] = match carrier {
            "nobody" => &[None],
            "d1" => &[Some("d1")],
            "either" => &[None, Some("d1")],
            other => panic!("no carrier: {other}"),
        };
        Self { status, phase: phase_named(phase), carriers }
    }
}

impl Row {
    fn read(
        (from, to): (&'static str, &'static str),
        operation: &str,
        whose: &str,
        stamp: &'static str,
    ) -> Self {
        let (operation, when) = operation.split_once(" if ").unwrap_or((operation, ""));
        let name = operation.trim_end_matches(['!', '?']);
        let roles = whose.split_whitespace();
        let (undriven, whose): (Vec<_>, Vec<_>) = roles.partition(|role| role.ends_with('?'));
        Self {
            from,
            to,
            operation: (!name.is_empty()).then(|| operation_named(name)),
            is_owned: operation.ends_with(['!', '?']),
            is_owned_by_code: operation.ends_with('?'),
            when: (!when.is_empty()).then(|| answers_named(when)),
            whose: whose.into_iter().map(role_named).collect(),
            undriven: undriven.iter().map(|role| role_named(role.trim_end_matches('?'))).collect(),
            stamp: (!stamp.is_empty()).then_some(stamp),
        }
    }

    /// True if only the operation can take the step of `order`.
    pub(super) fn is_owned_of(&self, order: &Order) -> bool {
        self.is_owned && !(self.is_owned_by_code && order.handover.is_none())
    }

    /// True if the role may take the step of `order`.
    pub(crate) fn is_for(&self, role: Role, order: &Order) -> bool {
        self.whose.contains(&role) || (order.driver.is_none() && self.undriven.contains(&role))
    }
}

fn phase_named(name: &str) -> Phase {
    match name {
        "placed" => Phase::Placed,
        "preparing" => Phase::Preparing,
        "ready" => Phase::Ready,
        "on_the_way" => Phase::OnTheWay,
        "returning" => Phase::Returning,
        "delivered" => Phase::Delivered,
        "returned" => Phase::Returned,
        "cancelled" => Phase::Cancelled,
        "failed" => Phase::Failed,
        other => panic!("no phase: {other}"),
    }
}

fn operation_named(name: &str) -> Operation {
    match name {
        "propose" => Operation::ProposeSubstitutions,
        "approve" => Operation::ApproveSubstitution,
        "decline" => Operation::RejectSubstitution,
        path => Operation::ALL.into_iter().find(|operation| operation.name() == path).unwrap(),
    }
}

fn answers_named(name: &str) -> Answers {
    match name {
        "one is missing" => Answers::Missing,
        "all approved" => Answers::NoneRejected,
        "some rejected" => Answers::SomeRejected,
        "nothing left" => Answers::NothingLeft,
        other => panic!("no state of substitutions: {other}"),
    }
}

fn role_named(name: &str) -> Role {
    let roles = [Role::System].into_iter().chain(Role::OF_TOKENS);
    roles.into_iter().find(|role| role.name() == name).unwrap()
}
