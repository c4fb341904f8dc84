//! Log lines in which a text of a request cannot pass for another line or another text.

use std::fmt::Write as _;
use std::io::{self, Write};

/// A writer of lines that escapes, as JSON does, every character that is not printed as itself:
/// line breaks within the line, controls of the terminal, and marks that turn the direction of
/// writing. Each line is one `write`, as of a subscriber of `tracing`.
#[derive(Debug)]
pub struct Escaped<W>(pub W);

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(escaped(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn escaped(line: &str) -> String {
    let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
    let mut safe = String::with_capacity(line.len());
    for c in text.chars() {
        if is_printed(c) {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // A `String` takes everything.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe + end
}

/// True for a character that Rust's `Debug` leaves as it is, and for what it quotes.
fn is_printed(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::{self, MakeWriter};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    const HOSTILE: &str =
        "a\nb\r\u{1b}[31m\u{7}\u{7f}\u{85}\u{9b}\u{202e}\u{2028}\u{2066}\u{200b}\u{e0001}z";

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Log {
        type Writer = Escaped<Self>;

        fn make_writer(&'a self) -> Escaped<Self> {
            Escaped(self.clone())
        }
    }

    /// Logs a hostile text in every way, and returns the lines.
    fn logged(is_json: bool) -> Vec<String> {
        let log = Log::default();
        let layer = fmt::layer().with_writer(log.clone()).without_time();
        let write = || {
            let _span = tracing::info_span!("span", text = %HOSTILE).entered();
            tracing::info!(text = %HOSTILE, "displayed");
            tracing::info!(text = ?HOSTILE, "debugged");
            tracing::info!(text = HOSTILE, "recorded");
            tracing::info!("{HOSTILE}");
        };
        if is_json {
            let log = tracing_subscriber::registry().with(layer.json().flatten_event(true));
            tracing::subscriber::with_default(log, write);
        } else {
            tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), write);
        }
        let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(written.ends_with('\n'), "{written:?}");
        written.split_terminator('\n').map(str::to_owned).collect()
    }

    #[test]
    fn a_hostile_text_stays_within_its_line() {
        for is_json in [false, true] {
            let lines = logged(is_json);
            assert_eq!(lines.len(), 4, "{lines:#?}");
            for line in &lines {
                assert!(line.chars().all(is_printed), "{line:?}");
            }
        }
    }

    #[test]
    fn a_line_of_json_means_the_same() {
        for (line, key) in logged(true).iter().zip(["text", "", "text", "message"]) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(key.is_empty() || line[key] == HOSTILE, "{line}");
        }
    }

    #[test]
    fn a_text_that_is_printed_is_left_as_it_is() {
        for line in ["", "\n", "{\"a\": \"b\\\\'c\"}\n", "Zoë ☂ 🚲 עברית عربي 東京\n"]
        {
            assert_eq!(escaped(line), line);
        }
        assert_eq!(escaped("a\n\n"), "a\\u000a\n");
        assert_eq!(escaped("\u{e0001}"), "\\udb40\\udc01");
    }
}
