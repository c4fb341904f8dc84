//! The embedded database in this process: `dynoxide` on SQLite.
//!
//! A file is in WAL mode with `synchronous=FULL`, SQLite's default, which dynoxide does not
//! change: each commit syncs the log to the disk before the response is sent, and survives a
//! power failure. <https://sqlite.org/pragma.html#pragma_synchronous>
//!
//! SQLite is compiled with `SECURE_DELETE` (`.cargo/config.toml`): what is deleted is overwritten,
//! so that an erased name does not stay in a free page. The log still has the page as it was,
//! until the log is written back: at the next start and at the end of this process at the latest.
//! <https://sqlite.org/pragma.html#pragma_secure_delete>

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clock::Clock;
use clock::Timestamp;
use dynoxide::Database;
use random::random_uuid;
use rusqlite::Connection;

use super::worker::{Execute, Worker};
use super::{OpenError, operations};
use crate::private;

/// How long DynamoDB retains a stream record.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>
const STREAM_RETENTION_SECONDS: i64 = 24 * 60 * 60;

/// Without these indexes, each write to a table with a stream scans all records of the stream for
/// the highest sequence number, and each read of the stream sorts them.
const STREAM_INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS waybill_stream_by_table
        ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS waybill_stream_by_shard
        ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));";

/// Opens the database in the file at `path`, for this process alone.
pub(super) fn file(path: &Path, clock: &Clock) -> Result<Arc<Worker>, OpenError> {
    let unwritable = |source| OpenError::Folder { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        private::folder(folder).map_err(unwritable)?;
    }
    let lock = lock(path)?;
    // SQLite gives its log the mode of the database.
    private::open(path, OpenOptions::new().append(true).create(true)).map_err(unwritable)?;
    for of_log in ["-wal", "-shm"] {
        private::close_file(&beside(path, of_log));
    }
    let name = path.to_str().ok_or_else(|| unwritable(ErrorKind::InvalidFilename.into()))?;
    let db = Database::new(name)?;
    prepare_stream(name, clock.now())?;
    write_back(name)?;
    serve(Box::new(move |target, body| {
        let _held_while_open = &lock;
        operations::execute(&db, target, body)
    }))
}

/// Opens an empty database in memory.
pub(super) fn memory(clock: &Clock) -> Result<Arc<Worker>, OpenError> {
    let db = memory_database(clock)?;
    serve(Box::new(move |target, body| operations::execute(&db, target, body)))
}

/// The SQLite connection of an in-memory database is not accessible, so its indexes are restored
/// from an empty template database that has them. The template is in memory too, under a name.
fn memory_database(clock: &Clock) -> Result<Database, OpenError> {
    let name = format!("file:{}?mode=memory&cache=shared", random_uuid().simple());
    let template = Database::new(&name)?;
    prepare_stream(&name, clock.now())?;
    let db = Database::memory_with_clock(Arc::new(DatabaseClock(clock.clone())))?;
    db.restore_from(&name)?;
    drop(template);
    Ok(db)
}

fn serve(execute: Execute) -> Result<Arc<Worker>, OpenError> {
    Worker::start(execute).map(Arc::new).map_err(OpenError::Thread)
}

/// Locks `PATH.lock` until the file is dropped. Two processes on one database would number the
/// stream's records and run the relay independently of each other.
fn lock(path: &Path) -> Result<File, OpenError> {
    let unwritable = |source| OpenError::Folder { path: path.to_owned(), source };
    // Windows locks no file that is open for appending only.
    let options = &mut OpenOptions::new();
    let options = options.read(true).append(true).create(true);
    let file = private::open(&beside(path, ".lock"), options).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(unwritable(source)),
    }
}

/// Returns the path of a file beside the database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Writes the log of a process that was killed back to the file, and truncates the log.
fn write_back(name: &str) -> Result<(), rusqlite::Error> {
    Connection::open(name)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Creates the stream's indexes and deletes the records that DynamoDB would have deleted by now,
/// through a separate connection to the database just opened.
fn prepare_stream(name: &str, now: Timestamp) -> Result<(), rusqlite::Error> {
    let connection = Connection::open(name)?;
    connection.execute_batch(STREAM_INDEXES)?;
    if !overwrites(&connection)? {
        tracing::warn!(
            "erased data stays in the file: this program was built outside of its checkout, \
             without the flag of .cargo/config.toml"
        );
    }
    let oldest_kept = now.epoch_seconds() - STREAM_RETENTION_SECONDS;
    connection.execute("DELETE FROM _stream_records WHERE created_at < ?1", [oldest_kept])?;
    Ok(())
}

/// True if SQLite overwrites what it deletes, on this connection and on dynoxide's, which both keep
/// the default.
fn overwrites(connection: &Connection) -> Result<bool, rusqlite::Error> {
    connection.query_row("PRAGMA secure_delete", [], |row| row.get(0))
}

/// The runner's clock as dynoxide's `Clock`.
struct DatabaseClock(Clock);

impl dynoxide::storage_backend::Clock for DatabaseClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().epoch_seconds()).unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "exact for the next 285,000 years")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().epoch_millis() as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns SQLite's plan to find the highest sequence number of a stream.
    fn plan(path: &Path) -> String {
        let query = "EXPLAIN QUERY PLAN SELECT MAX(CAST(sequence_number AS INTEGER))
            FROM _stream_records WHERE table_name = 't'";
        let connection = Connection::open(path).unwrap();
        connection.query_row(query, [], |row| row.get("detail")).unwrap()
    }

    #[test]
    fn a_file_finds_stream_records_by_index_and_syncs_each_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("waybill.db");
        drop(file(&path, &Clock::system()).unwrap());
        assert!(plan(&path).contains("USING COVERING INDEX"), "{}", plan(&path));

        // `synchronous` belongs to a connection. dynoxide keeps SQLite's default, and so does
        // this connection.
        let connection = Connection::open(&path).unwrap();
        let journal: String =
            connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        let synchronous: i64 =
            connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
        assert_eq!((journal.as_str(), synchronous), ("wal", 2), "2 is FULL");
    }

    #[test]
    fn what_is_deleted_is_overwritten() {
        let connection = Connection::open_in_memory().unwrap();
        let message = "LIBSQLITE3_FLAGS is not set: see .cargo/config.toml";
        assert!(overwrites(&connection).unwrap(), "{message}");
    }

    #[test]
    fn memory_finds_stream_records_by_index() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        memory_database(&Clock::system()).unwrap().vacuum_into(&copy.to_string_lossy()).unwrap();
        assert!(plan(&copy).contains("USING COVERING INDEX"), "{}", plan(&copy));
    }
}
