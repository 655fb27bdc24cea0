//! The events that a run is to meet, and those that it met.

use std::time::Duration;

use webhook_subscriptions::testing::Fault;

use super::process::Boundary;
use crate::service::Way;

/// When a child is killed.
#[derive(Debug, Clone)]
pub enum Kill {
    AtBoundary(Boundary),
    /// After so much real time.
    After(Duration),
}

/// The faults of the requests of a run.
#[derive(Debug, Clone)]
pub enum Trouble {
    Fault(Fault),
    /// Connections are refused for 5 minutes from when the rotation is due.
    Refusal,
}

/// The events that a run is to meet.
#[derive(Debug, Clone)]
pub struct Plan {
    pub troubles: Vec<Trouble>,
    /// One for each child. The one after them is left alive.
    pub kills: Vec<Kill>,
    /// Whether somebody asks for the rotation again as soon as it has failed. It waits for an hour otherwise.
    pub insists: bool,
    pub sealed: bool,
    pub way: Way,
}

/// The events that a run met.
pub struct Met {
    /// The points at which children were killed.
    pub killed: Vec<String>,
    /// The boundaries of all children.
    pub passed: Vec<String>,
    /// How many requests the faults applied to, for each of them.
    pub hits: Vec<usize>,
    pub deliveries: usize,
    pub forged: usize,
    pub accepted_later: usize,
    pub missed: usize,
}
