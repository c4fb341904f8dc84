//! Finds the template and the place of the data.

use std::path::{Path, PathBuf};

use emulator::dynamodb::Storage;

const TEMPLATE: &str = "template.yaml";

/// The error for a missing template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no template.yaml in this folder or above; start in a checkout of Waybill, or name a template \
     with --template"
)]
pub struct NoTemplate;

/// Returns the template that was named, else the one in this folder or the nearest folder above,
/// else the one in the checkout that this program was built in.
pub fn template(named: Option<PathBuf>) -> Result<PathBuf, NoTemplate> {
    let found = named.or_else(|| above(&std::env::current_dir().ok()?)).or_else(|| {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
        Some(checkout.join(TEMPLATE)).filter(|path| path.is_file())
    });
    found.ok_or(NoTemplate)
}

fn above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(TEMPLATE)).find(|path| path.is_file())
}

/// Returns the place of the data; in a folder, the data is one file.
pub(super) fn storage(
    endpoint: Option<String>,
    memory: bool,
    data: Option<PathBuf>,
    template: &Path,
) -> Storage {
    if let Some(url) = endpoint {
        return Storage::Endpoint(url);
    }
    if memory {
        return Storage::Memory;
    }
    let beside = || template.parent().unwrap_or(Path::new("")).join(".waybill");
    Storage::File(data.unwrap_or_else(beside).join("dynamodb.sqlite"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_found_from_any_folder_of_a_checkout() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("infra/local");
        std::fs::create_dir_all(&deep).unwrap();
        let path = root.path().join(TEMPLATE);
        std::fs::write(&path, "").unwrap();
        assert_eq!(above(&deep), Some(path));
    }

    #[test]
    fn the_data_goes_beside_the_template_unless_a_folder_is_named() {
        let file = |data: Option<&str>| {
            let storage =
                storage(None, false, data.map(PathBuf::from), Path::new("/a/template.yaml"));
            let Storage::File(path) = storage else { panic!("{storage:?}") };
            path
        };
        assert_eq!(file(None), Path::new("/a/.waybill/dynamodb.sqlite"));
        assert_eq!(file(Some("/b")), Path::new("/b/dynamodb.sqlite"));
    }
}
