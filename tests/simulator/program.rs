//! The program takes flags, rejects wrong ones, and starts a simulator as they say.

#[allow(dead_code)]
#[path = "../../examples/simulator/main.rs"]
mod simulator;

use std::sync::{Arc, Mutex};

use crate::receiver::{deliver, receiver, url};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use serde_json::{json, Value};
use simulator::arguments::Arguments;
use simulator::lines::Lines;
use webhook_subscriptions::testing::Simulator;

fn arguments(flags: &[&str]) -> Result<Arguments, clap::Error> {
    let program = ["simulator"].iter();
    Arguments::try_parse_from(program.chain(flags))?.check()
}

async fn start(flags: &[&str]) -> Result<Simulator, String> {
    let arguments = arguments(flags).map_err(|error| error.to_string())?;
    let lines = Lines {
        json: arguments.json,
    };
    let started = simulator::start(&arguments, lines).await;
    started.map_err(|error| error.kind().to_string())
}

#[test]
fn the_flags_contradict_neither_each_other_nor_themselves() {
    Arguments::command().debug_assert();
}

#[test]
fn wrong_flags_are_errors() {
    for flags in [
        &["--port", "70000"][..],
        &["--port", "http"],
        &["--bind", "localhost"],
        &["--seed", "-1"],
        &["--seed"],
        &["--nonsense"],
        &["start"],
    ] {
        let error = arguments(flags).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{flags:?}");
    }
}

#[test]
fn an_address_that_others_can_reach_needs_the_flag_that_says_so() {
    for (flags, is_accepted) in [
        (&["--bind", "0.0.0.0"][..], false),
        (&["--bind", "::"], false),
        (&["--bind", "192.0.2.1"], false),
        (&["--bind", "127.0.0.2"], true),
        (&["--bind", "::1"], true),
        (&["--bind", "0.0.0.0", "--expose"], true),
    ] {
        assert_eq!(arguments(flags).is_ok(), is_accepted, "{flags:?}");
    }
}

#[test]
fn help_and_version_end_the_program_without_an_error() {
    for (flag, kind) in [
        ("--help", ErrorKind::DisplayHelp),
        ("--version", ErrorKind::DisplayVersion),
    ] {
        let told = arguments(&[flag]).unwrap_err();
        assert_eq!((told.kind(), told.exit_code()), (kind, 0));
    }
}

#[tokio::test]
async fn a_seed_gives_the_same_credentials_with_each_start() {
    let mut credentials = Vec::new();
    for _ in 0..2 {
        let simulator = start(&["--seed", "7"]).await.unwrap();
        let (pandadoc, ratepay) = (simulator.pandadoc(), simulator.ratepay());
        credentials.push((
            pandadoc.api_key(),
            pandadoc.refresh_token(),
            ratepay.client_id(),
            ratepay.client_secret(),
        ));
    }
    assert_eq!(credentials[0], credentials[1]);
}

#[tokio::test]
async fn a_port_that_another_simulator_has_is_an_error() {
    let first = start(&[]).await.unwrap();
    let (_, port) = first.base_url().rsplit_once(':').unwrap();
    let second = start(&["--port", port]).await;
    assert_eq!(second.err().unwrap(), "address in use");
}

#[tokio::test]
async fn a_port_can_be_chosen() {
    // No other test takes a port of this address.
    let bind = ["--bind", "127.0.0.2"];
    let first = start(&bind).await.unwrap();
    let url = first.base_url().to_owned();
    first.stop().await;
    let (_, port) = url.rsplit_once(':').unwrap();
    let flags = [bind[0], bind[1], "--port", port];
    assert_eq!(start(&flags).await.unwrap().base_url(), url);
}

#[tokio::test]
async fn the_settings_are_json_if_asked_for() {
    let simulator = start(&["--json"]).await.unwrap();
    let line = Lines { json: true }.started(&simulator);
    let settings: Value = serde_json::from_str(&line).unwrap();
    let api_key = simulator.pandadoc().api_key();
    assert_eq!(
        settings["started"]["PANDADOC_API_KEY"],
        json!(api_key.expose_secret())
    );
}

#[tokio::test]
async fn each_request_and_each_attempt_is_a_json_line_if_asked_for() {
    let receiver = receiver(&[200]).await;
    let printed = Arc::<Mutex<Vec<String>>>::default();
    let (requests, deliveries) = (printed.clone(), printed.clone());
    let lines = Lines { json: true };
    let simulator = Simulator::builder()
        .on_request(move |it| requests.lock().unwrap().push(lines.request(it)))
        .on_delivery(move |it| deliveries.lock().unwrap().push(lines.delivery(it)))
        .start()
        .await
        .unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let client = pandadoc.client_builder().build().unwrap();
    client.details_webhook_subscription(&id).await.unwrap();
    let report = deliver(&pandadoc, &id).await;
    let printed = printed.lock().unwrap();
    let printed = printed.iter().map(|it| serde_json::from_str(it).unwrap());
    let request = json!({
        "method": "GET",
        "path": format!("/public/v1/webhook-subscriptions/{id}"),
        "operation": "detailsWebhookSubscription",
        "status": 200,
        "fault": null,
    });
    let delivery = json!({
        "id": report.id,
        "provider": "pandadoc",
        "subscription": id,
        "event": "document_state_changed",
        "key_generation": 1,
        "status": 200,
        "failure": null,
    });
    assert_eq!(
        Vec::<Value>::from_iter(printed),
        [
            json!({ "request": request }),
            json!({ "delivery": delivery })
        ]
    );
}

#[test]
fn the_guide_names_every_flag_and_its_variable() {
    let guide = include_str!("../../docs/simulator.md");
    for flag in Arguments::command().get_arguments() {
        let (name, variable) = (flag.get_long().unwrap(), flag.get_env().unwrap());
        let row = format!("| `--{name}` | `{}` |", variable.to_str().unwrap());
        assert!(guide.contains(&row), "{row}");
    }
}
