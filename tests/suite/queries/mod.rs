//! Queries of orders: lists compared with a simple model, lists during writes, cursors, exports,
//! and reports.

mod agreement;
mod closing;
mod cursors;
mod days;
mod export;
mod meanwhile;
mod model;
mod question;
mod service_levels;
mod stability;
mod stack;
mod unread;
mod walk;
mod world;
