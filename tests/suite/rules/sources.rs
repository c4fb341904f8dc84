//! Access to the sources of the checkout.

use std::path::{Path, PathBuf};

/// A Rust file of the checkout.
pub struct Source {
    /// The path from the folder that was read.
    pub path: PathBuf,
    pub text: String,
}

/// Returns the path of a file or folder of the checkout.
pub fn checkout(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Returns every Rust file in a folder of the checkout and in its subfolders.
pub fn rust_files(folder: &str) -> Vec<Source> {
    let root = checkout(folder);
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                let path = path.strip_prefix(&root).expect("a path in the folder").to_owned();
                files.push(Source { path, text });
            }
        }
    }
    assert!(!files.is_empty(), "there is no source in {folder}");
    files
}
