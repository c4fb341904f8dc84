//! Tests of the whole of Waybill from outside: over HTTP and WebSocket, on the embedded DynamoDB
//! or on the one at `DYNAMODB_ENDPOINT`.
#![expect(unreachable_pub, reason = "the harness is public to the suite's other modules")]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod base_path;
mod blanks;
mod clocks;
mod comeback;
mod contract;
mod costs;
mod crash;
mod creation;
mod details;
mod echoes;
mod effects;
mod endings;
mod export;
mod external_ids;
mod grocery;
mod handover;
mod harness;
mod headers;
mod identity;
mod issues;
mod life;
mod lists;
mod live;
mod live_cases;
mod matrix;
mod origins;
mod pasted;
mod permissions;
mod privacy;
mod queries;
mod race;
mod references;
mod refusals;
mod relay;
mod reopen;
mod replays;
mod reports;
mod request_log;
mod restart;
mod resume;
mod rules;
mod settings;
mod snapshots;
mod stored_before;
mod stored_responses;
mod strangers;
mod substitutions;
mod template;
mod terminate;
mod tickets;
mod timeline;
mod transitions;
mod watch;
