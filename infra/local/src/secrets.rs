//! The secrets that a data folder keeps beside the tables, so that tokens, cursors and the ids of
//! keyed orders outlive a restart.

use std::path::Path;

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

impl Secrets {
    /// Returns the secrets in the data folder, and creates those that are missing. Without a
    /// folder, no secret is kept.
    pub(crate) fn of(folder: Option<&Path>) -> Result<Self, KeyError> {
        let Some(folder) = folder else {
            let signing_key = SigningKey::of_this_process()?;
            return Ok(Self { signing_key, stack_uuid: random_uuid().to_string() });
        };
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
