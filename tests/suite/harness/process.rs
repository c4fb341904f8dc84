//! The program in a process of its own, which can be killed.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::DEADLINE;

/// The program, running; dropping this kills it.
pub struct Process {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts the program in `folder`, never on a DynamoDB elsewhere.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_waybill-under-test"))
            .args(arguments)
            .current_dir(folder)
            .env_remove("DYNAMODB_ENDPOINT")
            // All that is logged waits in a pipe until the process has ended.
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let output = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, output }
    }

    /// Starts a runner that keeps its data in `folder`.
    pub fn serve(folder: &Path) -> Self {
        Self::start(folder, &["--port", "0", "--template", super::TEMPLATE, "--data", "."])
    }

    /// The next line of its output; none at its end.
    pub async fn line(&mut self) -> Option<String> {
        let line = timeout(DEADLINE, self.output.next_line()).await;
        line.expect("a line in time").expect("text")
    }

    /// Where HTTP clients go, once the runner has said so.
    pub async fn http_url(&mut self) -> String {
        while let Some(line) = self.line().await {
            if let Some(url) = line.trim().strip_prefix("HTTP ") {
                return url.trim().to_owned();
            }
        }
        let (_, errors) = self.end().await;
        panic!("the runner did not start: {errors}");
    }

    /// Ends it as loss of power would: it can do nothing about it.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a killed process");
    }

    /// Asks it to end, as a service manager does.
    pub fn terminate(&self) {
        let id = self.child.id().expect("a running process").to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("a signal").success());
    }

    /// Waits for its end: the exit code, and what stands on its standard error.
    pub async fn end(&mut self) -> (Option<i32>, String) {
        let errors = self.child.stderr.take().expect("its errors, asked for once");
        let mut errors = BufReader::new(errors);
        let mut text = String::new();
        let read = tokio::io::AsyncReadExt::read_to_string(&mut errors, &mut text);
        timeout(DEADLINE, read).await.expect("an end in time").expect("text");
        let status = timeout(DEADLINE, self.child.wait()).await.expect("an end in time");
        (status.expect("a status").code(), text)
    }
}
