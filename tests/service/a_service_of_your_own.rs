//! How a service that uses this crate tests itself, with the simulator and with mocks:
//! `service.rs` is such a service.

use std::time::Duration;

use crate::service::{RotateError, Service};
use http::StatusCode;
use httpmock::MockServer;
use serde_json::json;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionSharedKeyResponse as SharedKey;
use webhook_subscriptions::testing::mock::pandadoc::UpdateWebhookSubscriptionSharedKeyError::TooManyRequests;
use webhook_subscriptions::testing::mock::pandadoc::{
    DetailsWebhookSubscription, UpdateWebhookSubscriptionSharedKey,
};
use webhook_subscriptions::testing::mock::Reply;
use webhook_subscriptions::testing::{Fault, Operation, Simulator};
use webhook_subscriptions::verify::{Key, PandaDoc};
use webhook_subscriptions::{pandadoc, Outcome, RetryPolicy, Secret};

// In docs/testing.md, from here
#[tokio::test]
async fn a_delivery_is_accepted_though_the_answer_to_the_rotation_was_lost() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let service = Service::start(pandadoc.client_builder().build().unwrap()).await;
    let id = pandadoc.add_subscription(service.url());
    let lost = simulator.inject(
        Fault::cut_after_applying()
            .on(Operation::UpdateWebhookSubscriptionSharedKey)
            .once(),
    );

    service.rotate(&id).await.unwrap();
    let report = pandadoc
        .deliver(&id, "document_state_changed", json!({"id": "d-1"}))
        .await
        .unwrap();

    assert_eq!(lost.hits().len(), 1);
    assert_eq!(report.status(), Some(StatusCode::OK));
    assert_eq!(service.received(), ["d-1"]);
}
// to here.

// In docs/testing.md too, from here
#[tokio::test]
async fn a_rotation_that_is_told_to_wait_is_done_in_the_end() {
    let server = MockServer::start_async().await;
    let client = pandadoc::Client::builder().api_key("any");
    let service = Service::start(client.base_url(server.base_url()).build().unwrap()).await;
    let (id, key) = (Uuid::from_u128(7), Secret::from("new key"));
    let old = serde_json::from_value(json!({"shared_key": "old key"})).unwrap();
    DetailsWebhookSubscription::mock(&server)
        .expect(async |client| client.details_webhook_subscription(&id).await)
        .reply(Reply::success(old))
        .mount_async()
        .await;
    let regenerate = UpdateWebhookSubscriptionSharedKey::mock(&server)
        .expect(async |client| client.update_webhook_subscription_shared_key(&id).await)
        .reply(Reply::error(TooManyRequests).retry_after(Duration::ZERO))
        .reply(Reply::success(SharedKey::new(key.clone())))
        .mount_async()
        .await;

    service.rotate(&id).await.unwrap();
    let body = r#"[{"event":"document_state_changed","data":{"id":"d-1"}}]"#;
    let signature = Key::<PandaDoc>::new(&key).unwrap().sign(body.as_bytes());
    let url = signature.append_to(service.url().as_str());
    let response = reqwest::Client::new().post(url).body(body).send().await;

    regenerate.assert_calls_async(2).await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
    assert_eq!(service.received(), ["d-1"]);
}
// to here too.

#[tokio::test]
async fn a_delivery_that_was_signed_with_a_key_before_the_rotation_is_refused_by_this_service() {
    // It began without a key, so it knows only those that it had made.
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let service = Service::start(pandadoc.client_builder().build().unwrap()).await;
    let id = pandadoc.add_subscription(service.url());
    let report = pandadoc.deliver(&id, "document_updated", json!({"id": "d-1"}));
    assert_eq!(report.await.unwrap().status(), Some(StatusCode::FORBIDDEN));
}

/// How a rotation ends that meets these faults, and whether PandaDoc has another key after it.
async fn rotate_with(faults: impl IntoIterator<Item = Fault>) -> (Result<(), RotateError>, bool) {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let builder = pandadoc.client_builder().retry(RetryPolicy::none());
    let service = Service::start(builder.build().unwrap()).await;
    let id = pandadoc.add_subscription(service.url());
    let before = pandadoc.shared_key(&id);
    for fault in faults {
        simulator.inject(fault);
    }
    let result = service.rotate(&id).await;
    (result, pandadoc.shared_key(&id) != before)
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
async fn a_refused_read_back_does_not_hide_that_the_key_may_have_changed() {
    let [first, second] = read_back_forbidden();
    let lost = on_change(Fault::cut_after_applying());
    let (result, changed) = rotate_with([lost, first, second]).await;
    let Err(RotateError::NotRead { change, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!((change.outcome(), changed), (Outcome::Unknown, true));
}

#[tokio::test]
async fn a_refused_read_back_does_not_hide_that_the_key_has_changed() {
    let [first, second] = read_back_forbidden();
    let cut = on_change(Fault::cut_inside_answer());
    let (result, changed) = rotate_with([cut, first, second]).await;
    let Err(RotateError::NotRead { change, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!((change.outcome(), changed), (Outcome::Applied, true));
}

#[tokio::test]
async fn a_request_that_was_lost_before_it_arrived_is_no_rotation() {
    let (result, changed) = rotate_with([on_change(Fault::cut_before_applying())]).await;
    let seems_unchanged = matches!(result, Err(RotateError::SeemsUnchanged(_)));
    assert_eq!((seems_unchanged, changed), (true, false), "{result:?}");
}

#[tokio::test]
async fn a_refused_change_is_told_as_one() {
    let refused = Fault::answer(StatusCode::FORBIDDEN);
    let (result, changed) = rotate_with([on_change(refused)]).await;
    let not_changed = matches!(result, Err(RotateError::NotChanged(_)));
    assert_eq!((not_changed, changed), (true, false), "{result:?}");
}

#[tokio::test]
async fn nothing_is_changed_where_the_current_key_cannot_be_read() {
    let refused = Fault::answer(StatusCode::FORBIDDEN);
    let read = refused.on(Operation::DetailsWebhookSubscription);
    let (result, changed) = rotate_with([read]).await;
    let not_started = matches!(result, Err(RotateError::NotStarted(_)));
    assert_eq!((not_started, changed), (true, false), "{result:?}");
}

/// The lines between each two comments.
fn shown() -> [String; 2] {
    let file = include_str!("a_service_of_your_own.rs").replace("\r\n", "\n");
    let between = |from: &str, to: &str| {
        let (_, rest) = file.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    [
        between("// In docs/testing.md, from here\n", "// to here.\n"),
        between(
            "// In docs/testing.md too, from here\n",
            "// to here too.\n",
        ),
    ]
}

#[test]
fn the_documentation_shows_tests_that_are_run() {
    let page = include_str!("../../docs/testing.md").replace("\r\n", "\n");
    assert!(shown().iter().all(|test| page.contains(test)));
}

#[test]
fn the_tests_in_the_documentation_have_fewer_than_30_lines() {
    assert!(shown().iter().all(|test| test.lines().count() < 30));
}
