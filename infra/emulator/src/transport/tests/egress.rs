//! Requests to a real server, and their faults.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";
const REST: &[u8] = b"6\r\nsecond\r\n0\r\n\r\n";

/// A server, and the fixture of a function that makes requests to it.
struct World {
    listener: TcpListener,
    url: String,
    fixture: Fixture,
}

async fn world() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?a=1", listener.local_addr().unwrap());
    World { listener, url, fixture: fixture().await }
}

impl World {
    async fn post(&self) -> Result<HttpResponse, ConnectorError> {
        timeout(PATIENCE, self.call()).await.expect("a response or an error")
    }

    fn call(&self) -> HttpConnectorFuture {
        let real = SharedHttpConnector::new(Connector::builder().build_http());
        let connector = self.fixture.transport.egress_for(FUNCTION)(real);
        let request = http::Request::post(&self.url).header("Webhook-Id", "1").body("hello".into());
        connector.call(HttpRequest::try_from(request.unwrap()).unwrap())
    }

    /// Accepts a connection and reads a request that ends with `hello`.
    async fn accept(&self) -> (TcpStream, String) {
        let (mut stream, _) = timeout(PATIENCE, self.listener.accept()).await.unwrap().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"hello") {
            timeout(PATIENCE, stream.read_buf(&mut request)).await.unwrap().unwrap();
        }
        (stream, String::from_utf8(request).unwrap())
    }

    /// Accepts a request and responds to it.
    async fn serve(&self) -> String {
        let (mut stream, request) = self.accept().await;
        stream.write_all(&[HEAD, REST].concat()).await.unwrap();
        request
    }

    /// Returns the number of counted requests since the last call.
    fn counted(&self) -> u64 {
        let usage = self.fixture.meter.take();
        assert!(usage.requests.is_empty());
        usage.egress.get(FUNCTION).copied().unwrap_or_default()
    }
}

/// Returns the next part of a response's body.
async fn part(response: &mut HttpResponse) -> Option<Bytes> {
    let frame = timeout(PATIENCE, response.body_mut().frame()).await.unwrap()?;
    frame.unwrap().into_data().ok()
}

#[tokio::test]
async fn a_request_is_made_and_counted_and_its_response_passed_on_as_it_comes() {
    let world = world().await;
    let ((mut stream, request), response) = tokio::join!(
        async {
            let (mut stream, request) = world.accept().await;
            stream.write_all(HEAD).await.unwrap();
            (stream, request)
        },
        world.post()
    );
    assert!(request.starts_with("POST /hook?a=1 HTTP/1.1\r\n"), "{request}");
    let mut response = response.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(part(&mut response).await.unwrap(), "first", "before the end is sent");
    stream.write_all(REST).await.unwrap();
    assert_eq!(part(&mut response).await.unwrap(), "second");
    assert_eq!(part(&mut response).await, None);
    assert_eq!(world.counted(), 1);
}

#[tokio::test]
async fn faults_are_chosen_by_function_url_headers_and_body() {
    let world = world().await;
    let url = world.url.clone();
    world.fixture.faults.inject(move |call| {
        assert_eq!((call.service(), &*call.function), (Service::Egress, FUNCTION));
        assert_eq!((&*call.target, call.operation()), ("Http.POST", "POST"));
        assert_eq!(call.request["Url"], url);
        assert_eq!(call.request["Headers"]["webhook-id"], "1");
        assert_eq!(call.request["Body"], "hello");
        Some(Fault::Refuse(Reply { status: 429, body: "later".into() }))
    });
    let mut response = world.post().await.unwrap();
    assert_eq!(response.status().as_u16(), 429);
    assert_eq!(part(&mut response).await.unwrap(), "later");

    world.fixture.faults.inject(|_| Some(Fault::Unreachable));
    assert!(world.post().await.unwrap_err().is_io());
    assert_eq!(world.counted(), 0, "nothing was sent");
}

#[tokio::test]
async fn a_lost_response_is_of_a_request_that_was_made() {
    let world = world().await;
    world.fixture.faults.inject(|_| Some(Fault::LoseResponse));
    let (request, response) = tokio::join!(world.serve(), world.post());
    assert!(request.ends_with("hello"));
    assert!(response.unwrap_err().is_timeout());
    assert_eq!(world.counted(), 1);
}

#[tokio::test]
async fn a_request_waits_or_hangs_before_it_is_made() {
    let world = world().await;
    let (open, opened) = watch::channel(false);
    let waiting = opened.clone();
    world.fixture.faults.inject(move |_| (!*waiting.borrow()).then(|| Fault::Wait(opened.clone())));
    let mut post = Box::pin(world.post());
    assert!((&mut post).now_or_never().is_none());
    assert_eq!(world.counted(), 0);
    open.send_replace(true);
    let (_, response) = tokio::join!(world.serve(), post);
    assert_eq!(response.unwrap().status().as_u16(), 200);
    assert_eq!(world.counted(), 1);

    world.fixture.faults.inject(|_| Some(Fault::Hang));
    tokio::time::pause();
    timeout(Duration::from_hours(1), world.call()).await.unwrap_err();
    assert_eq!(world.counted(), 0);
}
