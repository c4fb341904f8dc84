//! The explorer's files are served, and the page loads no others.

use axum::body::{Body, to_bytes};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{Request, StatusCode};
use tower::ServiceExt;

use super::routes;

async fn get(path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = routes().oneshot(request).await.expect("a response");
    let (head, body) = response.into_parts();
    let kind = head.headers.get(CONTENT_TYPE).map(|it| it.to_str().expect("text").to_owned());
    if head.status == StatusCode::OK {
        let policy = head.headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none';"), "{path}: {policy}");
    }
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    (head.status, kind.unwrap_or_default(), String::from_utf8_lossy(&body).into_owned())
}

/// Returns the values of an attribute, in order.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    let found = page.match_indices(&begin).map(|(at, _)| &page[at + begin.len()..]);
    found.filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn the_page_loads_only_files_of_the_runner() {
    let (status, kind, page) = get("/docs").await;
    assert_eq!((status, &*kind), (StatusCode::OK, "text/html; charset=utf-8"));
    let loaded: Vec<_> = [values(&page, "src"), values(&page, "href")].concat();
    let documents = ["/openapi.json", "/asyncapi.json"];
    let (links, files): (Vec<_>, Vec<_>) =
        loaded.into_iter().partition(|path| documents.contains(path));
    assert_eq!(links, documents);
    assert_eq!(files.len(), 4, "{files:?}");
    for path in files {
        let (status, kind, body) = get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(kind.starts_with("text/css") || kind.starts_with("text/javascript"), "{kind}");
        assert!(!body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn another_file_of_the_archive_is_not_served() {
    assert_eq!(get("/docs/package.json").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get("/docs/../package.json").await.0, StatusCode::NOT_FOUND);
}
