//! A new edition of a document is looked at, and put in place, with one command.

#[allow(dead_code)]
#[path = "../examples/spec_update/main.rs"]
mod spec_update;
#[path = "support/whole.rs"]
mod whole;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{json, Value};
use spec_update::run;

const NEW: &str = "pandadoc-9.0.0.json";

/// A package that compiles with every document that doesn't hold `does-not-compile`. It stands in for this one,
/// which takes a minute.
const STAND_IN: [(&str, &str); 3] = [
    (
        "Cargo.toml",
        r#"
        [workspace]
        [package]
        name = "stand-in"
        edition = "2021"
        [features]
        schemars = []
        testing = []
        tower = []
        tracing = []
        "#,
    ),
    (
        "build.rs",
        r#"
        fn main() {
            let variables = ["PANDADOC", "PANDADOC_OAUTH", "RATEPAY", "RATEPAY_OAUTH"];
            let variables = variables.map(|name| format!("WEBHOOK_SUBSCRIPTIONS_{name}_SPEC"));
            for variable in &variables {
                println!("cargo::rerun-if-env-changed={variable}");
            }
            let files = variables.map(std::env::var);
            let [file] = &files.iter().flatten().collect::<Vec<_>>()[..] else { panic!("{files:?}") };
            println!("cargo::rerun-if-changed={file}");
            let document = std::fs::read_to_string(file).unwrap();
            if document.contains("does-not-compile") {
                println!("cargo::rustc-cfg=does_not_compile");
            }
        }
        "#,
    ),
    (
        "src/lib.rs",
        "#[allow(unexpected_cfgs)]\n#[cfg(does_not_compile)]\nfn main() { regress::Regex::new() }\n",
    ),
];

/// A package in a folder of the test's own: the documents of this one, and a new edition of PandaDoc's.
struct Package(PathBuf);

impl Package {
    fn new(test: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(root.join("specs")).unwrap();
        fs::create_dir_all(root.join("src")).unwrap();
        for (file, content) in STAND_IN {
            fs::write(root.join(file), content).unwrap();
        }
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
        let in_package = |argument: &&str| match self.0.join(argument) {
            file if file.is_file() => file.display().to_string(),
            _ => (*argument).to_owned(),
        };
        let arguments: Vec<_> = arguments.iter().map(in_package).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let without_folder = |said: String| said.replace(&format!("{}/", self.0.display()), "");
        let mut said = Vec::new();
        run(&self.0, &arguments, &mut said).map_err(&without_folder)?;
        Ok(without_folder(String::from_utf8(said).unwrap()))
    }

    /// The files in `specs/`, each with its content.
    fn specs(&self) -> BTreeMap<PathBuf, Option<String>> {
        let files = fs::read_dir(self.0.join("specs")).unwrap();
        let files = files.map(|file| file.unwrap().path());
        files
            .map(|file| (file.clone(), fs::read_to_string(file).ok()))
            .collect()
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
        sentence.starts_with("pandadoc-9.0.0.json stays out, since it does not build: pandadoc-9.0.0.json: operation "),
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

/// The documents of which a file of this name could be an edition.
fn named_after(name: &str) -> Option<&'static str> {
    let document = spec_update::choice::choose(Path::new(""), name, None);
    document.ok().map(|document| document.module)
}

#[test]
fn a_file_is_an_edition_of_the_document_that_it_is_named_after() {
    for (name, module) in [
        ("pandadoc.json", Some("pandadoc")),
        ("downloads/pandadoc-8.8.0.json", Some("pandadoc")),
        ("PandaDoc_v9.json", Some("pandadoc")),
        ("pandadoc-oauth.yaml", Some("pandadoc::oauth")),
        ("pandadoc-oauth-2.yaml", Some("pandadoc::oauth")),
        ("ratepay.2026-11-24.yaml", Some("ratepay")),
        ("ratepay-oauth.yml", Some("ratepay::oauth")),
        ("pandadoc-webhooks.yaml", None),
        ("pandadocs.json", None),
        ("openapi.json", None),
        ("new.json", None),
    ] {
        assert_eq!(named_after(name), module, "{name}");
    }
}

#[test]
fn a_file_that_is_named_after_no_document_needs_an_argument() {
    let package = Package::new("unnamed");
    fs::rename(package.0.join(NEW), package.0.join("new.json")).unwrap();
    let expected = "new.json isn't named after a document of this crate; say which one it replaces: \
                    pass `--document` and one of pandadoc, pandadoc::oauth, ratepay, ratepay::oauth";
    assert_eq!(package.run(&["new.json"]).unwrap_err(), expected);
}

#[test]
fn the_argument_says_what_the_file_is_an_edition_of() {
    let package = Package::new("argued");
    fs::rename(package.0.join(NEW), package.0.join("ratepay.json")).unwrap();
    let said = package
        .run(&["ratepay.json", "--document", "pandadoc"])
        .unwrap();
    assert!(said.ends_with("\n\nnothing for this crate\n"), "{said}");
}

#[test]
fn a_module_without_a_document_is_refused() {
    let package = Package::new("no_module");
    let sentence = package.run(&[NEW, "--document", "panda"]).unwrap_err();
    assert!(
        sentence
            .starts_with("`panda` isn't the module of a document; pass `--document` and one of "),
        "{sentence}"
    );
}

/// The lines about a new edition without any webhook operation, after PandaDoc's whole document.
fn without_webhooks(test: &str, token_endpoint: bool) -> Result<String, String> {
    let package = Package::new(test);
    let mut new = whole::document();
    fs::write(package.0.join("specs/pandadoc.json"), new.to_string()).unwrap();
    new["paths"].as_object_mut().unwrap().retain(|path, _| {
        !path.contains("webhook") && (token_endpoint || !path.contains("oauth2"))
    });
    fs::write(package.0.join(NEW), new.to_string()).unwrap();
    package.run(&[NEW])
}

#[test]
fn every_operation_that_is_lost_is_named_though_none_is_left() {
    let said = without_webhooks("all_lost", true).unwrap();
    assert_eq!(
        said.matches(": is gone from the document\n").count(),
        8,
        "{said}"
    );
}

#[test]
fn a_token_endpoint_that_is_gone_from_the_published_document_is_named() {
    let said = without_webhooks("endpoint_lost", false).unwrap();
    let line = "breaking       operation accessToken: is gone from this document; \
                its client is generated from specs/pandadoc-oauth.yaml, so compare them\n";
    assert!(said.contains(line), "{said}");
}

#[test]
fn what_is_no_document_is_refused() {
    let package = Package::new("no_document");
    fs::write(package.0.join(NEW), "<html>").unwrap();
    let sentence = package.run(&[NEW]).unwrap_err();
    assert!(
        sentence.starts_with("pandadoc-9.0.0.json: the document is not JSON: "),
        "{sentence}"
    );
}

#[test]
fn arguments_that_are_not_understood_are_refused() {
    let package = Package::new("argument");
    for arguments in [
        &["--what"][..],
        &[NEW, "--what"],
        &[NEW, "--document"],
        &[NEW, "--install", "--install"],
        &[NEW, "--from", "https://pandadoc.example"],
        &[NEW, "--install", "--from", " "],
    ] {
        let sentence = package.run(arguments).unwrap_err();
        assert!(
            sentence.starts_with("these arguments are not understood"),
            "{arguments:?}: {sentence}"
        );
    }
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
    let mut new = whole::document();
    fs::write(package.0.join("specs/pandadoc.json"), new.to_string()).unwrap();
    let item = &mut new["paths"]["/public/v1/webhook-subscriptions/{id}"];
    item.as_object_mut().unwrap().remove("delete").unwrap();
    fs::write(package.0.join(NEW), new.to_string()).unwrap();
    let said = package.run(&[NEW]).unwrap();
    let line = "deleteWebhookSubscription would be taken from specs/pandadoc-webhooks.yaml.";
    assert!(said.contains(line), "{said}");
}

// What is installed compiles.

#[test]
fn what_does_not_compile_stays_out() {
    let package = Package::with("uncompilable", ELSEWHERE, json!("does-not-compile"));
    let before = package.specs();
    package.run(&[NEW, "--install"]).unwrap_err();
    assert_eq!(package.specs(), before);
}

#[test]
fn what_rustc_said_first_is_said() {
    let package = Package::with("rustc_said", ELSEWHERE, json!("does-not-compile"));
    let sentence = package.run(&[NEW, "--install"]).unwrap_err();
    assert!(
        sentence.starts_with(
            "pandadoc-9.0.0.json stays out, since this crate does not compile with it: cannot find "
        ) && sentence.contains("`regress`")
            && sentence.contains(" (src/lib.rs:3); correct it, or change this crate until "),
        "{sentence}"
    );
}

#[test]
fn what_is_a_document_by_hand_is_compiled_too() {
    let package = Package::new("by_hand");
    let new = package.0.join("ratepay-oauth-2.yaml");
    let document = package.read("specs/ratepay-oauth.yaml") + "\n# does-not-compile\n";
    fs::write(&new, document).unwrap();
    let sentence = package
        .run(&["ratepay-oauth-2.yaml", "--install"])
        .unwrap_err();
    assert!(
        sentence.contains(" does not compile with it: "),
        "{sentence}"
    );
}

#[test]
fn what_cargo_says_is_said_where_rustc_is_not_asked() {
    let package = Package::with("cargo_said", ELSEWHERE, json!("Other words"));
    fs::write(package.0.join("Cargo.toml"), "[workspace]\n[package]\n").unwrap();
    let sentence = package.run(&[NEW, "--install"]).unwrap_err();
    assert!(
        sentence.contains(
            ", since cargo couldn't check this crate with it: failed to parse manifest at "
        ),
        "{sentence}"
    );
}

/// Cargo looks at the time of a file, not at its content.
#[test]
fn what_does_not_compile_stays_out_though_its_file_is_older_than_the_last_one() {
    let package = Package::with("older", ELSEWHERE, json!("Other words"));
    package.run(&[NEW, "--install"]).unwrap();
    let document = package.read(NEW).replace("Other words", "does-not-compile");
    fs::write(package.0.join(NEW), document).unwrap();
    let file = fs::File::options().write(true).open(package.0.join(NEW));
    file.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let sentence = package.run(&[NEW, "--install"]).unwrap_err();
    assert!(
        sentence.contains(" does not compile with it: "),
        "{sentence}"
    );
}

#[test]
fn nothing_is_replaced_where_one_file_cannot_be() {
    let package = Package::with("blocked", ELSEWHERE, json!("Other words"));
    let surface = package.0.join("specs/surface.txt");
    fs::remove_file(&surface).unwrap();
    fs::create_dir_all(surface.join("in the way")).unwrap();
    let before = package.specs();
    package.run(&[NEW, "--install"]).unwrap_err();
    assert_eq!(package.specs(), before);
}

// What a document says is shown, and does nothing else.

#[test]
fn a_name_in_a_document_cannot_write_a_line_of_its_own() {
    let pointer = "/components/schemas/WebhookSubscriptionSharedKeyResponse/properties";
    let name = "a\nnothing for this crate\u{1b}[2K\u{202e}";
    let package = Package::with(
        "forged",
        pointer,
        json!({"shared_key": {"type": "string"}, name: {}}),
    );
    let said = package.run(&[NEW]).unwrap();
    let line = r"member a\nnothing for this crate\u{1b}[2K\u{202e}: is new";
    assert!(said.contains(line), "{said}");
}
