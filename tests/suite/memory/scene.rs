//! A runner, and a client that is served while others do their worst.

use std::time::{Duration, Instant};

use reqwest::Method;
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinSet;

use crate::harness::chance::is_whole;
use crate::harness::{Client, Process, Raw, TEMPLATE, eventually, id_of, order, people};

/// Scenes measure times, so one is on at a time.
static STAGE: Mutex<()> = Mutex::const_new(());

/// The number of rounds at most.
const ROUNDS: usize = 4;
/// The number of requests before the base is known.
const WARM: usize = 50;
/// The number of clients that attack again and again.
const AT_WORK: usize = 8;
/// A 99th percentile that is good enough, however fast a request is alone: only one or two requests
/// of a round are slower, and the others need the same cores.
const GOOD: Duration = Duration::from_millis(10);
/// The most that a runner may hold, and the most beyond its base once all others have left.
const MOST: u64 = 300 * MB;
const LEFT: u64 = 32 * MB;

pub const KB: u64 = 1024;
pub const MB: u64 = 1024 * KB;

/// A runner, and a client of it that knows an order.
struct Served {
    process: Process,
    url: String,
    ops: Client,
    order: String,
    _folder: TempDir,
}

/// A runner that others do their worst to, and one that has its client alone.
pub struct Scene {
    attacked: Served,
    alone: Served,
    base: u64,
    _stage: MutexGuard<'static, ()>,
}

impl Served {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["--port", "0", "--template", TEMPLATE, "--memory"];
        let mut process = Process::start(folder.path(), &arguments);
        let url = process.http_url().await;
        let ops = Client::login(&url, &people::ops()).await;
        let order = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
        Self { process, url, ops, order, _folder: folder }
    }

    /// Returns the time of a request.
    async fn request(&self) -> Duration {
        let request = self.ops.request(Method::GET, &format!("/orders/{}", self.order));
        let begun = Instant::now();
        let response = self.ops.send_elsewhere(request).await;
        let taken = begun.elapsed();
        assert_eq!(response.status, 200);
        taken
    }

    /// Returns the memory that the process holds, and the most that it has held, in bytes.
    fn memory(&self) -> Option<[u64; 2]> {
        self.process.memory()
    }
}

impl Scene {
    /// Starts the runners; returns `None` where the memory of a process is not known.
    pub async fn start() -> Option<Self> {
        let stage = STAGE.lock().await;
        let (attacked, alone) = tokio::join!(Served::start(), Served::start());
        let mut scene = Self { attacked, alone, base: 0, _stage: stage };
        // The first requests take longer than all others.
        scene.attacked.memory()?;
        drop(scene.sockets(1).await);
        scene.round(WARM).await;
        [scene.base, _] = scene.attacked.memory()?;
        Some(scene)
    }

    pub fn url(&self) -> &str {
        &self.attacked.url
    }

    /// Returns the client that is served beside others.
    pub fn client(&self) -> &Client {
        &self.attacked.ops
    }

    /// Returns the path of an order.
    pub fn path(&self) -> String {
        format!("/orders/{}", self.attacked.order)
    }

    /// Returns the 99th percentiles of the times of requests beside others and alone. They are made
    /// in turn, so that whatever else is on at the machine delays both.
    async fn round(&self, requests: usize) -> [Duration; 2] {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..requests {
            times[0].push(self.attacked.request().await);
            times[1].push(self.alone.request().await);
        }
        times.map(|mut times| {
            times.sort();
            times[requests * 99 / 100 - 1]
        })
    }

    /// Serves a client beside others, which lets it wait at most twice as long as alone. A round can
    /// meet a pause of the machine; a runner that delays its client does it in each.
    pub async fn serve(&self, what: &str) {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let [beside, alone] = self.round(if is_whole() { 400 } else { 100 }).await;
            rounds.push((beside, alone));
            if beside <= GOOD.max(2 * alone) {
                eprintln!("{what:28} p99 beside others and alone: {rounds:.1?}");
                return;
            }
        }
        panic!("{what}: p99 beside others and alone: {rounds:.1?}");
    }

    /// As `serve`, while some of the others are at work: each connects, sends `first` and, until the
    /// runner ends the connection, `more`, and begins again.
    pub async fn serve_beside(&self, what: &str, first: &[u8], more: &[u8]) {
        let mut at_work = JoinSet::new();
        for _ in 0..AT_WORK {
            let (url, first, more) = (self.url().to_owned(), first.to_vec(), more.to_vec());
            at_work.spawn(async move {
                loop {
                    let mut connection = Raw::connect(&url).await;
                    let mut open = connection.try_send(&first).await;
                    while open && !more.is_empty() {
                        open = connection.try_send(&more).await;
                    }
                }
            });
        }
        self.serve(what).await;
        assert!(at_work.try_join_next().is_none(), "they work until now");
    }

    /// Lets the others leave, and ends the scene. While they were there, the runner held at most
    /// `most` bytes more than before, and soon after it holds no more than before.
    pub async fn end(self, what: &str, others: Vec<Raw>, most: u64) {
        let [_, peak] = self.attacked.memory().expect("Linux");
        let (count, grown) = (others.len(), peak.saturating_sub(self.base));
        drop(others);
        self.serve(what).await;
        let begun = Instant::now();
        eventually("the memory is free again", async || {
            // The allocator returns memory while it is used.
            self.attacked.request().await;
            let [now, _] = self.attacked.memory().expect("Linux");
            now < self.base + LEFT
        })
        .await;
        eprintln!(
            "{what:28} {count} connections: {} MB, then {} MB more, at most {}, free after {:.1?}",
            self.base / MB,
            grown / MB,
            most / MB,
            begun.elapsed()
        );
        assert!(grown <= most && peak <= MOST, "{what}: {} MB", grown / MB);
        // All that was refused or dropped left nothing that stops the next client.
        drop(self.sockets(1).await);
    }
}
