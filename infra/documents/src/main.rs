//! Writes the generated pages into the folder `docs/reference` of the working directory.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    for (name, page) in documents::pages() {
        fs::write(Path::new("docs/reference").join(name), page)?;
    }
    Ok(())
}
