//! The examples keep every key, and say what is known of it, when something goes wrong.

#[allow(dead_code)]
#[path = "../../examples/receiver/settings.rs"]
mod receiver;
#[allow(dead_code)]
#[path = "../../examples/rotate/main.rs"]
mod rotate;

use std::collections::HashMap;
use std::env::VarError;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use http::StatusCode;
use receiver::{Keys, OldKey};
use rotate::pandadoc_key::{NotRotated, PandaDoc};
use rotate::ratepay_secret::Ratepay;
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::SubscriptionRequest;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{Fault, Operation, Simulator};
use webhook_subscriptions::verify::{Key, PandaDoc as PandaDocScheme};
use webhook_subscriptions::{Outcome, RetryPolicy, Secret};

/// An empty folder of the test's own.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("examples")
        .join(test);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The one file of a folder, if there is one.
fn kept(folder: &Path) -> Option<String> {
    let mut files = fs::read_dir(folder).unwrap();
    let file = files.next()?.unwrap().path();
    assert!(files.next().is_none(), "one file at most");
    Some(fs::read_to_string(file).unwrap())
}

/// What became of a rotation at PandaDoc.
struct Rotated {
    result: Result<(), NotRotated>,
    kept: Option<String>,
    /// The server's key before, and after.
    keys: [String; 2],
}

async fn rotate_at_pandadoc(test: &str, faults: impl IntoIterator<Item = Fault>) -> Rotated {
    let simulator = Simulator::start().await.unwrap();
    let server = simulator.pandadoc();
    let id = server.add_subscription(&"https://shop.example/hooks".parse().unwrap());
    let key = || server.shared_key(&id).unwrap().expose_secret().to_owned();
    let builder = server.client_builder().retry(RetryPolicy::none());
    let client = builder.build().unwrap();
    for fault in faults {
        simulator.inject(fault);
    }
    let folder = folder(test);
    let before = key();
    let result = PandaDoc { client, id }.rotate(&folder).await;
    Rotated {
        result,
        kept: kept(&folder),
        keys: [before, key()],
    }
}

fn on_change(fault: Fault) -> Fault {
    fault.on(Operation::UpdateWebhookSubscriptionSharedKey)
}

/// The first read, before the change, goes through; the second is answered with 403.
fn read_back_forbidden() -> [Fault; 2] {
    let read = |fault: Fault| fault.on(Operation::DetailsWebhookSubscription).once();
    let first = Fault::delay(Duration::ZERO);
    [read(first), read(Fault::answer(StatusCode::FORBIDDEN))]
}

#[tokio::test]
async fn a_key_whose_answer_was_lost_is_read_back_and_kept() {
    for (test, fault) in [
        ("lost", Fault::cut_after_applying()),
        ("cut", Fault::cut_inside_answer()),
        (
            "failed",
            Fault::answer_after_applying(StatusCode::BAD_GATEWAY),
        ),
    ] {
        let rotated = rotate_at_pandadoc(test, [on_change(fault)]).await;
        let [_, after] = rotated.keys;
        assert_eq!(
            (rotated.result.is_ok(), rotated.kept),
            (true, Some(after)),
            "{test}"
        );
    }
}

#[tokio::test]
async fn a_key_that_did_not_change_is_kept_and_told_as_the_old_one() {
    let lost = on_change(Fault::cut_before_applying());
    let rotated = rotate_at_pandadoc("unchanged", [lost]).await;
    let told = matches!(rotated.result, Err(NotRotated::SeemsUnchanged { .. }));
    let [before, _] = rotated.keys;
    assert_eq!((told, rotated.kept), (true, Some(before)));
}

#[tokio::test]
async fn a_failed_read_back_leaves_what_is_known_of_the_change() {
    let [first, second] = read_back_forbidden();
    let lost = on_change(Fault::cut_after_applying());
    let rotated = rotate_at_pandadoc("unread", [lost, first, second]).await;
    let Err(NotRotated::NotRead { change, .. }) = rotated.result else {
        panic!("{:?}", rotated.result);
    };
    assert_eq!(change.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn the_bytes_of_a_cut_answer_are_kept_where_the_key_cannot_be_read() {
    let [first, second] = read_back_forbidden();
    let cut = on_change(Fault::cut_inside_answer());
    let rotated = rotate_at_pandadoc("bytes", [cut, first, second]).await;
    let [_, after] = rotated.keys;
    let whole = format!(r#"{{"shared_key":"{after}"}}"#);
    assert_eq!(rotated.kept.as_deref(), Some(&whole[..whole.len() / 2]));
}

#[tokio::test]
async fn a_refused_regeneration_leaves_no_file() {
    let refused = on_change(Fault::answer(StatusCode::FORBIDDEN));
    assert_eq!(rotate_at_pandadoc("refused", [refused]).await.kept, None);
}

#[tokio::test]
async fn nothing_is_regenerated_beside_a_key_that_is_kept_already() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let folder = folder("kept_already");
    fs::write(folder.join("pandadoc-shared-key"), "an earlier key").unwrap();
    let id = Uuid::nil();
    PandaDoc { client, id }.rotate(&folder).await.unwrap_err();
    let operation = Operation::UpdateWebhookSubscriptionSharedKey;
    let requests = simulator.requests(operation);
    assert_eq!(
        (requests, kept(&folder).unwrap().as_str()),
        (0, "an earlier key")
    );
}

/// What was in the folder when each request was answered, what is in it in the end, and the secret that
/// was to be.
async fn rotate_at_ratepay(
    test: &str,
    fault: Option<Fault>,
) -> (Vec<Option<String>>, Option<String>, String) {
    let folder = folder(test);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let simulator = Simulator::builder().on_request({
        let (seen, folder) = (seen.clone(), folder.clone());
        move |_| seen.lock().unwrap().push(kept(&folder))
    });
    let simulator = simulator.start().await.unwrap();
    let server = simulator.ratepay();
    let url: webhook_subscriptions::WebhookUrl = "https://shop.example/hooks".parse().unwrap();
    let id = server.add_subscription(&url, "INVOICE_INVOICE", SigningSecret::generate());
    if let Some(fault) = fault {
        simulator.inject(fault);
    }
    let secret = SigningSecret::generate();
    let text = secret.expose_secret().to_owned();
    let builder = server.client_builder().retry(RetryPolicy::none());
    let ratepay = Ratepay {
        client: builder.build().unwrap(),
        id,
        subscription: SubscriptionRequest {
            url,
            event_type: "INVOICE_INVOICE".into(),
            secret,
        },
    };
    ratepay.rotate(&folder).await.ok();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (seen, kept(&folder), text)
}

#[tokio::test]
async fn a_secret_is_kept_before_it_is_sent() {
    let (seen, _, secret) = rotate_at_ratepay("before", None).await;
    assert_eq!(seen, [Some(secret)]);
}

#[tokio::test]
async fn a_secret_whose_fate_is_unknown_stays() {
    let lost = Some(Fault::cut_before_applying());
    let (_, kept, secret) = rotate_at_ratepay("fate", lost).await;
    assert_eq!(kept, Some(secret));
}

#[tokio::test]
async fn a_secret_that_was_refused_goes() {
    let refused = Some(Fault::answer(StatusCode::FORBIDDEN));
    let (_, kept, _) = rotate_at_ratepay("goes", refused).await;
    assert_eq!(kept, None);
}

/// Runs the program at a simulator, with all of its variables set but one.
async fn run_without(test: &str, missing: &str) -> Result<(), String> {
    let simulator = Simulator::start().await.unwrap();
    let (pandadoc, ratepay) = (simulator.pandadoc(), simulator.ratepay());
    let url = "https://shop.example/hooks".parse().unwrap();
    let pandadoc_id = pandadoc.add_subscription(&url);
    let secret = SigningSecret::generate();
    let ratepay_id = ratepay.add_subscription(&url, "INVOICE_INVOICE", secret);
    let variables = HashMap::from([
        ("PANDADOC_BASE_URL", pandadoc.base_url().to_owned()),
        (
            "PANDADOC_API_KEY",
            pandadoc.api_key().expose_secret().to_owned(),
        ),
        ("PANDADOC_SUBSCRIPTION_ID", pandadoc_id.to_string()),
        ("RATEPAY_BASE_URL", ratepay.base_url().to_owned()),
        (
            "RATEPAY_ACCESS_TOKEN",
            ratepay.access_token().expose_secret().to_owned(),
        ),
        ("RATEPAY_SUBSCRIPTION_ID", ratepay_id.to_string()),
        ("RATEPAY_URL", url.to_string()),
        ("RATEPAY_EVENT_TYPE", "INVOICE_INVOICE".to_owned()),
    ]);
    let folder = folder(test);
    let variable = |name: &str| {
        let given = variables.get(name).filter(|_| name != missing);
        given.cloned().ok_or(VarError::NotPresent)
    };
    let run = rotate::run(&folder, &variable).await;
    run.map_err(|error| error.to_string())?;
    let file = |name: &str| Secret::from(fs::read_to_string(folder.join(name)).unwrap());
    assert_eq!(
        (
            Some(file("pandadoc-shared-key")),
            Some(file("ratepay-secret"))
        ),
        (
            pandadoc.shared_key(&pandadoc_id),
            ratepay.secret(&ratepay_id)
        )
    );
    Ok(())
}

#[tokio::test]
async fn the_variables_of_both_services_rotate_both_keys_into_files() {
    assert_eq!(run_without("both", "nothing").await, Ok(()));
}

#[tokio::test]
async fn a_missing_variable_is_named() {
    let run = run_without("one_missing", "RATEPAY_URL").await;
    assert_eq!(run, Err("RATEPAY_URL isn't set; set it as well".to_owned()));
}

/// Whether a receiver that starts now accepts the old key at this time after 1970.
fn accepted_at(seconds: u64) -> bool {
    let until = Some("2026-01-31T12:00:00Z".to_owned());
    let old = OldKey::new("OLD", Some("old".to_owned()), until).unwrap();
    let ring = Keys { new: None, old }.ring::<PandaDocScheme>().unwrap();
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
