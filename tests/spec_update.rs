//! A new edition of a document is looked at, and put in place, with one command.

#[allow(dead_code)]
#[path = "../examples/spec_update/main.rs"]
mod spec_update;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use spec_update::run;

const NEW: &str = "new.json";

/// A package in a folder of the test's own: the documents of this one, and a new edition of PandaDoc's.
struct Package(PathBuf);

impl Package {
    fn new(test: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        fs::create_dir_all(root.join("specs")).unwrap();
        for file in fs::read_dir("specs").unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), root.join("specs").join(file.file_name())).unwrap();
        }
        fs::copy("specs/pandadoc.json", root.join(NEW)).unwrap();
        let package = Self(root);
        package.run(&["--accept"]).unwrap();
        package
    }

    /// With a new edition in which the value at `pointer` is another.
    fn with(test: &str, pointer: &str, value: Value) -> Self {
        let package = Self::new(test);
        let mut document: Value = serde_json::from_str(&package.read(NEW)).unwrap();
        *document.pointer_mut(pointer).unwrap() = value;
        fs::write(package.0.join(NEW), document.to_string()).unwrap();
        package
    }

    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let new = self.0.join(NEW).display().to_string();
        let arguments: Vec<_> = arguments
            .iter()
            .map(|argument| if *argument == NEW { &*new } else { argument })
            .collect();
        let without_folder = |said: String| said.replace(&format!("{}/", self.0.display()), "");
        let mut said = Vec::new();
        run(&self.0, &arguments, &mut said).map_err(&without_folder)?;
        Ok(without_folder(String::from_utf8(said).unwrap()))
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap()
    }
}

const ID: &str = "/paths/~1public~1v1~1webhook-subscriptions~1{id}~1shared-key/patch/operationId";
const DESCRIPTION: &str =
    "/paths/~1public~1v1~1webhook-subscriptions~1{id}~1shared-key/patch/description";
const SERVER: &str = "/servers/0/url";
const ELSEWHERE: &str = "/info/description";

#[test]
fn what_is_only_elsewhere_is_nothing_for_this_crate() {
    let package = Package::with("elsewhere", ELSEWHERE, json!("Other words"));
    let said = package.run(&[NEW]).unwrap();
    assert!(said.ends_with("\n\nnothing for this crate\n"), "{said}");
}

#[test]
fn what_breaks_asks_for_the_next_breaking_version() {
    let package = Package::with("breaks", SERVER, json!("https://api2.pandadoc.com"));
    let said = package.run(&[NEW]).unwrap();
    let version = concat!("0.", env!("CARGO_PKG_VERSION_MINOR"));
    let next: u64 = version[2..].parse::<u64>().unwrap() + 1;
    assert!(
        said.contains(&format!("The next version of this crate: 0.{next}.0\n")),
        "{said}"
    );
}

#[test]
fn what_breaks_nothing_asks_for_a_small_step() {
    let package = Package::with("documents", DESCRIPTION, json!("Other words"));
    let said = package.run(&[NEW]).unwrap();
    let next: u64 = env!("CARGO_PKG_VERSION_PATCH").parse::<u64>().unwrap() + 1;
    let line = format!(
        "The next version of this crate: 0.{}.{next}\n",
        env!("CARGO_PKG_VERSION_MINOR")
    );
    assert!(said.contains(&line), "{said}");
}

#[test]
fn an_operation_that_was_renamed_is_named() {
    let package = Package::with("renamed", ID, json!("regenerateKey"));
    let said = package.run(&[NEW]).unwrap();
    let line = "breaking       operation updateWebhookSubscriptionSharedKey: is called `regenerateKey` now\n";
    assert!(said.contains(line), "{said}");
}

#[test]
fn nothing_is_put_in_place_unless_told_so() {
    let package = Package::with("looked_at", ELSEWHERE, json!("Other words"));
    package.run(&[NEW]).unwrap();
    assert_eq!(
        package.read("specs/pandadoc.json"),
        fs::read_to_string("specs/pandadoc.json").unwrap()
    );
}

#[test]
fn the_new_edition_is_put_in_place_byte_for_byte() {
    let package = Package::with("installed", ELSEWHERE, json!("Other words"));
    package.run(&[NEW, "--install"]).unwrap();
    assert_eq!(package.read("specs/pandadoc.json"), package.read(NEW));
}

#[test]
fn what_was_put_in_place_is_recorded() {
    let package = Package::with("recorded", "/info/version", json!("9.0.0"));
    package
        .run(&[NEW, "--install", "--from", "https://pandadoc.example"])
        .unwrap();
    assert!(package
        .read("specs/provenance.yaml")
        .contains("from: https://pandadoc.example\n  version: 9.0.0\n"));
}

#[test]
fn what_was_put_in_place_is_accepted() {
    let package = Package::with("accepted", SERVER, json!("https://api2.pandadoc.com"));
    package.run(&[NEW, "--install"]).unwrap();
    assert!(package.run(&["--check"]).is_ok());
}

#[test]
fn what_does_not_build_stays_out() {
    let package = Package::with("unbuildable", ID, json!("regenerateKey"));
    package.run(&[NEW, "--install"]).unwrap_err();
    assert_eq!(
        package.read("specs/pandadoc.json"),
        fs::read_to_string("specs/pandadoc.json").unwrap()
    );
}

#[test]
fn why_it_stays_out_is_said() {
    let package = Package::with("said", ID, json!("regenerateKey"));
    let sentence = package.run(&[NEW, "--install"]).unwrap_err();
    assert!(
        sentence.starts_with("new.json stays out, since it does not build: new.json: operation "),
        "{sentence}"
    );
}

#[test]
fn a_surface_that_changed_is_found() {
    let package = Package::with("changed", SERVER, json!("https://api2.pandadoc.com"));
    fs::copy(package.0.join(NEW), package.0.join("specs/pandadoc.json")).unwrap();
    let sentence = package.run(&["--check"]).unwrap_err();
    assert!(
        sentence.starts_with("specs/surface.txt is not the surface in use; "),
        "{sentence}"
    );
}

#[test]
fn a_document_that_is_not_the_recorded_one_is_found() {
    let package = Package::with("edited", ELSEWHERE, json!("Other words"));
    fs::copy(package.0.join(NEW), package.0.join("specs/pandadoc.json")).unwrap();
    let sentence = package.run(&["--check"]).unwrap_err();
    assert!(
        sentence.starts_with("specs/pandadoc.json is not the one that "),
        "{sentence}"
    );
}

#[test]
fn a_document_of_another_api_is_refused() {
    let package = Package::with("other_api", "/paths", json!({}));
    let sentence = package.run(&[NEW]).unwrap_err();
    assert_eq!(
        sentence,
        "new.json has no operation in use; it is another API's document"
    );
}

#[test]
fn what_is_no_document_is_refused() {
    let package = Package::new("no_document");
    fs::write(package.0.join(NEW), "<html>").unwrap();
    let sentence = package.run(&[NEW]).unwrap_err();
    assert!(
        sentence.starts_with("new.json: the document is not JSON: "),
        "{sentence}"
    );
}

#[test]
fn an_argument_that_is_none_of_the_known_is_refused() {
    let sentence = Package::new("argument").run(&["--what"]).unwrap_err();
    assert!(
        sentence.starts_with("these arguments are not understood"),
        "{sentence}"
    );
}

#[test]
fn a_document_that_is_in_place_already_stays_whole() {
    let package = Package::new("in_place");
    let file = package.0.join("specs/pandadoc.json");
    let before = fs::read(&file).unwrap();
    package.run(&[file.to_str().unwrap(), "--install"]).unwrap();
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn nothing_is_written_where_something_is_missing() {
    let package = Package::with("incomplete", ELSEWHERE, json!("Other words"));
    fs::remove_file(package.0.join("specs/provenance.yaml")).unwrap();
    package.run(&[NEW, "--install"]).unwrap_err();
    assert_eq!(
        package.read("specs/pandadoc.json"),
        fs::read_to_string("specs/pandadoc.json").unwrap()
    );
}

#[test]
fn an_escaped_emoji_is_no_hindrance() {
    let package = Package::new("emoji");
    let escaped = package.read(NEW).replacen(
        "\"description\": \"",
        "\"description\": \"\\ud83d\\ude00 ",
        1,
    );
    fs::write(package.0.join(NEW), escaped).unwrap();
    package.run(&[NEW, "--install"]).unwrap();
    assert!(package.run(&["--check"]).is_ok());
}

#[test]
fn a_byte_order_mark_is_no_hindrance() {
    let package = Package::new("mark");
    let marked = format!("\u{feff}{}", package.read(NEW));
    fs::write(package.0.join(NEW), marked).unwrap();
    let said = package.run(&[NEW]).unwrap();
    assert!(said.ends_with("nothing for this crate\n"), "{said}");
}

#[test]
fn a_source_that_is_kept_is_named() {
    let package = Package::with("kept", ELSEWHERE, json!("Other words"));
    let said = package.run(&[NEW, "--install"]).unwrap();
    assert!(said.ends_with(", as before\n"), "{said}");
}

#[test]
fn an_operation_that_is_left_to_the_document_by_hand_is_named() {
    let package = Package::with("withdrawn", ELSEWHERE, json!("Other words"));
    let whole = fs::read_to_string("tests/other_client/pandadoc-8.8.0.json").unwrap();
    fs::write(package.0.join("specs/pandadoc.json"), &whole).unwrap();
    let mut new: Value = serde_json::from_str(&whole).unwrap();
    let item = &mut new["paths"]["/public/v1/webhook-subscriptions/{id}"];
    item.as_object_mut().unwrap().remove("delete").unwrap();
    fs::write(package.0.join(NEW), new.to_string()).unwrap();
    let said = package.run(&[NEW]).unwrap();
    let line = "deleteWebhookSubscription would be taken from specs/pandadoc-webhooks.yaml.";
    assert!(said.contains(line), "{said}");
}
