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

use std::collections::{BTreeSet, HashMap};
use std::env::{self, VarError};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use http::StatusCode;
use receiver::{Keys, OldKey};
use rotate::providers::{Attempt, Delivered};
use rotate::report::{Report, Side};
use rotate::scenario::{Scenario, Trouble};
use rotate::timeline::Say;
use tempfile::{tempdir, TempDir};
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::rotate::{FileStore, TimeSource};
use webhook_subscriptions::testing::{Operation, Simulator};
use webhook_subscriptions::verify::{Key, PandaDoc, Ratepay};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_tells_that_nothing_was_lost_and_prints_and_draws_no_key() {
    let (lines, say) = lines();
    let folder = tempdir().unwrap();
    let picture = folder.path().join("rotation.svg");
    let scenario = Scenario {
        pandadoc: vec![Trouble::Nothing],
        ratepay: vec![Trouble::Nothing],
    };
    let plot = Some(picture.to_str().unwrap());
    rotate::rehearse(scenario, plot, service, say)
        .await
        .unwrap();
    let told = lines.lock().unwrap().join("\n");
    assert!(told.contains("lost 0, forged accepted 0"), "{told}");
    let picture = fs::read_to_string(picture).unwrap();
    // A key has 22 characters or more, none of which are spaces or punctuation.
    let is_key = |word: &&str| word.len() >= 20;
    for text in [told, picture] {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
        assert_eq!(words.find(is_key), None);
    }
}

/// A report on one delivery of PandaDoc and one forged one.
fn report(genuine: Option<StatusCode>, forged: StatusCode, found: &[&str]) -> Report {
    let attempt = |status| Attempt {
        at: SystemTime::now(),
        generation: 1,
        status,
    };
    let side = |delivered, forged, found| Side {
        delivered,
        forged,
        found,
        held: 0,
        requests: 0,
        changes: 0,
    };
    let delivered = Delivered {
        document: "document 1".to_owned(),
        attempts: vec![attempt(genuine)],
    };
    let found = found.iter().map(|&document| document.to_owned()).collect();
    Report {
        pandadoc: side(vec![delivered], vec![attempt(Some(forged))], found),
        ratepay: side(Vec::new(), Vec::new(), BTreeSet::new()),
    }
}

#[test]
fn a_rehearsal_fails_if_a_delivery_is_lost_or_a_forged_one_accepted() {
    let (ok, forbidden) = (StatusCode::OK, StatusCode::FORBIDDEN);
    for (genuine, forged, found, passes) in [
        (Some(ok), forbidden, &[][..], true),
        (Some(forbidden), forbidden, &[], false),
        (None, forbidden, &[], false),
        (None, forbidden, &["document 1"], true),
        (Some(ok), ok, &[], false),
    ] {
        let report = report(genuine, forged, found);
        assert_eq!(report.check().is_ok(), passes, "{report}");
    }
}

#[tokio::test]
async fn the_variables_of_both_services_rotate_both_keys_and_keep_them() {
    let subscriptions = Subscriptions::new().await;
    drop(subscriptions.pandadoc().await);
    drop(subscriptions.ratepay().await);
    let before = subscriptions.keys();
    let (_, say) = lines();
    subscriptions.rotate(say).await.unwrap();
    let after = subscriptions.keys();
    let keys = subscriptions.folder.path().join("keys");
    let kept = fs::read_dir(keys)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()));
    let kept = String::from_iter(kept.map(Result::unwrap));
    for (before, after) in before.iter().zip(&after) {
        let is_kept = |key: &Secret| kept.contains(key.expose_secret());
        assert!(before != after && is_kept(before) && is_kept(after));
    }
}

#[tokio::test]
async fn what_will_be_done_is_said_before_anything_is_changed() {
    let subscriptions = Arc::new(Subscriptions::new().await.without("RATEPAY"));
    drop(subscriptions.pandadoc().await);
    let changes = Arc::<Mutex<Vec<(String, u64)>>>::default();
    let (seen, at) = (changes.clone(), subscriptions.clone());
    let say: Say = Arc::new(move |line| seen.lock().unwrap().push((line.to_owned(), at.changes())));
    subscriptions.rotate(say).await.unwrap();
    let changes = changes.lock().unwrap();
    let said = changes
        .iter()
        .find(|(line, _)| line.contains("send one request for a new key"));
    assert_eq!((said.unwrap().1, subscriptions.changes()), (0, 1));
}

#[tokio::test]
async fn a_missing_variable_is_named_and_nothing_is_changed() {
    for (missing, error) in [
        ("RATEPAY_URL", "RATEPAY_URL isn't set; set it as well"),
        (
            "WEBHOOK_KEYS",
            "WEBHOOK_KEYS isn't set; set it to the folder where the keys are kept from now on",
        ),
    ] {
        let subscriptions = Subscriptions::new().await.without(missing);
        let (_, say) = lines();
        let run = subscriptions.rotate(say).await;
        assert_eq!((run, subscriptions.changes()), (Err(error.to_owned()), 0));
    }
}

#[tokio::test]
async fn wrong_arguments_of_the_rehearsal_are_answered_with_its_usage() {
    for arguments in [&["--plot"][..], &["--plot", "a", "b"], &["now"]] {
        let arguments = Vec::from_iter(arguments.iter().map(|&it| it.to_owned()));
        let (_, say) = lines();
        let run = rotate::run(&arguments, &|_| Err(VarError::NotPresent), service, say).await;
        assert_eq!(
            run.unwrap_err().to_string(),
            "usage: rotate [--plot FILE.svg]"
        );
    }
}

#[tokio::test]
async fn the_status_and_the_plan_are_json_while_the_service_uses_the_folder() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    let _service = subscriptions.pandadoc().await;
    for (command, phase) in [("status", "steady"), ("plan", "steady")] {
        let told = subscriptions.rotation(&[command, "--json"]).await.unwrap();
        let json: serde_json::Value = serde_json::from_str(&told.text).unwrap();
        assert_eq!(json["phase"], phase);
    }
}

#[tokio::test]
async fn a_change_is_refused_while_the_service_uses_the_folder() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    let _service = subscriptions.pandadoc().await;
    for arguments in [&["now"][..], &["resume"], &["revoke", "1"]] {
        let error = subscriptions.rotation(arguments).await.err().unwrap();
        assert!(error.contains("is in use"), "{error}");
        assert!(
            error.contains("have it call `rotate_now`, `resume` or `revoke`"),
            "{error}"
        );
    }
    assert_eq!(subscriptions.changes(), 0);
}

#[tokio::test]
async fn an_operator_rotates_and_revokes_once_the_service_has_ended() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    drop(subscriptions.pandadoc().await);
    for (arguments, text) in [
        (&["now"][..], "rotated: key 2 is the current one"),
        (
            &["revoke", "1"],
            "revoked: key 1; no request was needed, because there is a newer key\nkey 1 is no longer accepted",
        ),
    ] {
        let told = subscriptions.rotation(arguments).await.unwrap();
        assert_eq!((told.text.as_str(), told.is_success), (text, true));
    }
}

#[tokio::test]
async fn the_end_of_a_command_is_json() {
    let subscriptions = Subscriptions::new().await.without("PANDADOC");
    drop(subscriptions.ratepay().await);
    let told = subscriptions.rotation(&["--json", "now"]).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"ended": "rotated", "generation": 2})
    );
}

#[tokio::test]
async fn an_operator_is_shown_no_key() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    drop(subscriptions.pandadoc().await);
    let before = subscriptions.keys();
    let mut told = String::new();
    for arguments in [["now"], ["status"], ["plan"]] {
        told += &subscriptions.rotation(&arguments).await.unwrap().text;
        told += &subscriptions
            .rotation(&["--json", arguments[0]])
            .await
            .unwrap()
            .text;
    }
    let keys = before.into_iter().chain(subscriptions.keys());
    let mut shown = keys.filter(|key| told.contains(key.expose_secret()));
    assert_eq!(shown.next(), None);
}

#[tokio::test]
async fn wrong_arguments_of_an_operator_are_named_and_answered_with_the_usage() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    for (arguments, wrong) in [
        (&[][..], "a command is missing"),
        (&["rotate"], "`rotate` isn't a command"),
        (&["status", "all"], "`status all` isn't a command"),
        (&["revoke"], "`revoke` isn't a command"),
        (
            &["revoke", "two"],
            "`two` isn't the number of a key, such as 3; `status` shows them",
        ),
    ] {
        let error = subscriptions.rotation(arguments).await.err().unwrap();
        let usage = format!("{wrong}\n\nusage: rotation [--json] COMMAND");
        assert!(error.starts_with(&usage), "{error}");
    }
}

#[tokio::test]
async fn an_operator_names_exactly_one_provider() {
    let both = Subscriptions::new().await;
    let none = Subscriptions::new()
        .await
        .without("RATEPAY")
        .without("PANDADOC");
    for (subscriptions, wrong) in [
        (both, "the variables of both providers are set"),
        (none, "the variables of no provider are set"),
    ] {
        let error = subscriptions.rotation(&["status"]).await.err().unwrap();
        assert!(error.starts_with(wrong), "{error}");
    }
}

#[tokio::test]
async fn a_folder_without_a_record_is_named() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    let error = subscriptions.rotation(&["status"]).await.err().unwrap();
    assert!(error.contains("start the service first"), "{error}");
}

/// Whether a receiver that starts now accepts the old key at this time after 1970.
fn accepted_at(seconds: u64) -> bool {
    let until = Some("2026-01-31T12:00:00Z".to_owned());
    let old = OldKey::new("OLD", Some("old".to_owned()), until).unwrap();
    let ring = Keys { new: None, old }.ring::<PandaDoc>().unwrap();
    let signature = Key::new(Secret::from("old")).unwrap().sign(b"[]");
    let now = UNIX_EPOCH + Duration::from_secs(seconds);
    ring.verify(b"[]", &signature, now).is_ok()
}

#[test]
fn an_old_key_ends_at_its_time_whenever_the_receiver_starts() {
    // By `date --date 2026-01-31T12:00:00Z +%s`.
    let until = 1_769_860_800;
    assert_eq!((accepted_at(until - 1), accepted_at(until)), (true, false));
}

#[test]
fn an_old_key_without_its_end_is_refused_by_the_name_of_the_variable() {
    for until in [None, Some("tomorrow".to_owned())] {
        let refused = OldKey::new("OLD", Some("old".to_owned()), until.clone());
        let error = refused.err().unwrap().to_string();
        assert!(error.contains("OLD_VALID_UNTIL"), "{error}");
    }
}
