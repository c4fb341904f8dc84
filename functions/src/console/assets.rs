//! The files of `infra/dashboard`, and those of the JavaScript client, which the pages use as they
//! are.

use std::sync::Arc;

use http_api::etag_of_body;

/// The start page.
pub(super) const START: &str = include_str!("../../../infra/dashboard/index.html");

/// The page of operations and support.
pub(super) const OPS: &str = include_str!("../../../infra/dashboard/ops.html");

const JS: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// A file that pages load.
#[derive(Clone, Copy)]
pub(super) struct File {
    name: &'static str,
    pub(super) kind: &'static str,
    pub(super) content: &'static [u8],
}

/// Declares a file by its name and its path from the root of the repository.
macro_rules! file {
    ($kind:ident $folder:literal $name:literal) => {
        File {
            name: $name,
            kind: $kind,
            content: include_bytes!(concat!("../../../", $folder, "/", $name)),
        }
    };
}

const FILES: [File; 11] = [
    file!(CSS "infra/dashboard" "console.css"),
    file!(JS "infra/dashboard" "ops.js"),
    file!(JS "infra/dashboard" "session.js"),
    file!(JS "infra/dashboard" "list.js"),
    file!(JS "infra/dashboard" "detail.js"),
    file!(JS "infra/dashboard" "elements.js"),
    file!(JS "clients/js" "live.js"),
    file!(JS "clients/js" "follower.js"),
    file!(JS "clients/js" "feed.js"),
    file!(JS "clients/js" "list-feed.js"),
    file!(JS "clients/js" "order-feed.js"),
];

/// The files under the version of their content.
#[derive(Clone)]
pub(super) struct Assets {
    version: Arc<str>,
}

impl Assets {
    pub(super) fn new() -> Self {
        let all: Vec<_> = FILES.iter().flat_map(|file| file.content).copied().collect();
        let tag = etag_of_body(None, &all);
        let version = tag.to_str().unwrap_or_default().trim_matches(['"', '.']);
        Self { version: version.into() }
    }

    /// Returns a file; `None` for another version's, so that a page never mixes two versions.
    pub(super) fn get(&self, version: &str, name: &str) -> Option<File> {
        FILES.into_iter().find(|file| file.name == name).filter(|_| *self.version == *version)
    }

    /// Returns a page that names the files of this version. Its links are relative, so that they
    /// also lead behind the base path of a custom domain.
    pub(super) fn page(&self, template: &str) -> String {
        template.replace("{version}", &self.version)
    }

    /// Returns the names of all files, with their content.
    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
        FILES.into_iter().map(|file| (file.name, file.content))
    }
}
