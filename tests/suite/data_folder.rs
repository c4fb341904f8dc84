//! The runner's data folder: its files are their owner's alone, and what is erased is in none of
//! them.

use std::fs;
use std::path::{Path, PathBuf};

use emulator::dynamodb::Storage;

use crate::harness::{App, Change, id_of, marked};

async fn start(folder: &Path) -> App {
    let file = folder.join("dynamodb.sqlite");
    App::start_with(|options| {
        options.storage = Storage::File(file);
        "waybill".clone_into(&mut options.stack);
    })
    .await
}

/// Returns every file and folder in this folder.
fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|it| if it.is_dir() { [inside(&it), vec![it]].concat() } else { vec![it] })
        .collect()
}

/// Returns the files that contain this text.
fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let has = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a file");
        bytes.windows(text.len()).any(|it| it == text.as_bytes())
    };
    inside(folder).into_iter().filter(|path| path.is_file() && has(path)).collect()
}

/// The log has pages as they were before the erasure, until it is written back at the end.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_in_no_file() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    let app = start(&folder).await;
    let ops = app.ops().await;
    let id = id_of(&ops.create(&marked::order()).await.expect(201));
    let mut large = marked::order();
    large["external_id"] = "large".into();
    large["addresses"]["dropoff"] = format!("{} marked-person-end", "a".repeat(400)).into();
    let item = large["items"][0].clone();
    large["items"] = vec![item; 100].into();
    let large = id_of(&ops.create(&large).await.expect(201));
    app.runner.shutdown().await;
    assert_eq!(files_with(&folder, marked::PERSONAL), [folder.join("dynamodb.sqlite")]);

    let app = start(&folder).await;
    let ops = app.ops().await;
    for id in [id, large] {
        ops.change_status(&id, "cancelled").await.expect(200);
        Change::erase_details().ask(&ops, &id).await.expect(200);
    }
    app.runner.shutdown().await;
    assert_eq!(files_with(&folder, marked::PERSONAL), Vec::<PathBuf>::new());
    assert_eq!(files_with(&folder, marked::MARK).len(), 1, "the history is kept");
}

/// The files of an earlier version are open to all.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let assert_closed = |folder: &Path| {
        let paths = [inside(folder), vec![folder.to_owned()]].concat();
        for path in &paths {
            let mode = fs::metadata(path).expect("a file").permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        }
        assert!(paths.len() >= 5, "{paths:?}");
    };
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    let app = start(&folder).await;
    app.place_order().await;
    assert_closed(&folder);
    app.runner.shutdown().await;
    // Secrets have always been closed.
    let is_secret = |path: &PathBuf| path.ends_with("issuer.key") || path.ends_with("stack.id");
    for path in inside(&folder).into_iter().filter(|it| it.is_file() && !is_secret(it)) {
        fs::set_permissions(path, PermissionsExt::from_mode(0o644)).expect("our file");
    }
    let app = start(&folder).await;
    app.place_order().await;
    assert_closed(&folder);
    app.runner.shutdown().await;
}
