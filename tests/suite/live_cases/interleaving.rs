//! Holds one function in the middle of its work while others continue.

use std::sync::{Arc, Mutex, PoisonError};

use emulator::transport::Fault;
use tokio::sync::{Notify, watch};

/// A trap for one call of one function. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Hold(Arc<Mutex<Option<Armed>>>);

#[derive(Debug)]
struct Armed {
    function: &'static str,
    /// The number of calls before the one to hold.
    left: usize,
    reached: Arc<Notify>,
    open: watch::Receiver<bool>,
}

/// A held call, or one to be held; it continues when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) reached: Arc<Notify>,
    open: watch::Sender<bool>,
    hold: Hold,
}

impl Hold {
    /// Sets the trap for the function's call after `left` other calls.
    pub(super) fn arm(&self, function: &'static str, left: usize) -> Held {
        let (open, opened) = watch::channel(false);
        let reached = Arc::new(Notify::new());
        let armed = Armed { function, left, reached: Arc::clone(&reached), open: opened };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(armed);
        Held { reached, open, hold: self.clone() }
    }

    /// Returns the fault that holds this call of the function, if it is the one to hold.
    pub(super) fn strike(&self, function: &str) -> Option<Fault> {
        let mut armed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = armed.as_mut().filter(|armed| armed.function == function)?;
        if held.left > 0 {
            held.left -= 1;
            return None;
        }
        let Armed { reached, open, .. } = armed.take()?;
        reached.notify_one();
        Some(Fault::Wait(open))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        *self.hold.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = self.open.send(true);
    }
}
