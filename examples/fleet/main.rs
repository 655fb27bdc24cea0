//! Four replicas of a service share the rotation of both keys through PostgreSQL, while replicas and the database are
//! killed. Nothing is lost.
//!
//! ```text
//! cargo run --example fleet --features postgres
//! ```
//!
//! The program needs PostgreSQL: on Debian, `apt-get install postgresql`. It starts a server of its own in a
//! temporary folder.
//!
//! A simulator plays the providers. Each replica is a process of its own, behind a load balancer that takes them in
//! turn. All replicas receive deliveries, and one of them rotates. The program fails if a genuine delivery is lost or a
//! forged one is accepted.
//!
//! | file | |
//! |---|---|
//! | `fleet` | what happens, what goes wrong, and who takes part |
//! | `balancer` | the load balancer |
//! | `postgres` | a PostgreSQL server in a temporary folder |
//!
//! The service itself is that of the example `rotate`, with another store.

mod balancer;
mod fleet;
mod postgres;

// These modules are shared with the example `rotate`, which uses more of them.
#[allow(dead_code)]
#[path = "../rotate/fast_time.rs"]
mod fast_time;
#[path = "../rotate/process.rs"]
mod process;
#[allow(dead_code)]
#[path = "../rotate/providers.rs"]
mod providers;
#[allow(dead_code)]
#[path = "../rotate/report.rs"]
mod report;
#[allow(dead_code)]
#[path = "../rotate/service.rs"]
mod service;
#[allow(dead_code)]
#[path = "../rotate/settings.rs"]
mod settings;
#[allow(dead_code)]
#[path = "../rotate/status.rs"]
mod status;
#[allow(dead_code)]
#[path = "../rotate/timeline.rs"]
mod timeline;

use std::env;
use std::error::Error;
use std::io;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use tokio::time::timeout;
use tokio_postgres::NoTls;
use webhook_subscriptions::rotate::PostgresStore;

use fast_time::{FastTime, SPEED};
use fleet::{Fleet, REPLICAS};
use process::BEGAN;
use settings::{optional, Settings, Variables};
use timeline::Say;

/// When to give up, in real time.
const TOO_LONG: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Vec::from_iter(env::args().skip(1));
    let Err(error) = run(&arguments, &|name| env::var(name)).await else {
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

async fn run(arguments: &[String], variables: Variables<'_>) -> Result<(), Box<dyn Error>> {
    let arguments = Vec::from_iter(arguments.iter().map(String::as_str));
    match arguments[..] {
        // How this program starts a replica.
        ["replica"] => serve(variables).await,
        [] => rehearse().await,
        _ => Err("usage: fleet".into()),
    }
}

/// Runs a replica until the process that started it ends.
async fn serve(variables: Variables<'_>) -> Result<(), Box<dyn Error>> {
    let read = |name| optional(variables, name)?.ok_or(format!("{name} isn't set"));
    let began = UNIX_EPOCH + Duration::from_millis(read(BEGAN)?.parse()?);
    std::thread::spawn(|| {
        // Standard input ends when the parent process does, however that ends.
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        std::process::exit(0);
    });
    let settings = Settings::read(variables)?;
    let (Some(pandadoc), Some(ratepay)) = (settings.pandadoc, settings.ratepay) else {
        return Err("a replica needs the variables of both providers".into());
    };
    let (database, key) = (
        read("DATABASE")?.parse()?,
        read("WEBHOOK_SEALING_KEY")?.parse()?,
    );
    let store = PostgresStore::connect(database, NoTls, key).await?;
    store.migrate().await?;
    let time = FastTime::since(began);
    service::receive(pandadoc, ratepay, store, &read("LISTEN")?, time).await
}

async fn rehearse() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let say: Say = Arc::new(|line| println!("{line}"));
    say(&format!(
        "\
A simulator plays PandaDoc and Ratepay. {REPLICAS} replicas of a service, each a process of its own, verify their deliveries
behind a load balancer. They share the rotation of both keys through PostgreSQL. Lines with ! are what goes wrong.

Time runs {SPEED} times as fast as usual: a second is a minute. Each line begins with minutes and seconds.
"
    ));
    let fleet = Fleet::new(
        || {
            let mut command = Command::new(env::current_exe()?);
            command.arg("replica");
            Ok(command)
        },
        say.clone(),
    )
    .await?;
    let report = match timeout(TOO_LONG, fleet.run()).await {
        Ok(report) => report?,
        Err(_) => return Err(format!("the rotations didn't end within {TOO_LONG:?}").into()),
    };
    say(&format!("\n{report}"));
    say(&format!(
        "({:.0} s of real time)",
        began.elapsed().as_secs_f64()
    ));
    Ok(report.check()?)
}
