//! Serves the simulated APIs of both providers to clients in any language. Ctrl-C stops it.
//!
//! Prints base URLs, credentials and a line for each request:
//!
//! ```text
//! cargo run --example simulator --features testing
//! ```
//!
//! The first lines are `NAME=value`, so that a shell or a script can read them. The credentials change
//! with each start and are valid only here.

use std::io::{stdout, Write};
use std::process::ExitCode;
use std::time::Duration;

use webhook_subscriptions::testing::Simulator;

/// This program may run for long, so Ratepay's token is valid as long as PandaDoc's.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[tokio::main]
async fn main() -> ExitCode {
    let simulator = Simulator::builder().on_request(|request| print(&request.to_string()));
    let simulator = match simulator.start().await {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!("couldn't start the simulator on a free port: {error}");
            return ExitCode::FAILURE;
        }
    };
    let pandadoc = simulator.pandadoc();
    let ratepay = simulator.ratepay();
    for (name, value) in [
        ("PANDADOC_BASE_URL", pandadoc.base_url()),
        ("PANDADOC_API_KEY", pandadoc.api_key().expose_secret()),
        (
            "PANDADOC_SANDBOX_API_KEY",
            pandadoc.sandbox_api_key().expose_secret(),
        ),
        (
            "PANDADOC_MEMBER_API_KEY",
            pandadoc.member_api_key().expose_secret(),
        ),
        (
            "PANDADOC_ACCESS_TOKEN",
            pandadoc.access_token().expose_secret(),
        ),
        ("PANDADOC_CLIENT_ID", &pandadoc.client_id()),
        (
            "PANDADOC_CLIENT_SECRET",
            pandadoc.client_secret().expose_secret(),
        ),
        (
            "PANDADOC_REFRESH_TOKEN",
            pandadoc.refresh_token().expose_secret(),
        ),
        ("RATEPAY_BASE_URL", ratepay.base_url()),
        (
            "RATEPAY_ACCESS_TOKEN",
            ratepay.access_token_for(A_YEAR).expose_secret(),
        ),
        ("RATEPAY_CLIENT_ID", &ratepay.client_id()),
        (
            "RATEPAY_CLIENT_SECRET",
            ratepay.client_secret().expose_secret(),
        ),
    ] {
        print(&format!("{name}={value}"));
    }
    print("");
    // The simulator runs in tasks of its own.
    std::future::pending().await
}

/// Prints a line. Ignores errors, because the simulator continues if the reader of its output has exited.
fn print(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}
