//! The parent's end of a process: starts it with a wrong clock, and sends it signals.

use std::env::current_exe;
use std::io::{stderr, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::SystemTime;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::child::{Ready, Settings, ASKED, MARK, SETTINGS};
use super::time::to_time;

const NO_FAKETIME: &str =
    "the clocks of the processes don't differ, since libfaketime isn't installed; \
                           install it, on Debian with `apt-get install faketime`";

/// The test that is the process, by its name.
const TEST: &str = "orchestrators::child::child";

/// A process that runs, is stopped, or was killed.
pub struct Process {
    pub name: String,
    pub address: SocketAddr,
    /// How far its clock was off when it started, in seconds.
    pub skew: i64,
    pid: u32,
    running: Option<(Child, ChildStdin)>,
    asked: Arc<Mutex<Vec<Asked>>>,
    pub stops: Vec<Stop>,
}

/// A request is about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    subscription: Uuid,
    at: SystemTime,
}

/// A time in which a process was stopped.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub from: SystemTime,
    pub until: Option<SystemTime>,
}

impl Process {
    /// Starts a process whose clock is off by so many minutes, and waits until it takes part.
    pub async fn start(settings: &Settings, minutes: i64) -> Self {
        let program = current_exe().unwrap();
        let mut command = match has_faketime() {
            true => {
                let mut command = Command::new("faketime");
                command.arg("-f").arg(format!("{minutes:+}m")).arg(program);
                command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
                command
            }
            false => Command::new(program),
        };
        let mut child = command
            .args([TEST, "--exact", "--ignored", "--nocapture"])
            .env(SETTINGS, serde_json::to_string(settings).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn(move || {
            let told = errors.map_while(Result::ok);
            // libfaketime's program tells in this way that the process was killed.
            for line in told.filter(|line| !line.starts_with("Caught")) {
                eprintln!("{line}");
            }
        });
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, ready) = oneshot::channel();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let noted = asked.clone();
        thread::spawn(move || {
            let mut sender = Some(sender);
            for line in lines.map_while(Result::ok) {
                if let Some((_, ready)) = line.split_once(MARK) {
                    let ready: Ready = serde_json::from_str(ready).unwrap();
                    sender.take().unwrap().send(ready).ok();
                }
                if let Some((_, subscription)) = line.split_once(ASKED) {
                    noted.lock().unwrap().push(Asked {
                        subscription: subscription.parse().unwrap(),
                        at: SystemTime::now(),
                    });
                }
            }
        });
        let ready = ready.await.expect("a process that takes part");
        let now = SystemTime::now();
        let told = to_time(ready.now);
        let ahead = told.duration_since(now).unwrap_or_default().as_secs() as i64;
        let behind = now.duration_since(told).unwrap_or_default().as_secs() as i64;
        Self {
            name: settings.name.clone(),
            address: ready.address,
            skew: ahead - behind,
            pid: ready.pid,
            running: Some((child, stdin)),
            asked,
            stops: Vec::new(),
        }
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some() && self.stops.last().is_none_or(|stop| stop.until.is_some())
    }

    pub fn is_stopped(&self) -> bool {
        self.running.is_some() && !self.is_running()
    }

    pub fn stop(&mut self) {
        let from = SystemTime::now();
        self.stops.push(Stop { from, until: None });
        signal("STOP", self.pid);
    }

    pub fn go_on(&mut self) {
        if self.is_stopped() {
            signal("CONT", self.pid);
            let until = Some(SystemTime::now());
            self.stops.last_mut().unwrap().until = until;
        }
    }

    /// Returns when requests for a subscription were about to be sent.
    pub fn asked(&self, subscription: Uuid) -> Vec<SystemTime> {
        let asked = self.asked.lock().unwrap();
        let of = asked.iter().filter(|it| it.subscription == subscription);
        of.map(|it| it.at).collect()
    }

    pub fn kill(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            // The child is libfaketime's program, which waits for the process.
            signal("KILL", self.pid);
            child.wait().unwrap();
        }
    }
}

impl Stop {
    pub fn overlaps(&self, from: SystemTime, until: SystemTime) -> bool {
        self.from <= until && self.until.is_none_or(|it| it >= from)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The shell has `kill` even if no package with the program is installed.
fn signal(name: &str, pid: u32) {
    let script = format!("kill -{name} {pid}");
    Command::new("sh").arg("-c").arg(script).status().unwrap();
}

/// Tells whether clocks can differ. Says so once if they can't.
pub fn has_faketime() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let found = Command::new("faketime")
            .args(["-f", "+1m", "true"])
            .status();
        let found = found.is_ok_and(|status| status.success());
        if !found {
            // The test harness doesn't keep this to itself.
            let told = format!("{NO_FAKETIME}\n");
            stderr().write_all(told.as_bytes()).unwrap();
        }
        found
    })
}
