//! From options to a running system.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::try_join_all;
use shared::auth::token::Verifier;
use shared::clock::Clock;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::spawn_blocking;

use super::secrets::Secrets;
use super::tasks::Tasks;
use super::{
    Options, Runner, Schedules, StartError, Streams, environment, schedules, server, triggers,
};
use crate::dynamodb::{DynamoDb, Table, create_table};
use crate::gateway::http::{AuthorizerError, Endpoint, HttpGateway, Routes};
use crate::gateway::live::{Hub, LiveGateway};
use crate::iam::Iam;
use crate::invoke::Functions;
use crate::issuer::Issuer;
use crate::meter::Meter;
use crate::queue::Queues;
use crate::template::{Authorizer, HttpApi, Stack, Template};
use crate::transport::{Connections, Services, Transport};

/// The `aud` of all tokens here.
const AUDIENCE: &str = "waybill";

/// How long a token lasts unless it is asked for with another time, however fast time
/// passes.
const TOKEN_LIFETIME: Duration = Duration::from_hours(12);

/// How many bytes may wait in the kernel for each client, of which Linux makes the
/// double. Left alone it takes megabytes, and a client that reads nothing would be
/// noticed only after these.
pub(crate) const SEND_BUFFER: u32 = 32 * 1024;

/// How many connections may wait to be accepted: as many as `TcpListener::bind` lets.
const BACKLOG: u32 = 1024;

impl Runner {
    /// Starts what the template describes.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (listener, address) = listen(options.port)?;
        let (db, secrets) = open(&options).await?;
        let template = Template::load(&options.template, &stack(&options, address, &secrets))?;
        let time_scale = options.time_scale;
        let clock = time_scale.speed_up(&options.clock);
        let lifetime = time_scale.stretch(TOKEN_LIFETIME);
        let issuer = Arc::new(issuer(&template, address, secrets, &clock, lifetime)?);
        let tables = tables(&db, &template).await?;

        let hub = Arc::new(Hub::default());
        let stage = template.websocket_api.as_ref().map(|api| api.stage.clone());
        let queues = Queues::new(&template.queues, options.folder(), &options.clock);
        let services = Services {
            db: db.clone(),
            queues: queues.clone(),
            connections: connections(Arc::clone(&hub), stage.clone()),
        };
        let (iam, meter) = (Iam::new(template.functions.values()), Meter::default());
        let faults = options.faults;
        let transport = Transport::new(services, faults.clone(), iam.clone(), meter.clone());
        let functions = environment::functions(&template, &transport, &clock, time_scale, &meter)?;

        let real = options.clock;
        let mappings = Tasks::new();
        if options.streams == Streams::Polled {
            for mapping in triggers::mappings(&template, &tables, &queues, &db, &real).await? {
                mappings.spawn(|stop| mapping.run(functions.clone(), stop));
            }
        }
        let schedules = Tasks::new();
        if options.schedules == Schedules::Played {
            for rule in schedules::rules(&template) {
                schedules.spawn(|stop| rule.run(functions.clone(), clock.clone(), stop));
            }
        }
        let http = http_gateway(template.http_api, &issuer, &functions, address, &clock)?;
        let live = template.websocket_api.map(|api| {
            let clock = clock.clone();
            Arc::new(LiveGateway::new(api, functions.clone(), address, clock, hub, faults))
        });
        let server = Tasks::new();
        let app = server::app(address, Arc::clone(&issuer), http, live.clone());
        server.spawn(|stop| server::serve(listener, app, stop));
        Ok(Self {
            address,
            stage,
            functions,
            issuer,
            db,
            clock: real,
            tables,
            queues,
            transport,
            iam,
            meter,
            live,
            server,
            schedules,
            mappings,
        })
    }
}

fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let bind = || {
        let socket = TcpSocket::new_v4()?;
        // As `TcpListener::bind` does: on Windows it would let two runners share a port.
        socket.set_reuseaddr(cfg!(unix))?;
        // Accepted sockets inherit it.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
        let listener = socket.listen(BACKLOG)?;
        Ok((listener.local_addr()?, listener))
    };
    let (address, listener) = bind().map_err(|source| StartError::Port { port, source })?;
    Ok((listener, address))
}

/// Opens the database and the secrets beside it; both block.
async fn open(options: &Options) -> Result<(DynamoDb, Secrets), StartError> {
    let options = options.clone();
    let opening = spawn_blocking(move || {
        let db = DynamoDb::open(&options.storage, &options.clock)?;
        Ok((db, Secrets::of(options.folder())?))
    });
    opening.await.map_err(|_| StartError::Interrupted)?
}

fn stack(options: &Options, address: SocketAddr, secrets: &Secrets) -> Stack {
    let parameters = [
        ("Issuer", format!("http://{address}")),
        ("Audience", AUDIENCE.to_owned()),
        ("Stage", "dev".to_owned()),
        ("OrderShards", options.order_shards.clone()),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
    Stack { name: options.stack.clone(), uuid: secrets.stack_uuid.clone(), parameters }
}

fn issuer(
    template: &Template,
    address: SocketAddr,
    secrets: Secrets,
    clock: &Clock,
    lifetime: Duration,
) -> Result<Issuer, StartError> {
    let names = environment::claim_names(template)?;
    let (url, audience) = (format!("http://{address}"), AUDIENCE.to_owned());
    Ok(Issuer::new(url, audience, secrets.signing_key, names, clock.clone(), lifetime))
}

async fn tables(db: &DynamoDb, template: &Template) -> Result<BTreeMap<String, Table>, StartError> {
    let tables = template.tables.iter().map(|(logical_id, declared)| async move {
        let table = create_table(db, &declared.name, &declared.properties).await?;
        Ok::<_, StartError>((logical_id.clone(), table))
    });
    Ok(try_join_all(tables).await?.into_iter().collect())
}

/// Answers `@connections`.
fn connections(hub: Arc<Hub>, stage: Option<String>) -> Connections {
    Arc::new(move |request| {
        let response = hub.manage(stage.as_deref().unwrap_or_default(), &request);
        async { response }.boxed()
    })
}

/// A template without an HTTP API has no routes.
fn http_gateway(
    api: Option<HttpApi>,
    issuer: &Issuer,
    functions: &Functions,
    address: SocketAddr,
    clock: &Clock,
) -> Result<HttpGateway, AuthorizerError> {
    let HttpApi { id, routes } = api.unwrap_or_default();
    let routes = Routes::new(&routes, |declared| verifier(declared, issuer))?;
    let endpoint = Endpoint { api_id: id, address };
    Ok(HttpGateway::new(routes, functions.clone(), endpoint, clock.clone()))
}

fn verifier(declared: &Authorizer, issuer: &Issuer) -> Result<Verifier, AuthorizerError> {
    let Authorizer { issuer: url, audience, .. } = declared;
    if url != issuer.url() || *audience != [issuer.audience()] {
        return Err(AuthorizerError::ForeignIssuer { issuer: url.clone() });
    }
    Ok(Verifier::new(issuer.url(), issuer.audience(), issuer.keys()))
}
