//! Rotates the keys of both providers while everything goes wrong, and counts what is lost: nothing.
//!
//! ```text
//! cargo run --example rotate
//! cargo run --example rotate -- --plot rotation.svg
//! ```
//!
//! A simulator plays the providers. A service, in a process of its own, receives their deliveries and rotates both
//! keys. Meanwhile answers are lost, requests are applied late, providers go on signing with old keys, and the service
//! is killed. The program fails if a genuine delivery is lost or a forged one is accepted.
//!
//! | file | |
//! |---|---|
//! | `service` | the service: three lines for each provider |
//! | `scenario`, `stage` | what happens, what goes wrong, and who takes part |
//! | `providers` | genuine and forged deliveries |
//! | `report`, `plot` | the table and the picture |
//! | `live`, `settings` | a rotation at the real services |
//!
//! With these environment variables it rotates at the real services instead, once, and says first what that does:
//!
//! - `WEBHOOK_KEYS`: the folder with the keys. `WEBHOOK_SEALING_KEY` encrypts them, if it is set.
//! - PandaDoc: `PANDADOC_API_KEY`, `PANDADOC_SUBSCRIPTION_ID`.
//! - Ratepay: `RATEPAY_ACCESS_TOKEN`, and the subscription as it is: `RATEPAY_SUBSCRIPTION_ID`, `RATEPAY_URL`,
//!   `RATEPAY_EVENT_TYPE`, `RATEPAY_SECRET`. The secret is ignored once the folder has a newer one.
//!   `RATEPAY_ENVIRONMENT` is `integration` (the default) or `production`.
//! - Another server, such as `cargo run --example simulator --features testing`: `PANDADOC_BASE_URL`,
//!   `RATEPAY_BASE_URL`.

mod fast_time;
pub mod live;
mod plot;
pub mod process;
pub mod providers;
pub mod report;
pub mod scenario;
pub mod service;
pub mod settings;
mod stage;
mod status;
pub mod timeline;

use std::env;
use std::error::Error;
use std::fs::File;
use std::io;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use fast_time::{FastTime, SPEED};
use process::{NewCommand, BEGAN};
use providers::{PANDADOC_ATTEMPTS, RATEPAY_ATTEMPTS};
use scenario::Scenario;
use settings::{optional, Settings, Variables};
use timeline::Say;

const USAGE: &str = "usage: rotate [--plot FILE.svg]";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Vec::from_iter(env::args().skip(1));
    let say: Say = Arc::new(|line| println!("{line}"));
    let service = || {
        let mut command = Command::new(env::current_exe()?);
        command.arg("service");
        Ok(command)
    };
    let Err(error) = run(&arguments, &|name| env::var(name), service, say).await else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

pub async fn run(
    arguments: &[String],
    variables: Variables<'_>,
    service: NewCommand,
    say: Say,
) -> Result<(), Box<dyn Error>> {
    let arguments = Vec::from_iter(arguments.iter().map(String::as_str));
    let plot = match arguments[..] {
        // How this program starts the service.
        ["service"] => return serve(variables).await,
        [] => None,
        ["--plot", file] => Some(file),
        _ => return Err(USAGE.into()),
    };
    let settings = Settings::read(variables)?;
    if settings.pandadoc.is_some() || settings.ratepay.is_some() {
        return match plot {
            None => live::rotate(settings, &say).await,
            Some(_) => {
                Err("--plot draws a simulated run; unset the variables of the real services".into())
            }
        };
    }
    rehearse(Scenario::whole(), plot, service, say).await
}

/// Runs the service until the process that started it ends.
async fn serve(variables: Variables<'_>) -> Result<(), Box<dyn Error>> {
    let began = optional(variables, BEGAN)?.ok_or("only this program starts the service")?;
    let began = UNIX_EPOCH + Duration::from_millis(began.parse()?);
    std::thread::spawn(|| {
        // Standard input ends when the parent process does, however that ends.
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        std::process::exit(0);
    });
    service::serve(variables, FastTime::since(began)).await
}

/// Plays a scenario in a simulator.
pub async fn rehearse(
    scenario: Scenario,
    plot: Option<&str>,
    service: NewCommand,
    say: Say,
) -> Result<(), Box<dyn Error>> {
    if let Some(file) = plot {
        // Found now rather than after the run.
        File::create(file).map_err(|error| format!("couldn't create {file}: {error}"))?;
    }
    let began = Instant::now();
    say(&format!(
        "\
A simulator plays PandaDoc and Ratepay. A service, in a process of its own, verifies their deliveries and rotates
both keys every few minutes. Lines with ! are what goes wrong.

Time runs {SPEED} times as fast as usual: a second is a minute. Each line begins with minutes and seconds.

PandaDoc documents that it retries, but not how often. Ratepay documents no retries. Here, PandaDoc sends a delivery
up to {PANDADOC_ATTEMPTS} times, and Ratepay up to {RATEPAY_ATTEMPTS} times. Without retries, Ratepay's deliveries would be lost while no service runs.
"
    ));
    let run = scenario.run(service, say.clone()).await?;
    say(&format!("\n{}", run.report));
    say(&format!(
        "({:.0} s of real time)",
        began.elapsed().as_secs_f64()
    ));
    if let Some(file) = plot {
        plot::draw(file, &run)?;
        say(&format!("The picture is in {file}."));
    }
    Ok(run.report.check()?)
}
