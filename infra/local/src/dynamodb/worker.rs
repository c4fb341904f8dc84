//! One thread for one database.
//!
//! The embedded database holds one lock for the whole of each call and blocks,
//! so calls queue here and not on the threads that serve requests.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::Reply;

/// Executes one call, `(target, body)`, and may block.
pub(super) type Execute = Box<dyn FnMut(&str, &[u8]) -> Reply + Send>;

struct Call {
    target: String,
    body: Bytes,
    reply: oneshot::Sender<Reply>,
}

/// The thread; dropping this lets it finish what is queued, and waits for it.
#[derive(Debug)]
pub(super) struct Worker {
    calls: Option<mpsc::Sender<Call>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread; it owns `execute` and, with it, the database.
    pub(super) fn start(mut execute: Execute) -> std::io::Result<Self> {
        let (calls, queue) = mpsc::channel::<Call>();
        let thread = thread::Builder::new().name("dynamodb".to_owned()).spawn(move || {
            while let Ok(Call { target, body, reply }) = queue.recv() {
                let answer = catch_unwind(AssertUnwindSafe(|| execute(&target, &body)))
                    .unwrap_or_else(|panic| panicked(&target, panic.as_ref()));
                // Who asked may have gone; the call counts all the same.
                let _gone = reply.send(answer);
            }
        })?;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Queues a call and waits for its answer. The call is executed even if
    /// this future is dropped.
    pub(super) async fn call(&self, target: String, body: Bytes) -> Reply {
        let (reply, answer) = oneshot::channel();
        if let Some(calls) = &self.calls {
            // A call that cannot be queued is dropped, and its `answer` says so.
            let _ended = calls.send(Call { target, body, reply });
        }
        answer.await.unwrap_or_else(|_| {
            Reply::internal_server_error("The database's thread has ended: start the runner anew")
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.calls.take());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// A panic poisons the database's lock, so calls after it fail as well, each
/// with an answer that says so.
fn panicked(target: &str, panic: &(dyn Any + Send)) -> Reply {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(dynamodb.target = target, panic.message = message, "the database panicked");
    Reply::internal_server_error("The embedded database panicked: start the runner anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_and_the_thread_goes_on() {
        let worker = Worker::start(Box::new(|target, _| match target {
            "bad" => panic!("on purpose"),
            _ => Reply { status: 200, body: Bytes::new() },
        }))
        .unwrap();
        let bad = worker.call("bad".to_owned(), Bytes::new()).await;
        assert_eq!(bad.status, 500);
        assert_eq!(bad.into_result("").unwrap_err().kind, "InternalServerError");
        assert_eq!(worker.call("good".to_owned(), Bytes::new()).await.status, 200);
    }
}
