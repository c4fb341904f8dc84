//! Tasks that run until they are asked to end.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

/// How long tasks that are asked to end may take.
pub(super) const END_LIMIT: Duration = Duration::from_secs(10);

/// A group of tasks. Dropping it asks them to end and does not wait.
pub(super) struct Tasks {
    stop: CancellationToken,
    running: TaskTracker,
}

impl Tasks {
    pub(super) fn new() -> Self {
        Self { stop: CancellationToken::new(), running: TaskTracker::new() }
    }

    /// Runs the task that `start` makes of the sign to end.
    pub(super) fn spawn<F>(&self, start: impl FnOnce(WaitForCancellationFutureOwned) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.running.spawn(start(self.stop.clone().cancelled_owned()));
    }

    /// Asks the tasks to end and waits for them; `false` if some take too long.
    pub(super) async fn end(self) -> bool {
        self.stop.cancel();
        self.running.close();
        timeout(END_LIMIT, self.running.wait()).await.is_ok()
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
