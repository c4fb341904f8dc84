//! Requests to `@connections`, and their faults.

use std::time::Duration;

use tokio::time::timeout;

use super::*;

const CONNECTIONS: &str = "https://live.execute-api.local.amazonaws.com/stage/@connections";

async fn send(
    fixture: &Fixture,
    method: &str,
    uri: &str,
    body: &'static str,
) -> Result<(u16, String), ConnectorError> {
    let client =
        FunctionClient { function: FUNCTION.to_owned(), transport: fixture.transport.clone() };
    let request = http::Request::builder().method(method).uri(uri).body(body.into()).unwrap();
    let response = client.call(HttpRequest::try_from(request).unwrap()).await?;
    let body = String::from_utf8_lossy(response.body().bytes().unwrap()).into_owned();
    Ok((response.status().as_u16(), body))
}

async fn post(fixture: &Fixture, id: &str) -> Result<(u16, String), ConnectorError> {
    send(fixture, "POST", &format!("{CONNECTIONS}/{id}"), "hello").await
}

#[tokio::test]
async fn what_a_policy_allows_is_handed_on() {
    let fixture = fixture().await;
    assert_eq!(post(&fixture, "abc").await.unwrap().0, 200);
    let other = CONNECTIONS.replace("stage", "other");
    for (method, uri) in [("DELETE", CONNECTIONS), ("POST", &other)] {
        let (status, body) = send(&fixture, method, &format!("{uri}/abc"), "").await.unwrap();
        assert_eq!(status, 403);
        assert!(body.contains("AccessDeniedException"), "{body}");
    }
    let managed = fixture.managed.lock().unwrap();
    assert_eq!(*managed, [format!("POST {CONNECTIONS}/abc")]);
}

#[tokio::test]
async fn faults_are_chosen_by_operation_connection_and_body() {
    let fixture = fixture().await;
    fixture.faults.inject(|call| {
        assert_eq!((call.service(), call.function.as_str()), (Service::Connections, FUNCTION));
        let posts = call.operation() == "PostToConnection" && call.request["Data"] == "hello";
        match call.request["ConnectionId"].as_str().unwrap() {
            "gone=" if posts => Some(Fault::gone()),
            "slow" if posts => Some(Fault::limit_exceeded()),
            "broken" if posts => Some(Fault::internal_server_error()),
            _ => None,
        }
    });
    for (id, status, kind) in [
        ("gone%3D", 410, "GoneException"),
        ("slow", 429, "LimitExceededException"),
        ("broken", 500, "InternalServerError"),
    ] {
        let (actual, body) = post(&fixture, id).await.unwrap();
        assert_eq!(actual, status);
        assert!(body.contains(kind), "{body}");
    }
    assert!(fixture.managed.lock().unwrap().is_empty());
    assert_eq!(post(&fixture, "well").await.unwrap().0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_response_is_lost_or_never_comes() {
    let fixture = fixture().await;
    fixture.faults.inject(|_| Some(Fault::Hang));
    let patience = Duration::from_mins(10);
    timeout(patience, post(&fixture, "abc")).await.unwrap_err();
    assert!(fixture.managed.lock().unwrap().is_empty());

    fixture.faults.inject(|_| Some(Fault::LoseResponse));
    assert!(post(&fixture, "abc").await.unwrap_err().is_timeout());
    assert_eq!(fixture.managed.lock().unwrap().len(), 1);
}
