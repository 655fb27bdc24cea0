//! Serves both APIs from a simulator, for clients in any language, until it is stopped with Ctrl-C.
//!
//! Prints where, with which credentials, and a line for each request:
//!
//! ```text
//! cargo run --example simulator --features testing
//! ```
//!
//! What it prints first is `NAME=value` on each line, so that a shell or a script can read it. Each
//! start has other credentials; none is good for anything else.

use std::io::{stdout, Write};
use std::process::ExitCode;
use std::time::Duration;

use webhook_subscriptions::testing::Simulator;

/// A program in the foreground may run for long; PandaDoc's own year will do.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[tokio::main]
async fn main() -> ExitCode {
    let simulator = Simulator::builder().on_request(|exchange| print(&exchange.to_string()));
    let simulator = match simulator.start().await {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!("no port of this machine can be had: {error}");
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
    // Requests are answered in other tasks.
    std::future::pending().await
}

/// Whoever reads the lines may have gone away; that is no reason to stop.
fn print(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}
