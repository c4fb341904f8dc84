//! The secrets that the runner keeps between starts. Each is a file in the data folder, beside
//! the tables, that only its owner may read.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use emulator::private;

/// A folder that stores secrets.
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

/// The error of a secret that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot store {}: {source}", path.display())]
pub struct DataFolderError {
    path: PathBuf,
    source: io::Error,
}

impl DataFolder {
    /// Returns the data folder at this path, which is created with its first secret.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Returns the secret of that name, and creates it with `make` if there is none.
    pub fn secret<E: From<DataFolderError>>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let path = self.0.join(name);
        let failed = |source| DataFolderError { path: path.clone(), source };
        match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secret = make()?;
                write_private(&path, &secret).map_err(failed)?;
                Ok(secret)
            }
            read => Ok(read.map_err(failed)?),
        }
    }
}

/// Writes to a temporary file and renames it, so that a killed process leaves no partial secret.
fn write_private(path: &Path, secret: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private::folder(folder)?;
    }
    let temporary = path.with_extension("new");
    let options = &mut OpenOptions::new();
    let mut file = private::open(&temporary, options.write(true).create(true).truncate(true))?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data_folder = DataFolder::new(&folder.path().join("data"));
        let secret =
            |value: &[u8]| data_folder.secret("s.key", || Ok::<_, DataFolderError>(value.to_vec()));
        assert_eq!(secret(b"first").unwrap(), b"first");
        assert_eq!(secret(b"second").unwrap(), b"first");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join("data/s.key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let mode = fs::metadata(folder.path().join("data")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }
}
