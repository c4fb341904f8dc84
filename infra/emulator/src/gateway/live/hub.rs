//! The open connections.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Connection;
use super::room::Room;

/// The open connections of one stage, by id.
#[derive(Debug, Default)]
pub struct Hub {
    open: Mutex<HashMap<String, Arc<Connection>>>,
    room: Room,
}

impl Hub {
    /// Returns the room for the messages of one more connection.
    pub(super) fn room(&self) -> Room {
        self.room.of_another()
    }

    pub(super) fn insert(&self, connection: Arc<Connection>) {
        self.open().insert(connection.id.clone(), connection);
    }

    /// Returns the open connection with that id.
    pub fn get(&self, id: &str) -> Option<Arc<Connection>> {
        self.open().get(id).cloned()
    }

    /// Removes a connection; from now on it is gone.
    pub fn take(&self, id: &str) -> Option<Arc<Connection>> {
        self.open().remove(id)
    }

    /// Removes all connections.
    pub fn take_all(&self) -> Vec<Arc<Connection>> {
        self.open().drain().map(|(_, connection)| connection).collect()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
