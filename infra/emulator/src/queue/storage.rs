//! The storage of a queue's messages. It is not bounded, neither in number nor in time: each
//! message is a change that a client was not notified of, and only the person who has dealt with
//! it should delete it.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::QueueMessage;
use crate::private;

/// The messages of one queue.
#[derive(Debug)]
pub(super) enum MessageStorage {
    /// Lost when the runner ends.
    Memory(Mutex<Vec<QueueMessage>>),
    /// In this file, one JSON object per line; the file is created for the first message.
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

    /// Adds a message. In a file, it survives a kill or a power failure.
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

    /// Returns all messages in the order of their arrival.
    pub(super) fn all(&self) -> io::Result<Vec<QueueMessage>> {
        match self {
            Self::Memory(messages) => Ok(held(messages).clone()),
            Self::File { path, .. } => match fs::read(path) {
                // A truncated line was not acknowledged to its sender, so it is skipped.
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

/// Appends a line, starting a new one if a kill or a full disk truncated the last.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private::folder(folder)?;
    }
    let mut file = private::open(path, OpenOptions::new().read(true).append(true).create(true))?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let mend = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{mend}{line}\n").as_bytes())?;
    file.sync_data()
}
