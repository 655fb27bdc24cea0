//! The simulator of both providers.

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/whole.rs"]
mod whole;

mod api_document;
mod receiver;

mod admin;
mod answers;
mod credentials;
mod deliveries;
mod delivery_faults;
mod extremes;
mod faults;
mod history;
mod key_changes;
mod late_application;
mod life;
mod limits;
mod observers;
mod program;
mod reach;
mod requests;
mod retries;
mod stale_reads;
mod steady_deliveries;
