//! Clients of a gateway with functions made for the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use bytes::Bytes;
use clock::Clock;
use clock::Timestamp;
use futures_util::{SinkExt, StreamExt};
use http::{Method, StatusCode};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message, protocol::CloseFrame};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Hub, LiveGateway};
use crate::Account;
use crate::gateway::Requests;
use crate::invoke::{Function, Functions, Handler};
use crate::template::{LiveRoute, WebSocketApi};
use crate::transport::Faults;

mod ends;
mod events;
mod handshake;
mod limits;
mod management;
mod routes;

const PATIENCE: Duration = Duration::from_secs(10);

/// A WebSocket API whose functions return the results of `responses`, by function name.
struct Api {
    address: SocketAddr,
    hub: Arc<Hub>,
    gateway: Arc<LiveGateway>,
    faults: Faults,
    /// The events of all invocations, with the function names.
    events: mpsc::UnboundedReceiver<(&'static str, Value)>,
}

type Responses = fn(&str, &Value) -> Result<Value, &'static str>;

async fn api(responses: Responses) -> Api {
    api_in(&Account::default(), responses).await
}

async fn api_in(account: &Account, responses: Responses) -> Api {
    let clock = Clock::new(|| Timestamp::from_epoch_seconds(1_000).unwrap());
    let (record, events) = mpsc::unbounded_channel();
    let mut functions = Functions::default();
    for name in ["authorize", "connect", "message", "silent"] {
        let record = record.clone();
        let response = service_fn(move |event: LambdaEvent<Value>| {
            record.send((name, event.payload.clone())).ok();
            let response = responses(name, &event.payload).map_err(Error::from);
            async { response }
        });
        functions.insert(name, Function::for_test(Handler::event(response), clock.clone()));
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
    let faults = Faults::default();
    let gateway =
        LiveGateway::new(api, functions, address, clock, Arc::clone(&hub), faults.clone());
    let requests = Requests::new(account.requests);
    let gateway = Arc::new(gateway.sharing(requests, account.messages_at_once));
    let app = Router::new().fallback(open).with_state(Arc::clone(&gateway));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(listener, app).await });
    Api { address, hub, gateway, faults, events }
}

async fn open(
    State(gateway): State<Arc<LiveGateway>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> axum::response::Response {
    gateway.respond(request, client.ip()).await
}

/// Accepts every connection; `message` echoes the body of its event.
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

    /// Returns the status and body with which the handshake is refused.
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

    /// Returns the next event of `$disconnect`.
    async fn end(&mut self) -> Value {
        loop {
            let event = self.event_of("connect").await;
            if event["requestContext"]["eventType"] == "DISCONNECT" {
                return event;
            }
        }
    }

    fn manage(&self, method: Method, id: &str, body: impl Into<Bytes>) -> (u16, Value) {
        let uri = format!("/live/@connections/{}", id.replace('=', "%3D"));
        let request = http::Request::builder().method(method).uri(uri).body(body.into()).unwrap();
        let response = self.hub.manage("live", &request, 128 * 1024);
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
