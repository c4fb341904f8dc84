//! Finding orders: lists against a plain model of them, while others write, with
//! cursors of all kinds, and as files.

mod agreement;
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
