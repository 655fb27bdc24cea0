//! The examples do what they say, print no key, and name what is wrong with their arguments and variables.

#[allow(dead_code)]
#[path = "../../examples/receiver/settings.rs"]
mod receiver;
#[allow(dead_code)]
#[path = "../../examples/rotate/main.rs"]
mod rotate;
#[allow(dead_code, clippy::duplicate_mod)]
#[path = "../../examples/rotation/main.rs"]
mod rotation;

mod old_key;
mod operator;
mod rehearsal;
mod variables;

use std::collections::HashMap;
use std::env::{self, VarError};
use std::io;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use rotate::timeline::Say;
use tempfile::{tempdir, TempDir};
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::rotate::{FileStore, TimeSource};
use webhook_subscriptions::testing::{Operation, Simulator};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::{BoxFuture, Rotation, Secret};

const URL: &str = "https://shop.example/hooks";
const EVENT_TYPE: &str = "INVOICE_INVOICE";
const CHANGES: [Operation; 2] = [
    Operation::UpdateWebhookSubscriptionSharedKey,
    Operation::UpdateSubscription,
];

/// A subscription at each provider, and the variables that name both.
struct Subscriptions {
    simulator: Simulator,
    pandadoc: Uuid,
    ratepay: SubscriptionId,
    folder: TempDir,
    variables: HashMap<&'static str, String>,
}

impl Subscriptions {
    async fn new() -> Self {
        let simulator = Simulator::start().await.unwrap();
        let (pandadoc, ratepay) = (simulator.pandadoc(), simulator.ratepay());
        let url = URL.parse().unwrap();
        let pandadoc_id = pandadoc.add_subscription(&url);
        let secret = SigningSecret::generate();
        let ratepay_id = ratepay.add_subscription(&url, EVENT_TYPE, secret.clone());
        let folder = tempdir().unwrap();
        let text = |secret: Secret| secret.expose_secret().to_owned();
        let variables = HashMap::from([
            (
                "WEBHOOK_KEYS",
                folder.path().join("keys").display().to_string(),
            ),
            ("PANDADOC_BASE_URL", pandadoc.base_url().to_owned()),
            ("PANDADOC_API_KEY", text(pandadoc.api_key())),
            ("PANDADOC_SUBSCRIPTION_ID", pandadoc_id.to_string()),
            ("RATEPAY_BASE_URL", ratepay.base_url().to_owned()),
            ("RATEPAY_ACCESS_TOKEN", text(ratepay.access_token())),
            ("RATEPAY_SUBSCRIPTION_ID", ratepay_id.to_string()),
            ("RATEPAY_URL", url.to_string()),
            ("RATEPAY_EVENT_TYPE", EVENT_TYPE.to_owned()),
            ("RATEPAY_SECRET", text(secret.into())),
        ]);
        Self {
            pandadoc: pandadoc_id,
            ratepay: ratepay_id,
            simulator,
            folder,
            variables,
        }
    }

    fn without(mut self, prefix: &str) -> Self {
        self.variables.retain(|name, _| !name.starts_with(prefix));
        self
    }

    fn variable(&self, name: &str) -> Result<String, VarError> {
        self.variables
            .get(name)
            .cloned()
            .ok_or(VarError::NotPresent)
    }

    fn changes(&self) -> u64 {
        CHANGES
            .map(|change| self.simulator.requests(change))
            .iter()
            .sum()
    }

    /// The current keys of both providers.
    fn keys(&self) -> [Secret; 2] {
        [
            self.simulator
                .pandadoc()
                .shared_key(&self.pandadoc)
                .unwrap(),
            self.simulator.ratepay().secret(&self.ratepay).unwrap(),
        ]
    }

    /// Runs the example `rotate` with these variables.
    async fn rotate(&self, say: Say) -> Result<(), String> {
        let variable = |name: &str| self.variable(name);
        let run = rotate::run(&[], &variable, service, say).await;
        run.map_err(|error| error.to_string())
    }

    /// Runs the example `rotation` with these variables.
    async fn rotation(&self, arguments: &[&str]) -> Result<rotation::Told, String> {
        let arguments = Vec::from_iter(arguments.iter().map(|&argument| argument.to_owned()));
        let variable = |name: &str| self.variable(name);
        let run = rotation::run(&arguments, &variable).await;
        run.map_err(|error| error.to_string())
    }

    /// Starts a rotation at PandaDoc, as a service did an hour ago.
    async fn pandadoc(&self) -> Rotation<PandaDoc> {
        let client = self.simulator.pandadoc().client_builder().build().unwrap();
        let rotation = Rotation::pandadoc(client, self.pandadoc).store(self.store());
        rotation.time(AnHourAgo).start().await.unwrap()
    }

    /// Starts a rotation at Ratepay, as a service did an hour ago.
    async fn ratepay(&self) -> Rotation<Ratepay> {
        let client = self.simulator.ratepay().client_builder().build().unwrap();
        let [_, secret] = self.keys();
        let subscription = SubscriptionRequest {
            url: URL.parse().unwrap(),
            event_type: EVENT_TYPE.to_owned(),
            secret: SigningSecret::new(secret).unwrap(),
        };
        let rotation = Rotation::ratepay(client, self.ratepay.clone(), subscription);
        let rotation = rotation.store(self.store()).time(AnHourAgo);
        rotation.start().await.unwrap()
    }

    fn store(&self) -> FileStore {
        FileStore::open(self.folder.path().join("keys")).unwrap()
    }
}

/// The time of a service that has stored the first record long enough ago for a rotation to begin at once.
struct AnHourAgo;

impl TimeSource for AnHourAgo {
    fn now(&self) -> SystemTime {
        SystemTime::now() - Duration::from_secs(3600)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Keeps the lines that an example prints.
fn lines() -> (Arc<Mutex<Vec<String>>>, Say) {
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let keep = lines.clone();
    let say = move |line: &str| keep.lock().unwrap().push(line.to_owned());
    (lines, Arc::new(say))
}

/// Starts this test binary as the service of the example.
fn service() -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command
        .args(["--exact", "examples::the_service", "--ignored"])
        .stdout(Stdio::null());
    Ok(command)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "another test runs it in a process of its own"]
async fn the_service() {
    if env::var_os(rotate::process::BEGAN).is_none() {
        return;
    }
    let (_, say) = lines();
    let arguments = ["service".to_owned()];
    rotate::run(&arguments, &|name| env::var(name), service, say)
        .await
        .unwrap();
}
