//! The messages between the child and its parent: one line of JSON each.

use serde::{Deserialize, Serialize};

use super::child::Millis;

/// From the child.
#[derive(Debug, Serialize, Deserialize)]
pub enum Report {
    /// A record is about to be stored. The rotation is in this phase until then. The child waits for [`Command::GoOn`].
    BeforeSwap(String),
    /// The record was stored. The child waits for [`Command::GoOn`].
    AfterSwap(String),
    /// The rotation runs, and the server listens.
    Ready,
    /// The rotation couldn't be started.
    NotStarted(String),
    /// Nothing is to be done before some time.
    Asleep(Asleep),
    /// The numbers of the deliveries that were missed, or `None` if they couldn't be read.
    Missed(Option<Vec<u64>>),
}

/// The state of a rotation that waits for a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asleep {
    pub until: Millis,
    pub phase: String,
    pub next_at: Option<Millis>,
    /// The number of the newest key.
    pub newest: u64,
    /// How many keys are known.
    pub keys: usize,
}

/// The beginning of a report, by which it is told from the lines of the test harness.
const MARK: &str = "report: ";

impl Report {
    pub fn print(&self) {
        println!("{MARK}{}", serde_json::to_string(self).unwrap());
    }

    /// Reads a line of the child, unless it is one of the test harness.
    pub fn read(line: &str) -> Option<Self> {
        let (_, report) = line.split_once(MARK)?;
        Some(serde_json::from_str(report).unwrap())
    }
}

/// To the child.
#[derive(Debug, Serialize, Deserialize)]
pub enum Command {
    GoOn,
    /// The time.
    Time(Millis),
    /// Go on after [`Phase::Attention`](webhook_subscriptions::rotate::Phase::Attention).
    Resume,
    /// Rotate now.
    Rotate,
    /// Look for missed deliveries.
    Missed {
        since: Millis,
    },
}
