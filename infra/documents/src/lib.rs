//! Documents generated from the code: the API explorer of the runner (`/docs`) and the generated
//! pages of `docs/reference`.

mod document;
pub mod errors;
pub mod explorer;
pub mod http;
mod schema;
pub mod webhooks;
pub mod workflows;

/// Returns the generated pages of `docs/reference`: file name and content.
pub fn pages() -> [(&'static str, String); 4] {
    [
        ("errors.md", errors::page()),
        ("http.md", http::page()),
        ("webhooks.md", webhooks::page()),
        ("workflows.md", workflows::page()),
    ]
}
