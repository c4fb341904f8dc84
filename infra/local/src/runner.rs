//! Waybill on one machine: template.yaml in the emulator, with an issuer of its own and the
//! documents.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::map_response;
use clock::Clock;
use db::Tables;
use domain::ClaimNames;
use emulator::dynamodb::{DynamoDb, OpenError, Storage};
use emulator::template::{Stack, Template, TemplateError};
use emulator::transport::{Attempts, Faults};
use emulator::{Account, Deployment, Listener, Program, Schedules, Streams, TimeScale};
use http_api::nosniff;
use jwt::Verifier;
use tokio::task::spawn_blocking;

use crate::functions;
use crate::issuer::{self, Issuer, KeyError, Lifetimes, TokenRequest, TokenRequestError};
use crate::outbox;
use crate::secrets::Secrets;

/// The `aud` of all tokens of the runner's issuer.
const AUDIENCE: &str = "waybill";

/// The real time that a token lasts at any time scale, unless a request sets another time.
const TOKEN_LIFETIME: Duration = Duration::from_hours(12);

/// The real time that the tokens of a sign-in last, which is that of a deployed stack's.
const SIGN_IN_LIFETIME: Duration = Duration::from_hours(1);

/// The real time in which a page has to exchange its code.
const CODE_LIFETIME: Duration = Duration::from_mins(1);

/// The options of a runner.
#[derive(Clone, Debug)]
pub struct Options {
    pub template: PathBuf,
    pub storage: Storage,
    /// The port of 127.0.0.1 to listen on; 0 selects a free one.
    pub port: u16,
    /// The name of the stack, which is the prefix of the tables' names.
    pub stack: String,
    /// The template's parameter `OrderShards`.
    pub order_shards: String,
    /// The template's parameter `AllowedOrigins`.
    pub allowed_origins: String,
    /// The template's parameter `ConnectionsPerPrincipal`; 0 for no bound.
    pub connections_per_principal: u32,
    /// The template's parameter `WebhookTargets`.
    pub webhook_targets: String,
    /// The hosts that a request can name beside `127.0.0.1`, `localhost` and `[::1]` with the port.
    pub hosts: Vec<String>,
    pub clock: Clock,
    /// The factor by which time passes faster than `clock` for the functions and the tokens, from
    /// the start of the runner.
    pub time_scale: TimeScale,
    pub streams: Streams,
    pub schedules: Schedules,
    pub faults: Faults,
    /// The quotas and the concurrency of the AWS account that the runner plays.
    pub account: Account,
    /// The template's parameters `PostRate` and `PositionPostRate`; 0 for no limit.
    pub post_rate: u32,
}

impl Options {
    /// Returns the options of a runner on a free port, in real time, which invokes no function by
    /// its schedule and injects no fault.
    pub fn new(template: &Path, storage: Storage) -> Self {
        Self {
            template: template.to_owned(),
            storage,
            port: 0,
            stack: "waybill".to_owned(),
            order_shards: "1".to_owned(),
            allowed_origins: String::new(),
            connections_per_principal: 0,
            webhook_targets: "any".to_owned(),
            hosts: Vec::new(),
            clock: Clock::system(),
            time_scale: TimeScale::REAL,
            streams: Streams::Polled,
            schedules: Schedules::ByHand,
            faults: Faults::default(),
            account: Account::default(),
            post_rate: 0,
        }
    }
}

/// The error of a runner that does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "cannot listen on 127.0.0.1:{port}: {source}. \
         Another program may use the port: stop it, or choose another with --port (0 takes a free one)"
    )]
    Port { port: u16, source: io::Error },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The runtime ended while the data was being opened.
    #[error("the runtime is shutting down")]
    Interrupted,
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Deployment(#[from] emulator::DeployError),
}

/// A running Waybill: a deployment and its issuer. Dropping the runner stops it at once;
/// [`Runner::shutdown`] lets it finish the work that it has begun.
pub struct Runner {
    deployment: Deployment,
    issuer: Arc<Issuer>,
}

impl Deref for Runner {
    type Target = Deployment;

    fn deref(&self) -> &Deployment {
        &self.deployment
    }
}

impl Runner {
    /// Starts the system that the template describes.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let port = options.port;
        let listener = Listener::bind(port).map_err(|source| StartError::Port { port, source })?;
        let address = listener.address();
        let (db, secrets) = open(&options).await?;
        let template = Template::load(&options.template, &stack(&options, address, &secrets))?;
        let issuer = Arc::new(issuer(&options, &template, address, secrets)?);
        let attempts = Attempts::default();
        let routes = issuer::routes(Arc::clone(&issuer))
            .merge(documents::explorer::routes())
            .merge(outbox::routes(attempts.clone()));
        let program = Program {
            code: Box::new(functions::code),
            verifier: Verifier::new(issuer.url(), issuer.audience(), issuer.keys()),
            logged_claim: issuer.role_claim().to_owned(),
            routes: routes.layer(map_response(nosniff)),
        };
        let folder = options.storage.folder().map(Path::to_owned);
        let Options { hosts, clock, time_scale, streams, schedules, faults, account, .. } = options;
        let options = emulator::DeploymentOptions {
            template,
            listener,
            hosts,
            db,
            folder,
            clock,
            time_scale,
            streams,
            schedules,
            faults,
            attempts,
            account,
        };
        let deployment = Deployment::start(options, program).await?;
        Ok(Self { deployment, issuer })
    }

    /// Issues a token for the principal that `request` describes.
    pub fn token(&self, request: &TokenRequest) -> Result<String, TokenRequestError> {
        self.issuer.token(request)
    }

    /// Returns the issuer of all tokens of this runner.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Returns the names of the tables.
    ///
    /// # Panics
    /// If the functions have no environment variable for one of the tables.
    pub fn tables(&self) -> Tables {
        let Ok(tables) =
            Tables::read(|name| Ok::<_, Infallible>(self.deployment.variables()[name].clone()));
        tables
    }

    /// Lets the runner finish the work that it has begun: see [`Deployment::shutdown`].
    pub async fn shutdown(self) {
        self.deployment.shutdown().await;
    }
}

/// Opens the database and the secrets beside it, in a blocking task because both block.
async fn open(options: &Options) -> Result<(DynamoDb, Secrets), StartError> {
    let options = options.clone();
    let opening = spawn_blocking(move || {
        let db = DynamoDb::open(&options.storage, &options.clock)?;
        Ok((db, Secrets::of(&options.storage)?))
    });
    opening.await.map_err(|_| StartError::Interrupted)?
}

fn stack(options: &Options, address: SocketAddr, secrets: &Secrets) -> Stack {
    let parameters = [
        ("Issuer", format!("http://{address}")),
        ("Audience", AUDIENCE.to_owned()),
        ("LiveUrl", format!("ws://{address}/live")),
        ("Stage", "dev".to_owned()),
        ("OrderShards", options.order_shards.clone()),
        ("AllowedOrigins", options.allowed_origins.clone()),
        ("PostRate", options.post_rate.to_string()),
        ("PositionPostRate", options.post_rate.to_string()),
        ("PostLanes", options.account.shards.to_string()),
        ("ConnectionsPerPrincipal", options.connections_per_principal.to_string()),
        ("WebhookTargets", options.webhook_targets.clone()),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
    Stack { name: options.stack.clone(), uuid: secrets.stack_uuid.clone(), parameters }
}

fn issuer(
    options: &Options,
    template: &Template,
    address: SocketAddr,
    secrets: Secrets,
) -> Result<Issuer, TemplateError> {
    let parameter = |name| template.parameter(name).map(str::to_owned);
    let names = ClaimNames {
        id: parameter("IdClaim")?,
        role: parameter("RoleClaim")?,
        merchant: parameter("MerchantClaim")?,
        store: parameter("StoreClaim")?,
        reference: parameter("ReferenceClaim")?,
    };
    let (url, audience) = (format!("http://{address}"), AUDIENCE.to_owned());
    let clock = options.time_scale.speed_up(&options.clock);
    let lifetimes = Lifetimes {
        token: options.time_scale.stretch(TOKEN_LIFETIME),
        sign_in: options.time_scale.stretch(SIGN_IN_LIFETIME),
        code: options.time_scale.stretch(CODE_LIFETIME),
    };
    Ok(Issuer::new(url, audience, secrets.signing_key, names, clock, lifetimes))
}
