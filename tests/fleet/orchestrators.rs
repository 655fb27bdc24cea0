//! Processes that rotate the same keys at the same time, through one PostgreSQL server, while they are stopped and
//! killed.
//!
//! Each process is this test binary once more, with another test. Its clock differs from the others by minutes, by
//! libfaketime. The parent runs the simulator and the server, and sends the signals.
//!
//! The rotations have the database's clock. It runs [`SPEED`](time::SPEED) times as fast, so that several rotations
//! fit into half a minute. Leases aren't faster.
//!
//! `ORCHESTRATION_SECONDS=600` stops and kills the processes of `claims` for so long. Each run draws a seed and prints
//! it. `ORCHESTRATION_SEED` makes the same choices again.

mod barrier;
mod child;
mod claims;
mod fleet;
mod history;
mod process;
mod time;
mod traffic;
