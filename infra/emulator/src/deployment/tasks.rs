//! Tasks that run until they are asked to stop.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

/// How long tasks may take to end after they are asked to.
pub(super) const END_LIMIT: Duration = Duration::from_secs(10);

/// A group of tasks. Dropping it asks them to stop and does not wait for them.
pub(super) struct Tasks {
    stop: CancellationToken,
    running: TaskTracker,
}

impl Tasks {
    pub(super) fn new() -> Self {
        Self { stop: CancellationToken::new(), running: TaskTracker::new() }
    }

    /// Spawns the task that `start` creates from the stop signal.
    pub(super) fn spawn<F>(&self, start: impl FnOnce(WaitForCancellationFutureOwned) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.running.spawn(start(self.stop.clone().cancelled_owned()));
    }

    /// Asks the tasks to stop and waits for them; returns `false` if some exceed [`END_LIMIT`].
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
