//! One function held back in the middle of what it does, while others go on.

use std::sync::{Arc, Mutex, PoisonError};

use emulator::transport::Fault;
use tokio::sync::{Notify, watch};

/// Holds one call of one function, the next time that it makes so many.
#[derive(Clone, Debug, Default)]
pub(super) struct Hold(Arc<Mutex<Option<Armed>>>);

#[derive(Debug)]
struct Armed {
    function: &'static str,
    /// How many calls it makes before.
    left: usize,
    reached: Arc<Notify>,
    open: watch::Receiver<bool>,
}

/// What is held goes on when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) reached: Arc<Notify>,
    open: watch::Sender<bool>,
    hold: Hold,
}

impl Hold {
    /// The function is held at the call after so many.
    pub(super) fn arm(&self, function: &'static str, left: usize) -> Held {
        let (open, opened) = watch::channel(false);
        let reached = Arc::new(Notify::new());
        let armed = Armed { function, left, reached: Arc::clone(&reached), open: opened };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(armed);
        Held { reached, open, hold: self.clone() }
    }

    /// What becomes of a call of that function.
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
