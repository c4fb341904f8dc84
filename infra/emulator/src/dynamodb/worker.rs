//! A dedicated thread for one database.
//!
//! The embedded database blocks and holds one lock for the whole of each call, so calls queue
//! here instead of blocking the threads that serve requests.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::Reply;

/// Executes one call, `(target, body)`, and may block.
pub(super) type Execute = Box<dyn FnMut(&str, &[u8]) -> Reply + Send>;

enum Request {
    Call { target: String, body: Bytes, reply: oneshot::Sender<Reply> },
    Close { closed: oneshot::Sender<()> },
}

/// The handle of the thread. Dropping it waits until the thread has finished the queued calls.
#[derive(Debug)]
pub(super) struct Worker {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread, which owns `execute` and with it the database.
    pub(super) fn start(mut execute: Execute) -> std::io::Result<Self> {
        let (requests, queue) = mpsc::channel();
        let thread = thread::Builder::new().name("dynamodb".to_owned()).spawn(move || {
            while let Ok(request) = queue.recv() {
                match request {
                    // The caller has gone, so the call is skipped as if it had never arrived:
                    // under load there is no time for calls without a caller.
                    Request::Call { reply, .. } if reply.is_closed() => {}
                    Request::Call { target, body, reply } => {
                        let response = catch_unwind(AssertUnwindSafe(|| execute(&target, &body)))
                            .unwrap_or_else(|panic| panicked(&target, panic.as_ref()));
                        let _gone = reply.send(response);
                    }
                    Request::Close { closed } => {
                        drop(execute);
                        let _gone = closed.send(());
                        return;
                    }
                }
            }
        })?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Queues a call and waits for its reply. If this future is dropped, the call may or may not
    /// be executed, as with a broken connection.
    pub(super) async fn call(&self, target: String, body: Bytes) -> Reply {
        let (reply, response) = oneshot::channel();
        // A call that cannot be queued is dropped with its `reply`, so `response` is an error.
        self.queue(Request::Call { target, body, reply });
        response.await.unwrap_or_else(|_| {
            Reply::internal_server_error("The database's thread has ended; restart the runner")
        })
    }

    /// Waits for the queued calls and closes the database; later calls get an error.
    pub(super) async fn close(&self) {
        let (closed, response) = oneshot::channel();
        self.queue(Request::Close { closed });
        // An error means that the database was already closed.
        let _already = response.await;
    }

    fn queue(&self, request: Request) {
        if let Some(requests) = &self.requests {
            let _ended = requests.send(request);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// Logs a panic and returns the error for it. The panic poisons the database's lock, so later
/// calls fail with the same error.
fn panicked(target: &str, panic: &(dyn Any + Send)) -> Reply {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(dynamodb.target = target, panic.message = message, "the database panicked");
    Reply::internal_server_error("The embedded database panicked; restart the runner")
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

    #[tokio::test]
    async fn closing_drops_the_database_whoever_still_holds_the_worker() {
        let database = std::sync::Arc::new("data");
        let held = std::sync::Arc::clone(&database);
        let worker = Worker::start(Box::new(move |_, _| Reply {
            status: 200,
            body: Bytes::copy_from_slice(held.as_bytes()),
        }))
        .unwrap();
        worker.close().await;
        assert_eq!(std::sync::Arc::strong_count(&database), 1);
        assert_eq!(worker.call("late".to_owned(), Bytes::new()).await.status, 500);
        worker.close().await;
    }
}
