//! From options to a running system.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::try_join_all;
use shared::auth::token::Verifier;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::secrets::Secrets;
use super::{Options, Runner, StartError, environment, server, triggers};
use crate::dynamodb::{DynamoDb, Table, create_table};
use crate::gateway::http::{AuthorizerError, Endpoint, HttpGateway, Routes};
use crate::gateway::live::{Hub, LiveGateway};
use crate::issuer::Issuer;
use crate::template::{self, HttpApi, Stack, Template};
use crate::transport::{Elsewhere, Transport};

/// The `aud` of all tokens here.
const AUDIENCE: &str = "waybill";

impl Runner {
    /// Starts what the template describes.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let port = options.port;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|source| StartError::Port { port, source })?;
        let address = listener.local_addr().map_err(|source| StartError::Port { port, source })?;
        let (db, secrets) = open(&options).await?;
        let template = Template::load(&options.template, &stack(&options, address, &secrets))?;
        let issuer = Arc::new(issuer(&template, address, secrets, &options)?);
        let tables = tables(&db, &template).await?;

        let hub = Arc::new(Hub::default());
        let stage = template.websocket_api.as_ref().map(|api| api.stage.clone());
        let elsewhere = connections(Arc::clone(&hub), stage.clone());
        let transport = Transport::new(db.clone(), elsewhere, options.faults.clone());
        let functions = environment::functions(&template, &transport, &options.clock)?;

        let live = template.websocket_api.clone().map(|api| {
            let clock = options.clock.clone();
            Arc::new(LiveGateway::new(api, functions.clone(), address, clock, hub))
        });
        let routes = routes(template.http_api.as_ref(), &issuer)?;
        let api_id = template.http_api.as_ref().map(|api| api.id.clone()).unwrap_or_default();
        let endpoint = Endpoint { api_id, address };
        let http = HttpGateway::new(routes, functions.clone(), endpoint, options.clock.clone());

        let streaming = CancellationToken::new();
        let mappings = TaskTracker::new();
        for mapping in triggers::mappings(&template, &tables, &db, &options.clock).await? {
            let run = mapping.run(functions.clone(), streaming.clone().cancelled_owned());
            mappings.spawn(run);
        }
        let accepting = CancellationToken::new();
        let server = TaskTracker::new();
        let app = server::app(Arc::clone(&issuer), http, live.clone());
        server.spawn(server::serve(listener, app, accepting.clone()));
        Ok(Self {
            address,
            stage,
            functions,
            issuer,
            tables,
            transport,
            live,
            server,
            mappings,
            accepting: accepting.drop_guard(),
            streaming: streaming.drop_guard(),
        })
    }
}

/// Opens the database and the secrets beside it; both block.
async fn open(options: &Options) -> Result<(DynamoDb, Secrets), StartError> {
    let (storage, clock) = (options.storage.clone(), options.clock.clone());
    let opening = spawn_blocking(move || {
        let db = DynamoDb::open(&storage, &clock)?;
        Ok((db, Secrets::of(&storage)?))
    });
    opening.await.map_err(|_| StartError::Interrupted)?
}

fn stack(options: &Options, address: SocketAddr, secrets: &Secrets) -> Stack {
    let parameters = [
        ("Issuer", format!("http://{address}")),
        ("Audience", AUDIENCE.to_owned()),
        ("OrderShards", "1".to_owned()),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
    Stack { name: options.stack.clone(), uuid: secrets.stack_uuid.clone(), parameters }
}

fn issuer(
    template: &Template,
    address: SocketAddr,
    secrets: Secrets,
    options: &Options,
) -> Result<Issuer, StartError> {
    let names = environment::claim_names(template)?;
    let url = format!("http://{address}");
    Ok(Issuer::new(url, AUDIENCE.to_owned(), secrets.signing_key, names, options.clock.clone()))
}

async fn tables(db: &DynamoDb, template: &Template) -> Result<BTreeMap<String, Table>, StartError> {
    let tables = template.tables.iter().map(|(logical_id, declared)| async move {
        let table = create_table(db, &declared.name, &declared.properties).await?;
        Ok::<_, StartError>((logical_id.clone(), table))
    });
    Ok(try_join_all(tables).await?.into_iter().collect())
}

/// What of the functions' calls is no DynamoDB: `@connections`.
fn connections(hub: Arc<Hub>, stage: Option<String>) -> Elsewhere {
    Arc::new(move |_function, request| {
        let response = hub.manage(stage.as_deref().unwrap_or_default(), &request);
        async { response }.boxed()
    })
}

fn routes(api: Option<&HttpApi>, issuer: &Issuer) -> Result<Routes, AuthorizerError> {
    let declared = api.map(|api| api.routes.as_slice()).unwrap_or_default();
    Routes::new(declared, |authorizer: &template::Authorizer| {
        let template::Authorizer { issuer: url, audience, .. } = authorizer;
        if url != issuer.url() || *audience != [issuer.audience()] {
            return Err(AuthorizerError::ForeignIssuer { issuer: url.clone() });
        }
        Ok(Verifier::new(issuer.url(), issuer.audience(), issuer.keys()))
    })
}
