//! Makes packages in which the commands can work.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde_json::Value;
use xtask::{root, run, Arguments};

pub const NEW: &str = "pandadoc-9.0.0.json";

/// A package that compiles with every document that doesn't contain `does-not-compile`. It stands in for this one,
/// which takes a minute to compile.
const STAND_IN: [(&str, &str); 3] = [
    (
        "Cargo.toml",
        r#"
        [workspace]
        [package]
        name = "webhook-subscriptions"
        edition = "2021"
        [features]
        rotate = []
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

/// A package in a folder of its own, with the documents of this one and a new edition of PandaDoc's.
pub struct Package(pub PathBuf);

impl Package {
    pub fn new(test: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(root.join("specs")).unwrap();
        fs::create_dir_all(root.join("src")).unwrap();
        for (file, content) in STAND_IN {
            fs::write(root.join(file), content).unwrap();
        }
        for file in fs::read_dir(in_repository("specs")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), root.join("specs").join(file.file_name())).unwrap();
        }
        fs::copy(in_repository("specs/pandadoc.json"), root.join(NEW)).unwrap();
        let package = Self(root);
        package.run(&["accept"]).unwrap();
        package
    }

    /// Makes a package with a new edition in which the value at `pointer` is another.
    pub fn with(test: &str, pointer: &str, value: Value) -> Self {
        let package = Self::new(test);
        let mut document: Value = serde_json::from_str(&package.read(NEW)).unwrap();
        *document.pointer_mut(pointer).unwrap() = value;
        fs::write(package.0.join(NEW), document.to_string()).unwrap();
        package
    }

    /// Runs `cargo xtask spec` with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let in_package = |argument: &&str| match self.0.join(argument) {
            file if file.is_file() => file.display().to_string(),
            _ => (*argument).to_owned(),
        };
        let command = ["cargo xtask", "spec"].map(str::to_owned).into_iter();
        let arguments = Arguments::parse_from(command.chain(arguments.iter().map(in_package)));
        let without_folder = |said: String| said.replace(&format!("{}/", self.0.display()), "");
        let mut said = Vec::new();
        run(&self.0, arguments, &mut said).map_err(&without_folder)?;
        Ok(without_folder(String::from_utf8(said).unwrap()))
    }

    /// Returns the files in `specs/`, each with its content.
    pub fn specs(&self) -> BTreeMap<PathBuf, Option<String>> {
        let files = fs::read_dir(self.0.join("specs")).unwrap();
        let files = files.map(|file| file.unwrap().path());
        files
            .map(|file| (file.clone(), fs::read_to_string(file).ok()))
            .collect()
    }

    pub fn diff(&self) -> String {
        self.run(&["diff", NEW]).unwrap()
    }

    pub fn install(&self) -> Result<String, String> {
        self.run(&["install", NEW])
    }

    /// Tells whether `specs/pandadoc.json` is the one of the repository.
    pub fn is_untouched(&self) -> bool {
        let ours = fs::read_to_string(in_repository("specs/pandadoc.json")).unwrap();
        self.read("specs/pandadoc.json") == ours
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap()
    }
}

pub fn in_repository(file: &str) -> PathBuf {
    root().join(file)
}

pub const ID: &str =
    "/paths/~1public~1v1~1webhook-subscriptions~1{id}~1shared-key/patch/operationId";
pub const DESCRIPTION: &str =
    "/paths/~1public~1v1~1webhook-subscriptions~1{id}~1shared-key/patch/description";
pub const SERVER: &str = "/servers/0/url";
pub const ELSEWHERE: &str = "/info/description";
