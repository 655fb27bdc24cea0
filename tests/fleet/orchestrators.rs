//! Processes that rotate the same keys at the same time, through one PostgreSQL server, while they are stopped and
//! killed.
//!
//! Each process is this test binary once more, with another test. Its clock differs from the others by minutes, by
//! libfaketime. The parent runs the simulator and the server, and sends the signals.
//!
//! The rotations have the database's clock. It runs [`SPEED`](time::SPEED) times as fast, so that several rotations
//! fit into half a minute.
//!
//! `ORCHESTRATION_SECONDS=600` stops and kills processes for so long, in schedules that differ each time.
//! `ORCHESTRATION_SEED` repeats the choices of a run.

mod barrier;
mod child;
mod claims;
mod fleet;
mod history;
mod process;
mod time;
mod traffic;
