//! The program in its own process, which tests can kill.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use super::DEADLINE;

/// A running program; dropping this kills it.
pub struct Process {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    errors: BufReader<ChildStderr>,
}

impl Process {
    /// Starts the program in `folder`, always without `DYNAMODB_ENDPOINT`.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        // The log stays in a pipe until the process has ended, so only errors are logged.
        Self::logging(folder, arguments, "error")
    }

    /// As [`Process::start`], with another filter of the log, which must leave few lines.
    pub fn logging(folder: &Path, arguments: &[&str], filter: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_waybill-under-test"))
            .args(arguments)
            .current_dir(folder)
            .env_remove("DYNAMODB_ENDPOINT")
            .env("RUST_LOG", filter)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let output = BufReader::new(child.stdout.take().expect("its output")).lines();
        let errors = BufReader::new(child.stderr.take().expect("its errors"));
        Self { child, output, errors }
    }

    /// Starts a runner that keeps its data in `folder`.
    pub fn serve(folder: &Path) -> Self {
        Self::start(folder, &["--port", "0", "--template", super::TEMPLATE, "--data", "."])
    }

    /// Starts a runner that keeps its data in `folder` on a port that another test may be using for
    /// a while.
    pub async fn serve_at(folder: &Path, port: &str) -> Self {
        let arguments = ["--port", port, "--template", super::TEMPLATE, "--data", "."];
        let serve = async {
            loop {
                let mut runner = Self::start(folder, &arguments);
                while let Some(line) = runner.line().await {
                    if line.contains("HTTP ") {
                        return runner;
                    }
                }
            }
        };
        timeout(DEADLINE, serve).await.expect("a port in time")
    }

    /// Returns the next line of the output, or `None` at its end.
    pub async fn line(&mut self) -> Option<String> {
        let line = timeout(DEADLINE, self.output.next_line()).await;
        line.expect("a line in time").expect("text")
    }

    /// Waits until a line of the log has `word`.
    pub async fn logs(&mut self, word: &str) {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            let read = timeout(DEADLINE, self.errors.read_line(&mut line)).await;
            assert!(read.expect("a line in time").expect("text") > 0, "the log has no {word}");
        }
    }

    /// Waits until the runner prints its HTTP URL, and returns it.
    pub async fn http_url(&mut self) -> String {
        while let Some(line) = self.line().await {
            if let Some(url) = line.trim().strip_prefix("HTTP ") {
                return url.trim().to_owned();
            }
        }
        let (_, errors) = self.end().await;
        panic!("the runner did not start: {errors}");
    }

    /// Returns the memory that the process holds, and the most that it has held, in bytes; `None`
    /// where there is no `/proc`.
    pub fn memory(&self) -> Option<[u64; 2]> {
        let id = self.child.id().expect("a running process");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let kilobytes = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name))?;
            value.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        };
        Some([kilobytes("VmRSS:")? * 1024, kilobytes("VmHWM:")? * 1024])
    }

    /// Kills the process, which cannot react to it, as at a loss of power.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a killed process");
    }

    /// Sends SIGTERM, as a service manager does.
    pub fn terminate(&self) {
        let id = self.child.id().expect("a running process").to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("a signal").success());
    }

    /// Waits for the process to end; returns its exit code and its standard error.
    pub async fn end(&mut self) -> (Option<i32>, String) {
        let mut text = String::new();
        let read = tokio::io::AsyncReadExt::read_to_string(&mut self.errors, &mut text);
        timeout(DEADLINE, read).await.expect("an end in time").expect("text");
        let status = timeout(DEADLINE, self.child.wait()).await.expect("an end in time");
        (status.expect("a status").code(), text)
    }
}
