//! Prints docs/workflows.md.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().lock().write_all(documents::workflows::page().as_bytes())
}
