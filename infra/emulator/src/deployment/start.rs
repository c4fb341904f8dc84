//! Starts a deployment from its options.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use clock::Clock;
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use jwt::Verifier;

use super::hosts::Hosts;
use super::tasks::Tasks;
use super::{
    DeployError, Deployment, DeploymentOptions, Program, Schedules, Streams, consumers, sandbox,
    schedules, server, triggers,
};
use crate::Account;
use crate::dynamodb::{DynamoDb, Table, create_table};
use crate::gateway::Requests;
use crate::gateway::http::{AuthorizerError, Cors, Endpoint, HttpGateway, Routes};
use crate::gateway::live::{self, Hub, LiveGateway};
use crate::iam::Iam;
use crate::invoke::Functions;
use crate::meter::Meter;
use crate::queue::Queues;
use crate::template::{Authorizer, HttpApi, Template};
use crate::transport::{Connections, Services, Transport};

impl Deployment {
    /// Starts everything that the template declares.
    pub async fn start(options: DeploymentOptions, program: Program) -> Result<Self, DeployError> {
        let DeploymentOptions {
            template,
            listener,
            hosts,
            db,
            folder,
            clock: real,
            time_scale,
            faults,
            attempts,
            account,
            ..
        } = options;
        let requests = Requests::new(account.requests);
        let address = listener.address();
        let clock = time_scale.speed_up(&real);
        let tables = tables(&db, &template).await?;
        let hub = Arc::new(Hub::default());
        let stage = template.websocket_api.as_ref().map(|api| api.stage.clone());
        let queues = Queues::new(&template.queues, folder.as_deref(), &real)?;
        let consumers = consumers::consumers(&template, &queues)?;
        let services = Services {
            db: db.clone(),
            queues: queues.clone(),
            connections: connections(Arc::clone(&hub), stage.clone(), &account, requests.clone()),
        };
        let (iam, meter) = (Iam::new(template.functions.values()), Meter::default());
        let transport =
            Transport::new(services, faults.clone(), attempts, iam.clone(), meter.clone());
        let functions =
            sandbox::functions(&template, &program, &transport, &clock, time_scale, &meter)?;
        let variables = template.functions.values().flat_map(|it| it.variables.clone()).collect();
        let mappings = Tasks::new();
        if options.streams == Streams::Polled {
            let mappings_of =
                triggers::mappings(&template, &tables, &queues, &db, &real, account.shards);
            for mapping in mappings_of.await? {
                mappings.spawn(|stop| mapping.run(functions.clone(), stop));
            }
            for consumer in consumers.iter().cloned() {
                mappings.spawn(|stop| consumer.run(functions.clone(), stop));
            }
        }
        let schedules = Tasks::new();
        if options.schedules == Schedules::Played {
            for rule in schedules::rules(&template) {
                schedules.spawn(|stop| rule.run(functions.clone(), clock.clone(), stop));
            }
        }
        let Program { verifier, logged_claim, routes, .. } = program;
        let http = http_gateway(template.http_api, &verifier, &functions, address, &clock)?;
        let http = http.logging(logged_claim).sharing(requests.clone());
        let live = template.websocket_api.map(|api| {
            let clock = clock.clone();
            let live = LiveGateway::new(api, functions.clone(), address, clock, hub, faults);
            Arc::new(live.sharing(requests, account.messages_at_once))
        });
        let server = Tasks::new();
        let app = server::app(Hosts::of(address.port(), &hosts), routes, http, live.clone());
        server.spawn(|stop| server::serve(listener, app, server::MOST_CONNECTIONS, stop));
        Ok(Self {
            address,
            stage,
            functions,
            variables,
            db,
            clock: real,
            tables,
            queues,
            consumers,
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

async fn tables(
    db: &DynamoDb,
    template: &Template,
) -> Result<BTreeMap<String, Table>, DeployError> {
    let tables = template.tables.iter().map(|(logical_id, declared)| async move {
        let table = create_table(db, &declared.name, &declared.properties).await?;
        Ok::<_, DeployError>((logical_id.clone(), table))
    });
    Ok(try_join_all(tables).await?.into_iter().collect())
}

/// Handles requests to `@connections`.
fn connections(
    hub: Arc<Hub>,
    stage: Option<String>,
    account: &Account,
    requests: Requests,
) -> Connections {
    let (stage, post_bytes) = (stage.unwrap_or_default(), account.post_bytes);
    Arc::new(move |request| {
        let is_taken = requests.take();
        let response =
            if is_taken { hub.manage(&stage, &request, post_bytes) } else { live::throttled() };
        async { response }.boxed()
    })
}

/// Creates the HTTP gateway; without an HTTP API in the template it has no routes.
fn http_gateway(
    api: Option<HttpApi>,
    verifier: &Verifier,
    functions: &Functions,
    address: SocketAddr,
    clock: &Clock,
) -> Result<HttpGateway, AuthorizerError> {
    let HttpApi { id, routes, cors } = api.unwrap_or_default();
    let routes = Routes::new(&routes, |declared| checked(verifier, declared))?;
    let endpoint = Endpoint { api_id: id, address };
    let cors = cors.map(Cors::new);
    Ok(HttpGateway::new(routes, cors, functions.clone(), endpoint, clock.clone()))
}

fn checked(verifier: &Verifier, declared: &Authorizer) -> Result<Verifier, AuthorizerError> {
    let Authorizer { issuer, audience, .. } = declared;
    if issuer != verifier.issuer() || *audience != [verifier.audience()] {
        return Err(AuthorizerError::ForeignIssuer { issuer: issuer.clone() });
    }
    Ok(verifier.clone())
}
