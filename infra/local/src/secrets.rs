//! The secrets that a data folder keeps beside the tables, so that tokens, cursors and the ids of
//! keyed orders outlive a restart.

use std::path::Path;

use emulator::dynamodb::Storage;
use random::random_uuid;

use crate::data_folder::{DataFolder, DataFolderError};
use crate::issuer::{KeyError, SigningKey};

/// The secrets of one deployment.
pub(crate) struct Secrets {
    pub(crate) signing_key: SigningKey,
    /// The last part of the stack's id, from which the keys of cursors and of keyed orders' ids are
    /// derived.
    pub(crate) stack_uuid: String,
}

/// The last part of the id of a stack on another DynamoDB. Its tables outlive the process, and no
/// folder keeps a secret, so it is the same each time: otherwise a creation that is retried after a
/// restart would make a second order.
const ON_ANOTHER_DYNAMODB: &str = "00000000-0000-0000-0000-000000000000";

impl Secrets {
    /// Returns the secrets for a storage: those in its data folder, which are created if they are
    /// missing. Without a folder, no secret is kept.
    pub(crate) fn of(storage: &Storage) -> Result<Self, KeyError> {
        if let Some(folder) = storage.folder() {
            return Self::stored(folder);
        }
        let stack_uuid = match storage {
            Storage::Endpoint(_) => ON_ANOTHER_DYNAMODB.to_owned(),
            Storage::File(_) | Storage::Memory => random_uuid().to_string(),
        };
        Ok(Self { signing_key: SigningKey::of_this_process()?, stack_uuid })
    }

    fn stored(folder: &Path) -> Result<Self, KeyError> {
        let data_folder = DataFolder::new(folder);
        let uuid = data_folder.secret("stack.id", || {
            Ok::<_, DataFolderError>(random_uuid().to_string().into_bytes())
        })?;
        Ok(Self {
            signing_key: SigningKey::stored(&data_folder)?,
            stack_uuid: String::from_utf8_lossy(&uuid).into_owned(),
        })
    }
}
