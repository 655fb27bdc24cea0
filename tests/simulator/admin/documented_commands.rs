//! `docs/simulator.md` is right: its commands work as they are written, and it names every path.

use std::process::Stdio;

use super::World;
use serde_json::Value;
use tokio::process::Command;

const GUIDE: &str = include_str!("../../../docs/simulator.md");

/// The lines of curl in the guide, at the address of this simulator.
fn script(base_url: &str) -> String {
    let blocks = GUIDE.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    let curl = blocks.filter(|block| block.starts_with("curl"));
    let script: String = curl.collect();
    script.replace("http://127.0.0.1:8080", base_url)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_guide_work_as_they_are_written() {
    let world = World::new().await;
    let script = script(world.simulator.base_url());
    let told = Command::new("bash")
        .args([
            "-euc",
            &format!("curl() {{ command curl -sS --fail-with-body \"$@\"; echo; }}\n{script}"),
        ])
        .env(
            "PANDADOC_API_KEY",
            world.simulator.pandadoc().api_key().expose_secret(),
        )
        .env("SUBSCRIPTION", &world.pandadoc)
        .env("RECEIVER", format!("{}/hooks", world.receiver.base_url()))
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&told.stdout), told.status);
    assert!(told.ends_with("exit status: 0"), "{told}");
}

#[test]
fn the_guide_names_every_path() {
    let document = include_str!("../../../src/testing/admin/openapi.yaml");
    let document: Value = serde_yaml_ng::from_str(document).unwrap();
    let mut paths = document["paths"].as_object().unwrap().keys();
    let missing = paths.find(|path| !GUIDE.contains(&format!("{path}`")));
    assert_eq!(missing, None);
}
