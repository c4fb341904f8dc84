//! Folders and files that belong to their owner alone: on Unix, other users of the machine cannot
//! read the files, nor list a folder that is created here.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// The mode of a folder on Unix.
const FOLDER: u32 = 0o700;
/// The mode of a file on Unix.
const FILE: u32 = 0o600;

/// Creates a folder with its parents. A folder that exists keeps its mode, because it may be one
/// that others need, such as `/tmp`.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER);
    builder.create(path)
}

/// Opens a file, creating it if `options` say so, and takes it from other users.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, FILE);
    let file = options.open(path)?;
    close(&file, path);
    Ok(file)
}

/// Takes a file from other users, if there is one.
pub fn close_file(path: &Path) {
    if let Ok(file) = File::open(path) {
        close(&file, path);
    }
}

/// Some file systems have no modes, so a failure only warns.
#[cfg(unix)]
fn close(file: &File, path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let closed = file.metadata().and_then(|metadata| {
        let is_closed = metadata.permissions().mode() & 0o777 & !FILE == 0;
        if is_closed { Ok(()) } else { file.set_permissions(PermissionsExt::from_mode(FILE)) }
    });
    if let Err(error) = closed {
        tracing::warn!(path = %path.display(), %error, "other users may be able to read this path");
    }
}

#[cfg(not(unix))]
fn close(_: &File, _: &Path) {}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> Option<u32> {
        fs::metadata(path).ok().map(|it| it.permissions().mode() & 0o777)
    }

    #[test]
    fn a_new_folder_and_every_file_are_their_owners_alone() {
        let root = tempfile::tempdir().unwrap();
        let (outer, inner) = (root.path().join("outer"), root.path().join("outer/inner"));
        let (new, old) = (inner.join("new"), inner.join("old"));
        folder(&inner).unwrap();
        open(&new, OpenOptions::new().append(true).create(true)).unwrap();
        assert_eq!([&outer, &inner, &new].map(|it| mode(it)), [0o700, 0o700, 0o600].map(Some));
        fs::write(&old, "old").unwrap();
        for (path, open) in [(&inner, 0o755), (&old, 0o644), (&new, 0o666)] {
            fs::set_permissions(path, PermissionsExt::from_mode(open)).unwrap();
        }
        folder(&inner).unwrap();
        open(&new, OpenOptions::new().append(true)).unwrap();
        close_file(&old);
        close_file(&inner.join("none"));
        assert_eq!([&inner, &new, &old].map(|it| mode(it)), [0o755, 0o600, 0o600].map(Some));
        assert_eq!(fs::read(&old).unwrap(), b"old");
    }
}
