//! The parent's end of a child: starts it, hears from it, and kills it at a boundary.

use std::env::current_exe;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command as Executable, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::sync::mpsc;

use super::child::{Settings, SETTINGS};
use super::report::{Command, Report};

/// A boundary that a child comes to after its start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Boundary {
    /// The name of the boundary. `None` counts all boundaries.
    pub name: Option<String>,
    /// At which of these, counted from 1.
    pub nth: usize,
}

/// Kills the child at a boundary: before or after a swap, or when a request has arrived.
///
/// Clones share one child.
#[derive(Clone, Default)]
pub struct Executioner(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    child: Option<Child>,
    /// The point at which the child is killed.
    kill_at: Option<Boundary>,
    /// The boundaries that the children have passed, or were killed at.
    passed: Vec<String>,
    /// The points at which children were killed.
    killed: Vec<String>,
}

impl Executioner {
    /// Notes a boundary. Returns whether the child is still alive.
    pub fn pass(&self, boundary: String) -> bool {
        let mut state = self.0.lock().unwrap();
        state.passed.push(boundary.clone());
        if let Some(kill_at) = &mut state.kill_at {
            if kill_at.name.as_ref().is_none_or(|name| *name == boundary) {
                kill_at.nth -= 1;
            }
            if kill_at.nth == 0 {
                state.kill(boundary);
            }
        }
        state.child.is_some()
    }

    /// Kills the child now, if there is one.
    pub fn kill(&self, at: &str) {
        self.0.lock().unwrap().kill(at.to_owned());
    }

    /// Waits for a child that ended by itself, or ends it.
    pub fn end(&self) {
        if let Some(mut child) = self.0.lock().unwrap().child.take() {
            child.kill().ok();
            child.wait().unwrap();
        }
    }

    pub fn passed(&self) -> Vec<String> {
        self.0.lock().unwrap().passed.clone()
    }

    pub fn killed(&self) -> Vec<String> {
        self.0.lock().unwrap().killed.clone()
    }
}

impl State {
    fn kill(&mut self, at: String) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        self.kill_at = None;
        // SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        self.killed.push(at);
    }
}

/// A running child.
pub struct Process {
    stdin: std::process::ChildStdin,
    /// Ends when the child has ended.
    pub reports: mpsc::UnboundedReceiver<Report>,
}

impl Process {
    /// Starts a child that is killed at this boundary. Its log goes to the end of a file.
    pub fn start(
        settings: &Settings,
        log: &File,
        executioner: &Executioner,
        kill_at: Option<Boundary>,
    ) -> Self {
        let mut child = Executable::new(current_exe().unwrap())
            .args(["--exact", "kills::child::child", "--ignored"])
            .args(["--nocapture", "--test-threads=1"])
            .env(SETTINGS, serde_json::to_string(settings).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().unwrap())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, reports) = mpsc::unbounded_channel();
        thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            for report in lines.filter_map(|line| Report::read(&line)) {
                sender.send(report).ok();
            }
        });
        let mut state = executioner.0.lock().unwrap();
        state.child = Some(child);
        state.kill_at = kill_at;
        Self { stdin, reports }
    }

    /// Tells the child something. If it has been killed, nobody hears it.
    pub fn tell(&mut self, command: &Command) {
        let line = serde_json::to_string(command).unwrap();
        writeln!(self.stdin, "{line}").ok();
    }
}
