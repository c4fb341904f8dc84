//! Clients of a gateway over functions made for the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{Method, StatusCode};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use shared::domain::time::Timestamp;
use shared::edge::Clock;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message, protocol::CloseFrame};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Hub, LiveGateway};
use crate::invoke::{Function, Functions, Handler};
use crate::template::{LiveRoute, WebSocketApi};

const PATIENCE: Duration = Duration::from_secs(10);

/// A WebSocket API whose functions answer what `answers` says, by their names.
struct Api {
    address: SocketAddr,
    hub: Arc<Hub>,
    gateway: Arc<LiveGateway>,
    /// The events that the functions were called with, with their names.
    events: mpsc::UnboundedReceiver<(&'static str, Value)>,
}

type Answers = fn(&str, &Value) -> Result<Value, &'static str>;

async fn api(answers: Answers) -> Api {
    let clock = Clock::new(|| Timestamp::from_epoch_seconds(1_000).unwrap());
    let (record, events) = mpsc::unbounded_channel();
    let mut functions = Functions::default();
    for name in ["authorize", "connect", "message", "silent"] {
        let record = record.clone();
        let answer = service_fn(move |event: LambdaEvent<Value>| {
            record.send((name, event.payload.clone())).ok();
            let answer = answers(name, &event.payload).map_err(Error::from);
            async { answer }
        });
        functions.insert(name, Function::for_test(Handler::event(answer), clock.clone()));
    }
    let route = |function: &str, responds| LiveRoute { function: function.into(), responds };
    let routes = [
        ("$connect", route("connect", false)),
        ("$disconnect", route("connect", false)),
        ("$default", route("message", true)),
        ("quiet", route("silent", false)),
    ];
    let api = WebSocketApi {
        id: "liveapi".into(),
        stage: "live".into(),
        selector: "action".into(),
        routes: routes.map(|(key, route)| (key.to_owned(), route)).into(),
        authorizer: Some("authorize".into()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hub = Arc::new(Hub::default());
    let gateway = Arc::new(LiveGateway::new(api, functions, address, clock, Arc::clone(&hub)));
    let app = Router::new().fallback(open).with_state(Arc::clone(&gateway));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(listener, app).await });
    Api { address, hub, gateway, events }
}

async fn open(
    State(gateway): State<Arc<LiveGateway>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> axum::response::Response {
    gateway.answer(request, client.ip()).await
}

/// Lets everybody in; `message` sends back what it was sent.
#[expect(clippy::unnecessary_wraps, reason = "others answer errors")]
fn friendly(name: &str, event: &Value) -> Result<Value, &'static str> {
    Ok(match name {
        "authorize" => policy("Allow", event),
        "message" => json!({ "statusCode": 200, "body": event["body"] }),
        _ => json!({ "statusCode": 200 }),
    })
}

fn policy(effect: &str, event: &Value) -> Value {
    let resource = &event["methodArn"];
    let statement =
        json!({ "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource });
    json!({
        "principalId": "u1",
        "policyDocument": { "Version": "2012-10-17", "Statement": [statement] },
        "context": { "role": "ops", "until": 9, "good": true },
    })
}

struct Client(WebSocketStream<TcpStream>);

impl Api {
    async fn connect(&self) -> Result<Client, tungstenite::Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let url = format!("ws://{}/live?ticket=t&ticket=u%20v", self.address);
        client_async(url, stream).await.map(|(socket, _)| Client(socket))
    }

    /// The status and body that the handshake is refused with.
    async fn refusal(&self) -> (StatusCode, Value) {
        match self.connect().await.map(|_| ()) {
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                (response.status(), serde_json::from_slice(body).unwrap_or_default())
            }
            other => panic!("{other:?}"),
        }
    }

    async fn event_of(&mut self, name: &str) -> Value {
        loop {
            let (called, event) = timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap();
            if called == name {
                return event;
            }
        }
    }

    fn manage(&self, method: Method, id: &str, body: impl Into<Bytes>) -> (u16, Value) {
        let uri = format!("/live/@connections/{}", id.replace('=', "%3D"));
        let request = http::Request::builder().method(method).uri(uri).body(body.into()).unwrap();
        let response = self.hub.manage("live", &request);
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status().as_u16(), body)
    }
}

impl Client {
    async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    async fn next(&mut self) -> Message {
        timeout(PATIENCE, self.0.next()).await.unwrap().unwrap().unwrap()
    }

    async fn next_json(&mut self) -> Value {
        serde_json::from_str(self.next().await.to_text().unwrap()).unwrap()
    }

    async fn closed(&mut self) -> Option<(u16, String)> {
        match self.next().await {
            Message::Close(frame) => {
                frame.map(|CloseFrame { code, reason }| (code.into(), reason.to_string()))
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_lives_through_its_events() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();

    let asked = api.event_of("authorize").await;
    assert_eq!(asked["type"], "REQUEST");
    let arn = "arn:aws:execute-api:local:000000000000:liveapi/live/$connect";
    assert_eq!(asked["methodArn"], arn);
    assert_eq!(asked["queryStringParameters"], json!({ "ticket": "u v" }));
    assert_eq!(asked["multiValueQueryStringParameters"], json!({ "ticket": ["t", "u v"] }));
    assert_eq!(asked["headers"]["sec-websocket-version"], "13");
    assert_eq!(asked["requestContext"]["eventType"], "CONNECT");

    let connected = api.event_of("connect").await["requestContext"].take();
    let authorizer = json!({ "principalId": "u1", "role": "ops", "until": "9", "good": "true" });
    assert_eq!(connected["authorizer"], authorizer);
    assert_eq!(connected["connectionId"], asked["requestContext"]["connectionId"]);

    client.send(Message::text("{\"action\":\"x\"}")).await;
    assert_eq!(client.next().await, Message::text("{\"action\":\"x\"}"));
    let mut message = api.event_of("message").await;
    assert_eq!(
        (&message["body"], &message["isBase64Encoded"]),
        (&json!("{\"action\":\"x\"}"), &json!(false))
    );
    let context = message["requestContext"].take();
    assert_eq!(
        (&context["routeKey"], &context["eventType"]),
        (&json!("$default"), &json!("MESSAGE"))
    );
    assert_eq!(context["authorizer"], authorizer);
    assert_eq!(context["connectedAt"], 1_000_000);

    let frame = CloseFrame { code: 4000.into(), reason: "bye".into() };
    client.0.close(Some(frame)).await.unwrap();
    let gone = api.event_of("connect").await["requestContext"].take();
    assert_eq!(gone["eventType"], "DISCONNECT");
    assert_eq!(
        (&gone["disconnectStatusCode"], &gone["disconnectReason"]),
        (&json!(4000), &json!("bye"))
    );
    let id = gone["connectionId"].as_str().unwrap();
    assert_eq!(api.manage(Method::POST, id, "x"), (410, json!({ "message": "Gone" })));
}

#[tokio::test]
async fn a_handshake_is_refused_by_the_authorizer_and_by_connect() {
    let denied = api(|_, event| Ok(policy("Deny", event))).await;
    let forbidden = (StatusCode::FORBIDDEN, json!({ "message": "Forbidden" }));
    assert_eq!(denied.refusal().await, forbidden);

    let unauthorized = api(|_, _| Err("Unauthorized")).await.refusal().await;
    assert_eq!(unauthorized, (StatusCode::UNAUTHORIZED, json!({ "message": "Unauthorized" })));

    let internal = json!({ "message": "Internal server error" });
    let failed = api(|_, _| Err("no")).await.refusal().await;
    assert_eq!(failed, (StatusCode::INTERNAL_SERVER_ERROR, internal.clone()));

    let unreadable = api(|_, _| Ok(json!({ "principalId": "u" }))).await.refusal().await;
    assert_eq!(unreadable, (StatusCode::INTERNAL_SERVER_ERROR, internal.clone()));

    let refused = api(|name, event| match name {
        "connect" => Ok(json!({ "statusCode": 429 })),
        _ => friendly(name, event),
    });
    assert_eq!(refused.await.refusal().await.0, StatusCode::TOO_MANY_REQUESTS);

    let broken = api(|name, event| match name {
        "connect" => Err("no"),
        _ => friendly(name, event),
    });
    assert_eq!(broken.await.refusal().await, (StatusCode::BAD_GATEWAY, internal));
}

#[tokio::test]
async fn the_action_chooses_the_route_and_the_route_whether_there_is_an_answer() {
    let mut api = api(|name, event| match name {
        "silent" => Ok(json!({ "statusCode": 200, "body": "never sent" })),
        "message" if event["body"] == "fail" => Err("no"),
        _ => friendly(name, event),
    })
    .await;
    let mut client = api.connect().await.unwrap();
    client.send(Message::text("{\"action\":\"quiet\"}")).await;
    assert_eq!(api.event_of("silent").await["requestContext"]["routeKey"], "quiet");
    for other in ["{\"action\":\"$connect\"}", "{\"action\":7}", "[]", "no json"] {
        client.send(Message::text(other)).await;
        assert_eq!(client.next().await, Message::text(other));
    }
    client.send(Message::binary(vec![0xff])).await;
    assert_eq!(client.next().await, Message::text("/w=="));
    client.send(Message::text("fail")).await;
    let error = client.next_json().await;
    assert_eq!(error["message"], "Internal server error");
    assert!(error["connectionId"].is_string() && error["requestId"].is_string());
}

#[tokio::test]
async fn functions_post_to_connections_look_at_them_and_close_them() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    let event = api.event_of("connect").await;
    let id = event["requestContext"]["connectionId"].as_str().unwrap();

    assert_eq!(api.manage(Method::POST, id, "hello"), (200, Value::Null));
    assert_eq!(client.next().await, Message::text("hello"));
    let large = vec![b'x'; 128 * 1024];
    assert_eq!(api.manage(Method::POST, id, large.clone()).0, 200);
    assert_eq!(client.next().await.len(), large.len());
    assert_eq!(api.manage(Method::POST, id, vec![b'x'; 128 * 1024 + 1]).0, 413);

    let (status, description) = api.manage(Method::GET, id, "");
    assert_eq!(status, 200);
    assert_eq!(description["connectedAt"], "1970-01-01T00:16:40.000Z");
    assert_eq!(description["identity"]["sourceIp"], "127.0.0.1");

    assert_eq!(api.manage(Method::POST, id, "last").0, 200);
    assert_eq!(api.manage(Method::DELETE, id, ""), (204, Value::Null));
    assert_eq!(api.manage(Method::DELETE, id, "").0, 410);
    assert_eq!(client.next().await, Message::text("last"));
    assert_eq!(client.closed().await.unwrap().0, 1000);
    assert_eq!(api.manage(Method::GET, "unknown", "").0, 410);
}

#[tokio::test]
async fn a_frame_over_32_kb_and_a_message_over_128_kb_close_with_1009() {
    use tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
    let mut api = api(friendly).await;

    let mut client = api.connect().await.unwrap();
    client.send(Message::text("x".repeat(32 * 1024))).await;
    assert_eq!(client.next().await.len(), 32 * 1024);
    client.send(Message::text("x".repeat(32 * 1024 + 1))).await;
    assert_eq!(client.closed().await.unwrap().0, 1009);

    let mut client = api.connect().await.unwrap();
    let fragment = |data, last| Frame::message(vec![b'x'; 32 * 1024], OpCode::Data(data), last);
    client.send(Message::Frame(fragment(Data::Text, false))).await;
    for _ in 0..4 {
        client.send(Message::Frame(fragment(Data::Continue, false))).await;
    }
    assert_eq!(client.closed().await.unwrap().0, 1009);
    let closed = |event: Value| event["requestContext"]["disconnectStatusCode"] == 1009;
    let mut ends = 0;
    while ends < 2 {
        ends += u8::from(closed(api.event_of("connect").await));
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_refused_more_and_delays_nobody() {
    let mut api = api(friendly).await;
    let _slow = api.connect().await.unwrap();
    let slow = api.event_of("connect").await["requestContext"]["connectionId"].take();
    let mut quick = api.connect().await.unwrap();
    let quick_id = api.event_of("connect").await["requestContext"]["connectionId"].take();

    let message = Bytes::from(vec![b'x'; 128 * 1024]);
    let mut posted = 0;
    let (status, error) = loop {
        match api.manage(Method::POST, slow.as_str().unwrap(), message.clone()) {
            (200, _) => posted += 1,
            refused => break refused,
        }
        // Lets the writer fill the kernel's buffers.
        tokio::task::yield_now().await;
        assert!(posted < 1_000, "a client that reads nothing is sent everything");
    };
    assert_eq!((status, error), (429, json!({ "message": "Too many messages wait" })));
    assert_eq!(api.manage(Method::POST, quick_id.as_str().unwrap(), "quick").0, 200);
    assert_eq!(quick.next().await, Message::text("quick"));
}

#[tokio::test]
async fn closing_tells_the_clients_and_the_functions_and_waits_for_both() {
    let mut api = api(friendly).await;
    let mut client = api.connect().await.unwrap();
    api.event_of("connect").await;
    let gateway = Arc::clone(&api.gateway);
    let closing = tokio::spawn(async move { gateway.close("The runner is stopping").await });
    assert_eq!(client.closed().await, Some((1001, "The runner is stopping".to_owned())));
    drop(client);
    timeout(PATIENCE, closing).await.unwrap().unwrap();
    let (_, event) = api.events.try_recv().unwrap();
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1001);
}

#[tokio::test]
async fn what_is_no_handshake_is_a_400() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let api = api(friendly).await;
    let mut stream = TcpStream::connect(api.address).await.unwrap();
    let request =
        "GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
