//! Serves the simulated APIs of both providers to clients in any language. Ctrl-C stops it.
//!
//! Prints base URLs, credentials, and a line for each request and each attempt of a delivery:
//!
//! ```text
//! cargo run --example simulator --features testing -- --help
//! ```
//!
//! The first lines are `NAME=value`, so that a shell or a script can read them. The credentials are valid
//! only here. They change with each start unless `--seed` is given. `docs/simulator.md` describes the
//! control API and its page.

pub mod arguments;
pub mod lines;

use std::io::{self, stdout, Write};
use std::process::ExitCode;

use clap::Parser;
use tokio::signal;
use webhook_subscriptions::testing::Simulator;

use arguments::Arguments;
use lines::Lines;

// One thread, because the generator of random keys that a seed determines is one of each thread.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse()
        .check()
        .unwrap_or_else(|error| error.exit());
    let lines = Lines {
        json: arguments.json,
    };
    let simulator = match start(&arguments, lines).await {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!(
                "couldn't listen on {} port {}: {error}; choose another --bind or --port",
                arguments.bind, arguments.port
            );
            return ExitCode::FAILURE;
        }
    };
    print(&lines.started(&simulator));
    stopped().await;
    simulator.stop().await;
    ExitCode::SUCCESS
}

/// Starts a simulator that prints what happens.
pub async fn start(arguments: &Arguments, lines: Lines) -> io::Result<Simulator> {
    if let Some(seed) = arguments.seed {
        fastrand::seed(seed);
    }
    let mut simulator = Simulator::builder()
        .admin()
        .address((arguments.bind, arguments.port).into())
        .on_request(move |request| print(&lines.request(request)))
        .on_delivery(move |delivery| print(&lines.delivery(delivery)));
    for name in &arguments.admin_hosts {
        simulator = simulator.admin_host(name);
    }
    if arguments.deliver_beyond_loopback {
        simulator = simulator.deliver_beyond_loopback();
    }
    simulator.start().await
}

/// Waits until the program is told to stop. In a container, nothing else would end it.
async fn stopped() {
    #[cfg(unix)]
    if let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    signal::ctrl_c().await.ok();
}

/// Prints a line. Ignores errors, because the simulator continues if the reader of its output has exited.
fn print(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}
