//! The file of a queue's messages: a journal to which each change is appended as a line. The last
//! line about a message holds, so a message that was never received has one line, the message.
//!
//! The file is not bounded while the runner runs; the lines of deleted messages are removed when it
//! is read. A message without a consumer is kept without end: only the person who has dealt with it
//! should delete it.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use super::QueueMessage;
use crate::private;

/// A message with the time from which it can be received.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Stored {
    #[serde(flatten)]
    pub(super) message: QueueMessage,
    /// `None` for a message that could be received when it was sent.
    #[serde(rename = "VisibleAt", skip_serializing_if = "Option::is_none")]
    pub(super) visible_at: Option<Timestamp>,
}

/// A change of a queue.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Line {
    /// The message with this id was deleted.
    Deleted {
        #[serde(rename = "Deleted")]
        id: String,
    },
    /// The message was sent or received.
    Stored(Stored),
}

/// The storage of the messages of one queue.
#[derive(Debug)]
pub(super) enum Journal {
    /// None: the messages are lost when the runner ends.
    Memory,
    /// This file, which is created for the first message.
    File(PathBuf),
}

impl Journal {
    /// Reads the messages in the order of their arrival, and removes superseded lines from the
    /// file. A truncated line was not acknowledged to its sender, so it is skipped.
    pub(super) fn read(&self) -> io::Result<Vec<Stored>> {
        let Self::File(path) = self else { return Ok(Vec::new()) };
        let lines = match fs::read(path) {
            Ok(lines) => lines,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let lines = lines.split(|byte| *byte == b'\n');
        let lines: Vec<Line> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        let written = lines.len();
        let messages = replayed(lines);
        if messages.len() < written {
            rewrite(path, &messages)?;
        }
        Ok(messages)
    }

    /// Appends messages that were sent. In a file, they survive a kill or a power failure.
    pub(super) fn add(&self, messages: &[Stored]) -> io::Result<()> {
        self.append(messages)?.map_or(Ok(()), |file| file.sync_data())
    }

    /// Appends changes of messages that were sent before. A power failure may undo them: then the
    /// messages are received again, as SQS allows at any time.
    pub(super) fn note(&self, lines: &[Line]) -> io::Result<()> {
        self.append(lines).map(|_| ())
    }

    /// Appends lines, starting a new one if a kill or a full disk truncated the last.
    fn append(&self, lines: &[impl Serialize]) -> io::Result<Option<fs::File>> {
        let Self::File(path) = self else { return Ok(None) };
        if lines.is_empty() {
            return Ok(None);
        }
        if let Some(folder) = path.parent() {
            private::folder(folder)?;
        }
        let options = &mut OpenOptions::new();
        let mut file = private::open(path, options.read(true).append(true).create(true))?;
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        let mend = if last == [b'\n'] { "" } else { "\n" };
        file.write_all(format!("{mend}{}", text(lines)?).as_bytes())?;
        Ok(Some(file))
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory, lost when the runner stops"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Returns the messages that are left after all changes.
fn replayed(lines: Vec<Line>) -> Vec<Stored> {
    let mut messages = BTreeMap::new();
    let mut places = HashMap::new();
    for (line, place) in lines.into_iter().zip(0_u64..) {
        match line {
            Line::Deleted { id } => {
                places.remove(&id).and_then(|place| messages.remove(&place));
            }
            Line::Stored(stored) => {
                let place = *places.entry(stored.message.id.clone()).or_insert(place);
                messages.insert(place, stored);
            }
        }
    }
    messages.into_values().collect()
}

/// Replaces the file by one with these messages. A kill leaves the old one or the new one.
fn rewrite(path: &Path, messages: &[Stored]) -> io::Result<()> {
    let new = path.with_extension("new");
    let options = &mut OpenOptions::new();
    let mut file = private::open(&new, options.write(true).truncate(true).create(true))?;
    file.write_all(text(messages)?.as_bytes())?;
    file.sync_data()?;
    fs::rename(new, path)
}

fn text(lines: &[impl Serialize]) -> io::Result<String> {
    lines.iter().map(|line| Ok(serde_json::to_string(line)? + "\n")).collect()
}
