//! Random commands of random principals.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::life::CODE;
use super::{
    account, basket, clerk, code, correction, customer, customer_reference, driver, driver_id,
    merchant, merchant_id, ops, proposal, reason, shortage, store_id, support, system,
};
use crate::{
    Action, Answer, Autopilot, Basket, Command, Created, Description, DetailsField, Dispatch,
    DispatchMode, DriverId, FleetChoice, HandoverCode, InPlace, IssueKind, Limit, Limits, Message,
    Metadata, NewOrder, Note, OfferTime, Offering, Operation, Order, Phase, Placed, PositionsFrom,
    Principal, Proposal, Reason, Remarks, Severity, Shortages, Step, StoreId, SubstitutionId,
    Terms, Transition, Unanswered, Version, Workflow,
};

/// A random command, independent of the order's state.
#[derive(Clone, Debug)]
pub struct Wish {
    aim: Aim,
    words: Words,
    remarks: Remarks,
}

#[derive(Clone, Debug)]
enum Aim {
    /// One of the transitions from the order's status, of any role.
    Step(Index),
    /// One of those transitions that neither cancel nor fail the order.
    Onwards(Index),
    /// A change to one of the workflow's statuses.
    Status(Index),
    Operation(Operation),
    /// The approval of the substitution that waits for an answer, or another one of the first line.
    Substitute,
    OpenIssue,
    ResolveIssue,
    CorrectDetails,
    EraseDetails,
    /// An offer to these drivers.
    Offer(Vec<DriverId>),
    Decline,
}

/// Random arguments for any command.
#[derive(Clone, Debug)]
struct Words {
    /// True to request the step as a change of status even if it has an operation.
    plainly: bool,
    which: Index,
    driver: DriverId,
    store: StoreId,
    reassign_to: Option<StoreId>,
    reason: Reason,
    proposals: Vec<Proposal>,
    code: Option<HandoverCode>,
    note: Option<Message>,
    account: Description,
    fields: Vec<DetailsField>,
    severity: Severity,
}

impl Wish {
    /// Returns the command for an order in this state.
    pub fn on(&self, head: &Order, by: &Principal) -> Command {
        Command { action: self.action(head, by), remarks: self.remarks.clone() }
    }

    fn action(&self, head: &Order, by: &Principal) -> Action {
        let words = self.words.clone();
        match &self.aim {
            Aim::Step(index) => self.step(head, by, *index, |_| true).into(),
            Aim::Onwards(index) => {
                let is_given_up = |to: Phase| matches!(to, Phase::Cancelled | Phase::Failed);
                self.step(head, by, *index, |it| !is_given_up(it.to.phase())).into()
            }
            Aim::Status(index) => {
                Step::ChangeStatus { to: *index.get(head.placed.workflow.statuses) }.into()
            }
            Aim::Operation(operation) => words.say(*operation, head, by).into(),
            Aim::Substitute => substitute(head).into(),
            Aim::OpenIssue => InPlace::OpenIssue {
                kind: *words.which.get(&IssueKind::ALL),
                severity: words.severity,
                description: words.account,
            }
            .into(),
            Aim::ResolveIssue => {
                let open = head.issues.iter().map(|issue| issue.id);
                let id = *words.which.get(&open.chain([Version(1)]).collect::<Vec<_>>());
                InPlace::ResolveIssue { id, resolution: words.account }.into()
            }
            Aim::CorrectDetails => InPlace::CorrectDetails(correction(&words.fields)).into(),
            Aim::EraseDetails => InPlace::EraseDetails.into(),
            Aim::Offer(drivers) => InPlace::Offer(Offering {
                drivers: drivers.clone(),
                time: OfferTime::default(),
                replace: true,
                radius_m: None,
            })
            .into(),
            Aim::Decline => {
                let reason = Some(words.reason).filter(|_| words.plainly);
                InPlace::Decline { driver: by_driver(by), reason }.into()
            }
        }
    }

    fn step(
        &self,
        head: &Order,
        by: &Principal,
        index: Index,
        is_meant: impl Fn(&Transition) -> bool,
    ) -> Step {
        let transitions = head.placed.workflow.transitions_from(head.status);
        let transitions: Vec<_> = transitions.filter(|it| is_meant(it)).collect();
        if transitions.is_empty() {
            return Step::ChangeStatus { to: head.status };
        }
        let transition = index.get(&transitions);
        match transition.operation.filter(|_| !self.words.plainly) {
            Some(operation) => self.words.clone().say(operation, head, by),
            None => Step::ChangeStatus { to: transition.to },
        }
    }
}

impl Words {
    fn say(self, operation: Operation, head: &Order, by: &Principal) -> Step {
        let Self { driver, store, reassign_to, reason, proposals, code, note, .. } = self;
        match operation {
            Operation::Reject => Step::Reject { reason, reassign_to },
            Operation::Reassign => Step::Reassign { store },
            Operation::ProposeSubstitutions => Step::ProposeSubstitutions(proposals),
            Operation::ApproveSubstitution => answer(self.which, head, Answer::Approved),
            Operation::RejectSubstitution => answer(self.which, head, Answer::Rejected),
            Operation::Assign => Step::Assign { driver, replace: self.which.index(4) > 0 },
            Operation::Accept => Step::Accept { driver: by_driver(by) },
            Operation::Unassign => Step::Unassign { reason },
            Operation::Deliver => Step::Deliver { code, note },
            Operation::DeliveryFailed => Step::DeliveryFailed { reason },
            Operation::Cancel => Step::Cancel { reason },
            Operation::Fail => Step::Fail { reason },
            Operation::Reopen => Step::Reopen { reason },
            plain => Step::Plain(plain),
        }
    }
}

/// Returns the driver that a request of this principal names.
fn by_driver(by: &Principal) -> DriverId {
    DriverId::from(&by.id)
}

/// Returns the next step of one substitution after another.
fn substitute(head: &Order) -> Step {
    let mut all = head.basket.iter().flat_map(|basket| &basket.substitutions);
    match all.position(|it| it.answer.is_none()) {
        Some(before) => {
            Step::AnswerSubstitution { id: SubstitutionId::after(before), answer: Answer::Approved }
        }
        None => Step::ProposeSubstitutions(vec![proposal(1, 0)]),
    }
}

/// Returns an answer to one of the order's substitutions, or to an id that no substitution has.
fn answer(which: Index, head: &Order, answer: Answer) -> Step {
    let all = head.basket.as_ref().map_or(0, |basket| basket.substitutions.len());
    let id = SubstitutionId::new(which.index(all + 2));
    Step::AnswerSubstitution { id, answer }
}

pub fn new_orders() -> impl Strategy<Value = NewOrder> {
    let stores = select(vec![store_id("s1"), store_id("s2")]);
    let customers = option::of(select(vec![customer_reference("c1"), customer_reference("c2")]));
    let workflows = select(Workflow::ALL);
    let terms = any_terms();
    (stores, customers, workflows, baskets(), any::<bool>(), terms, metadata()).prop_map(
        |(store, customer, workflow, basket, has_handover_code, terms, metadata)| NewOrder {
            created: Created {
                placed: Placed {
                    merchant: merchant_id("m1"),
                    customer,
                    external_id: None,
                    workflow,
                    terms: terms.fit_for(workflow, has_handover_code),
                },
                store: Some(store),
                basket: workflow.prepared_by_store.then_some(basket),
                has_handover_code,
            },
            metadata,
        },
    )
}

/// Random terms for an order of any workflow.
#[derive(Clone, Debug)]
struct AnyTerms {
    /// The limits of some statuses, by the status's index in its workflow.
    limits: Vec<(Index, Limit)>,
    fallback_store: Option<StoreId>,
    autopilot: Option<Autopilot>,
    unanswered: Option<Unanswered>,
    shortages: Shortages,
    dispatch: Option<Dispatch>,
    positions_from: PositionsFrom,
}

impl AnyTerms {
    /// Returns the terms that the workflow supports.
    fn fit_for(self, workflow: &Workflow, has_handover_code: bool) -> Terms {
        let limits = self.limits.iter();
        let limits = limits.map(|(index, limit)| (*index.get(workflow.statuses), *limit));
        let moves_by_itself = !workflow.autopilot.is_empty() && !has_handover_code;
        Terms {
            limits: Limits::new(limits),
            fallback_store: self.fallback_store.filter(|_| workflow.prepared_by_store),
            autopilot: self.autopilot.filter(|_| moves_by_itself),
            unanswered: self.unanswered.filter(|_| workflow.prepared_by_store),
            shortages: self.shortages,
            dispatch: self.dispatch.filter(|_| workflow.has(Operation::Accept)),
            positions_from: self.positions_from,
        }
    }
}

fn any_dispatch() -> impl Strategy<Value = Dispatch> {
    let mode = select(vec![DispatchMode::Offer, DispatchMode::Assign]);
    let fleets = subsequence(FleetChoice::ALL.to_vec(), 1..=2);
    (mode, fleets, 1..4_u8, 1..=Dispatch::MOST_ROUNDS).prop_map(
        |(mode, fleets, offers_at_once, rounds)| Dispatch {
            mode,
            fleets,
            offers_at_once,
            rounds,
            ..Dispatch::default()
        },
    )
}

fn any_terms() -> impl Strategy<Value = AnyTerms> {
    let limit = select(vec![0_u64, 60, 90, 2_592_000]).prop_map(|it| it.try_into().unwrap());
    let stores = select(vec!["s1", "s2"]).prop_map(store_id);
    let steps = select(vec![60_u64, 604_800]).prop_map(|it| it.try_into().unwrap());
    let answers = prop_oneof![
        (0..500_i64).prop_map(|price_cap| Unanswered::Approve { price_cap }),
        select(vec![Unanswered::Reject, Unanswered::CancelLine]),
    ];
    let parts = (
        vec((any::<Index>(), limit), 0..6),
        option::of(stores),
        option::weighted(0.3, steps),
        option::of(answers),
        select(&Shortages::ALL[..]),
        option::of(any_dispatch()),
        select(&PositionsFrom::ALL[..]),
    );
    parts.prop_map(
        |(limits, fallback_store, autopilot, unanswered, shortages, dispatch, positions_from)| {
            AnyTerms {
                limits,
                fallback_store,
                autopilot,
                unanswered,
                shortages,
                dispatch,
                positions_from,
            }
        },
    )
}

fn baskets() -> impl Strategy<Value = Basket> {
    let line = || option::weighted(0.8, 0..1000_i64);
    let counts = prop_oneof![2 => vec(line(), 1), 3 => vec(line(), 2..4), 3 => vec(line(), 4..20)];
    counts.prop_map(|lines| basket(&lines))
}

/// Principals of every role, with and without access to the order.
pub fn people() -> impl Strategy<Value = Principal> {
    let bound_to_m1 = [merchant("m1"), clerk("m1", "s1"), clerk("m1", "s2")];
    let bound_to_m2 = [merchant("m2"), clerk("m2", "s1"), customer("m2", "c1")];
    let customers = [customer("m1", "c1"), customer("m1", "c2")];
    let people = [&bound_to_m1[..], &bound_to_m2, &customers, &[support(), system()]].concat();
    prop_oneof![
        3 => Just(ops()),
        2 => Just(driver("d1")),
        1 => select(vec![driver("d2"), driver("d3")]),
        4 => select(people),
    ]
}

pub fn wishes() -> impl Strategy<Value = Wish> {
    let aims = prop_oneof![
        8 => any::<Index>().prop_map(Aim::Onwards),
        1 => any::<Index>().prop_map(Aim::Step),
        1 => any::<Index>().prop_map(Aim::Status),
        2 => select(&Operation::ALL[..]).prop_map(Aim::Operation),
        3 => Just(Aim::Substitute),
        2 => select(vec![Aim::OpenIssue, Aim::ResolveIssue]),
        1 => select(vec![Aim::CorrectDetails, Aim::EraseDetails]),
        2 => subsequence(vec!["d1", "d2", "d3"], 1..=3)
            .prop_map(|drivers| Aim::Offer(drivers.into_iter().map(driver_id).collect())),
        1 => Just(Aim::Decline),
    ];
    (aims, words(), remarks()).prop_map(|(aim, words, remarks)| Wish { aim, words, remarks })
}

fn words() -> impl Strategy<Value = Words> {
    let stores = || select(vec!["s1", "s2", "s3"]).prop_map(store_id);
    let codes = select(vec![None, Some(CODE), Some("0000")]);
    let drivers = prop_oneof![3 => Just("d1"), 1 => Just("d2"), 1 => Just("d3")];
    let parties = (drivers, stores(), option::of(stores()));
    let texts = (
        select(vec!["flat tyre", "gone home"]),
        codes,
        option::of(Just("with the neighbour")),
        select(vec!["the bag is torn", "all is well again"]),
    );
    let fields = DetailsField::ALL.to_vec();
    let rest = (subsequence(fields, 0..=3), select(&Severity::ALL[..]));
    (prop::bool::weighted(0.2), any::<Index>(), parties, texts, proposals(), rest).prop_map(
        |(plainly, which, (driver, store, reassign_to), texts, proposals, (fields, severity))| {
            let (why, named, note, told) = texts;
            Words {
                plainly,
                which,
                driver: driver_id(driver),
                store,
                reassign_to,
                reason: reason(why),
                proposals,
                code: named.map(code),
                note: note.map(|text| Message::parse(text).unwrap()),
                account: account(told),
                fields,
                severity,
            }
        },
    )
}

/// One or more proposals, seldom more than an order accepts; mostly for existing lines and
/// with valid price differences.
fn proposals() -> impl Strategy<Value = Vec<Proposal>> {
    let lines = prop_oneof![
        1 => vec(0..20_usize, 1..4),
        6 => subsequence((1..4).collect::<Vec<_>>(), 1..3),
        2 => subsequence((1..20).collect::<Vec<_>>(), 1..20),
    ];
    let differences = prop_oneof![2 => Just(0), 1 => -300..300_i64];
    let rest = prop_oneof![1 => (0..3_u32).prop_map(Err), 5 => differences.prop_map(Ok)];
    lines.prop_flat_map(move |lines| {
        let rest = vec(rest.clone(), lines.len());
        rest.prop_map(move |rest| {
            let each = lines.iter().zip(rest);
            each.map(|(line, rest)| match rest {
                Ok(difference) => proposal(*line, difference),
                Err(quantity) => shortage(*line, quantity),
            })
            .collect()
        })
    })
}

fn remarks() -> impl Strategy<Value = Remarks> {
    let notes = option::of(Just("he was rude").prop_map(|text| Note::parse(text).unwrap()));
    let messages = option::of(Just("on my way").prop_map(|text| Message::parse(text).unwrap()));
    (notes, messages, metadata()).prop_map(|(note, message, metadata)| Remarks {
        note,
        message,
        metadata,
    })
}

fn metadata() -> impl Strategy<Value = Metadata> {
    btree_map("[a-c]", "[x-z]{0,2}", 0..3).prop_map(|pairs| Metadata::parse(pairs).unwrap())
}
