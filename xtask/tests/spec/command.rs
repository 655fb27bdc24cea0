//! The command line.

use std::process::{Command, Output};

use serde_json::Value;
use xtask::root;

fn xtask(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).output().unwrap()
}

#[test]
fn wrong_arguments_are_errors_with_exit_code_2() {
    let new = "pandadoc-9.0.0.json";
    let url = "https://pandadoc.example";
    for arguments in [
        &["spec"][..],
        &["spec", "--what"],
        &["spec", "update"],
        &["spec", "diff"],
        &["spec", "diff", new, "--what"],
        &["spec", "diff", new, "--document"],
        &["spec", "diff", new, "--document", "panda"],
        &["spec", "diff", new, "--from", url],
        &["spec", "install", new, "--from", " "],
        &["spec", "install", new, "--from", url, "--from", url],
        &["spec", "check", new],
    ] {
        assert_eq!(xtask(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_module_without_a_document_is_answered_with_those_that_have_one() {
    let output = xtask(&["spec", "diff", "new.json", "--document", "panda"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let values = "[possible values: pandadoc, pandadoc::oauth, ratepay, ratepay::oauth]";
    assert!(said.contains(values), "{said}");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_with_exit_code_1() {
    let output = xtask(&["spec", "diff", "nowhere/pandadoc.json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

/// Runs cargo at the root of the repository.
fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.current_dir(root()).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_tool_is_a_command_of_cargo() {
    let said = cargo(&["--list"]);
    assert!(said.contains("alias: run --package xtask --"), "{said}");
}

#[test]
fn plain_cargo_commands_cover_the_tool_and_no_other_package() {
    let metadata = [
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--offline",
    ];
    let metadata: Value = serde_json::from_str(&cargo(&metadata)).unwrap();
    let folders = ["", "/xtask"].map(|folder| format!("path+file://{}{folder}#", root().display()));
    let members = metadata["workspace_default_members"].as_array().unwrap();
    let is_member = |folder: &String| {
        let ids = members.iter().filter_map(Value::as_str);
        ids.filter(|id| id.starts_with(folder.as_str())).count() == 1
    };
    assert!(
        members.len() == 2 && folders.iter().all(is_member),
        "{members:?}"
    );
}
