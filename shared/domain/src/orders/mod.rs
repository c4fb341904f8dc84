//! Orders: commands, decisions, events, and the state that the events produce.

mod basket;
mod command;
mod create;
mod deadline;
mod decide;
mod details;
mod dispatch;
mod effect;
mod event;
mod evolve;
mod fact;
mod filter;
mod handover;
mod issue;
mod needs;
mod offer;
mod order;
mod placed;
mod rejection;
mod seen;
mod terms;
mod trips;

pub use basket::{
    Basket, MAX_SUBSTITUTE_BYTES, MAX_SUBSTITUTIONS_PER_LINE, MAX_TOTAL, Substitution,
};
pub use command::{Action, Command, Context, InPlace, Remarks};
pub use create::{NewOrder, UnfitField, create, may_create, unfit_fields};
pub use deadline::Deadline;
pub use decide::{
    MAX_ESTIMATES, News, Searched, Sighting, Silence, decide, due, facts, needs_of_round,
    needs_when_due, round, tell,
};
pub use details::{
    Addresses, CorrectedDetails, Correction, Customer, Details, DetailsChange, DetailsField,
    ItemCorrection, LineItem, MAX_ITEMS,
};
pub use dispatch::{Dispatch, DispatchMode, DispatchTask, FleetChoice, NextDispatch, Round};
pub use effect::{Decision, Effect, EffectItem, OrderEffect, netted};
pub use event::{CorrectedLine, Created, Event, EventData, Via};
pub(super) use evolve::fold_step_by_step;
pub use evolve::{FoldError, evolve, fold};
pub use fact::{Arrived, Fact, GpsGap, Told};
pub use filter::{Direction, Filter, ForAnother, MAX_LISTED_DAYS, OrderState};
pub use handover::{Handover, MAX_REFUSALS};
pub use issue::{
    Author, Description, Issue, IssueKind, MAX_ISSUES_OF_AUTHOR, MAX_ISSUES_OF_PARTIES,
};
pub use needs::{Known, Needs};
pub use offer::{MAX_OFFERED, Offer, OfferEnd, OfferTime, Offering};
pub use order::{Order, Version};
pub use placed::Placed;
pub use rejection::{Allowed, Rejection};
pub(crate) use seen::is_its_driver;
pub use seen::{may_ask, sees};
pub use terms::{Autopilot, Limit, Limits, PositionsFrom, Terms, Unanswered};
pub use trips::{Trip, trips};
