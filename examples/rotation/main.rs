//! Shows and controls the rotation of one key, for an operator.
//!
//! ```text
//! cargo run --example rotation -- status
//! ```
//!
//! The program works on the folder of keys of a service that rotates. It takes its settings from environment
//! variables. Its help lists them.

#[path = "../rotate/settings.rs"]
mod settings;
mod show;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;
use settings::{start, Settings, Variables};
use show::is_accepted;
use webhook_subscriptions::rotate::{Ended, FileStore, Rotatable, RotationBuilder, SealingKey};
use webhook_subscriptions::Rotation;

const USAGE: &str = "\
usage: rotation [--json] COMMAND

  status         shows the phase, the keys and the next rotation
  plan           says what will be done next; reads the current key from PandaDoc
  now            rotates the key now
  resume         goes on after a rotation needed attention, or tries again what failed
  revoke NUMBER  stops accepting a key that leaked, and rotates first if it is the current one

`status` and `plan` change nothing, and work while the service runs. The other commands need the folder for
themselves, and may take 3 minutes. While the service runs, have it call `rotate_now`, `resume` or `revoke` of its own
`Rotation` instead, for example by a route that only operators can use.

The exit code is 0 if the command did what it should: `now` and `resume` ended with a new key, or the revoked key isn't
accepted any more. It is 1 if not, and 2 if the arguments are wrong.

variables, as the service has them:
  WEBHOOK_KEYS              the folder with the keys
  WEBHOOK_SEALING_KEY       the key that encrypts them, if they are encrypted
  PANDADOC_API_KEY, PANDADOC_SUBSCRIPTION_ID
  or
  RATEPAY_ACCESS_TOKEN, RATEPAY_SUBSCRIPTION_ID, RATEPAY_URL, RATEPAY_EVENT_TYPE, RATEPAY_SECRET
  RATEPAY_ENVIRONMENT       `integration` (the default) or `production`
  PANDADOC_BASE_URL, RATEPAY_BASE_URL   another server
";

#[derive(Clone, Copy)]
enum Command {
    Status,
    Plan,
    Now,
    Resume,
    Revoke(u64),
}

/// The text to print, and whether the command did what it should.
pub struct Told {
    pub text: String,
    pub is_success: bool,
}

/// Why nothing was done, or what failed.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("{0}\n\n{USAGE}")]
    Arguments(String),
    #[error(transparent)]
    Other(#[from] Box<dyn Error>),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Vec::from_iter(env::args().skip(1));
    match run(&arguments, &|name| env::var(name)).await {
        Ok(told) => {
            // A reader such as `head` may have ended.
            writeln!(io::stdout(), "{}", told.text.trim_end()).ok();
            ExitCode::from(u8::from(!told.is_success))
        }
        Err(error) => {
            eprintln!("{error}");
            let is_usage = matches!(error, Failed::Arguments(_));
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}

pub async fn run(arguments: &[String], variables: Variables<'_>) -> Result<Told, Failed> {
    let mut arguments = Vec::from_iter(arguments.iter().map(String::as_str));
    let all = arguments.len();
    arguments.retain(|argument| *argument != "--json");
    let json = arguments.len() < all;
    let command = match arguments[..] {
        ["status"] => Command::Status,
        ["plan"] => Command::Plan,
        ["now"] => Command::Now,
        ["resume"] => Command::Resume,
        ["revoke", number] => Command::Revoke(number.parse().map_err(|_| {
            let wrong =
                format!("`{number}` isn't the number of a key, such as 3; `status` shows them");
            Failed::Arguments(wrong)
        })?),
        ["--help" | "-h" | "help"] => return Ok(told(USAGE.to_owned(), true)),
        [] => return Err(Failed::Arguments("a command is missing".to_owned())),
        _ => {
            let wrong = format!("`{}` isn't a command", arguments.join(" "));
            return Err(Failed::Arguments(wrong));
        }
    };
    let settings = Settings::read(variables)?;
    let store = settings.store;
    let (folder, sealing_key) =
        store.ok_or_else(|| wrong("WEBHOOK_KEYS isn't set; set it to the folder with the keys"))?;
    let store = match command {
        Command::Status | Command::Plan => FileStore::open_read_only(folder),
        _ => FileStore::open(folder).map_err(|error| {
            wrong(format!("{error}. While the service runs, have it call `rotate_now`, `resume` or `revoke` itself"))
        })?,
    };
    match (settings.pandadoc, settings.ratepay) {
        (Some(rotation), None) => execute(command, json, rotation, store, sealing_key).await,
        (None, Some(rotation)) => execute(command, json, rotation, store, sealing_key).await,
        (Some(_), Some(_)) => Err(wrong(
            "the variables of both providers are set; unset those of one",
        )),
        (None, None) => Err(wrong(
            "the variables of no provider are set; `rotation help` lists them",
        )),
    }
}

async fn execute<S: Rotatable>(
    command: Command,
    json: bool,
    rotation: RotationBuilder<S>,
    store: FileStore,
    sealing_key: Option<SealingKey>,
) -> Result<Told, Failed> {
    let rotation = start(rotation, store, sealing_key).await.map_err(|error| {
        wrong(format!(
            "{error}. If no service has used this folder yet, start the service first"
        ))
    })?;
    match command {
        Command::Status => {
            let status = rotation.status();
            Ok(told(written(json, &status, show::status)?, true))
        }
        Command::Plan => {
            let plan = rotation.plan().await;
            Ok(told(written(json, &plan, show::plan)?, true))
        }
        Command::Now | Command::Resume | Command::Revoke(_) => {
            change(command, json, &rotation).await
        }
    }
}

async fn change<S: Rotatable>(
    command: Command,
    json: bool,
    rotation: &Rotation<S>,
) -> Result<Told, Failed> {
    let running = tokio::spawn(rotation.clone().run());
    let ended = match command {
        Command::Revoke(number) => rotation.revoke(number).await,
        Command::Resume => rotation.resume().await,
        _ => rotation.rotate_now().await,
    };
    running.abort();
    // The rotation has the store until it has ended.
    running.await.ok();
    let ended = ended.map_err(|error| wrong(error.to_string()))?;
    let is_success = match command {
        Command::Revoke(number) => !is_accepted(&rotation.status(), number),
        _ => matches!(ended, Ended::Rotated { .. }),
    };
    let mut text = written(json, &ended, show::ended)?;
    if let (Command::Revoke(number), false) = (command, json) {
        let still = if is_success { "no longer" } else { "still" };
        text += &format!("\nkey {number} is {still} accepted");
    }
    Ok(told(text, is_success))
}

fn written<T: Serialize>(json: bool, value: &T, show: fn(&T) -> String) -> Result<String, Failed> {
    match json {
        true => serde_json::to_string_pretty(value).map_err(|error| wrong(error.to_string())),
        false => Ok(show(value)),
    }
}

fn told(text: String, is_success: bool) -> Told {
    Told { text, is_success }
}

fn wrong(text: impl Into<String>) -> Failed {
    Failed::Other(text.into().into())
}
