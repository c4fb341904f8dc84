//! Data that outlives its runner.

use clock::Clock;
use emulator::dynamodb::Storage;
use random::random_uuid;
use tempfile::TempDir;

use crate::harness::{App, storage};

/// A stack whose runner can be restarted with another number of partitions.
pub(super) struct Stack {
    _folder: TempDir,
    storage: Storage,
    name: String,
}

impl Stack {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = match storage() {
            storage @ Storage::Endpoint(_) => storage,
            Storage::File(_) | Storage::Memory => Storage::File(folder.path().join("db.sqlite")),
        };
        Self { _folder: folder, storage, name: format!("t{}", random_uuid().simple()) }
    }

    /// Starts a runner with this value of the template's parameter `OrderShards`.
    pub(super) async fn start(&self, shards: &str, clock: Clock) -> App {
        App::start_with(|options| {
            options.storage = self.storage.clone();
            options.stack.clone_from(&self.name);
            options.clock = clock;
            shards.clone_into(&mut options.order_shards);
        })
        .await
    }
}
