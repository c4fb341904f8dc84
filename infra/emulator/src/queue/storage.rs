//! Where a queue's messages are kept. There is no bound, neither in number nor
//! in time: each message is a change that somebody was not told of, and deleting
//! it is for whoever has seen to that.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::QueueMessage;

/// The messages of one queue.
#[derive(Debug)]
pub(super) enum MessageStorage {
    /// Gone when the runner ends.
    Memory(Mutex<Vec<QueueMessage>>),
    /// In this file, one JSON object a line; it is made for the first message.
    File {
        path: PathBuf,
        /// Held while a line is added.
        adding: Mutex<()>,
    },
}

impl MessageStorage {
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        match file {
            Some(path) => Self::File { path, adding: Mutex::default() },
            None => Self::Memory(Mutex::default()),
        }
    }

    /// Adds a message; a kill or a power failure does not lose it any more.
    pub(super) fn add(&self, message: &QueueMessage) -> io::Result<()> {
        match self {
            Self::Memory(messages) => {
                held(messages).push(message.clone());
                Ok(())
            }
            Self::File { path, adding } => {
                let _adding = held(adding);
                append(path, &serde_json::to_string(message)?)
            }
        }
    }

    /// All messages, in the order in which they came.
    pub(super) fn all(&self) -> io::Result<Vec<QueueMessage>> {
        match self {
            Self::Memory(messages) => Ok(held(messages).clone()),
            Self::File { path, .. } => match fs::read(path) {
                // A line that was cut short was not acknowledged to its sender.
                Ok(lines) => Ok(lines
                    .split(|byte| *byte == b'\n')
                    .filter_map(|line| serde_json::from_slice(line).ok())
                    .collect()),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
                Err(error) => Err(error),
            },
        }
    }
}

impl fmt::Display for MessageStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(_) => f.write_str("memory, lost when the runner stops"),
            Self::File { path, .. } => path.display().fmt(f),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a line, also behind one that a kill or a full disk cut short.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let mend = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{mend}{line}\n").as_bytes())?;
    file.sync_data()
}
