//! The simulator keeps a history of PandaDoc's deliveries, and shows what is asked for.

use std::time::Duration;

use crate::receiver::{
    deliver, deliver_in_vain, deliver_while_the_key_changes, receiver, signature, simulator,
    simulator_with_a_pause, url,
};
use serde_json::{json, Value};
use webhook_subscriptions::pandadoc::types::{
    ListWebhookEventRequest, WebhookEventDetailsResponse, WebhookEventErrorEnum,
    WebhookEventItemResponse,
};
use webhook_subscriptions::pandadoc::Client;
use webhook_subscriptions::testing::Simulator;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The events of a history of three: accepted, refused, and not connected; each a day apart.
async fn history(
    list: impl AsyncFnOnce(Client) -> Vec<WebhookEventItemResponse>,
) -> Vec<Option<i64>> {
    let receiver = receiver(&[200, 500]).await;
    let simulator = Simulator::builder()
        .delivery_attempts(1)
        .start()
        .await
        .unwrap();
    let pandadoc = simulator.pandadoc();
    let heard = pandadoc.add_subscription(&url(&receiver));
    let deaf = pandadoc.add_subscription(&"http://127.0.0.1:1/".parse().unwrap());
    for (id, event) in [
        (heard, "document_updated"),
        (heard, "document_deleted"),
        (deaf, "document_deleted"),
    ] {
        pandadoc.deliver(&id, event, json!({})).await.unwrap();
        simulator.clock().advance(DAY);
    }
    let items = list(pandadoc.client_builder().build().unwrap()).await;
    items
        .into_iter()
        .map(|item| item.http_status_code)
        .collect()
}

#[tokio::test]
async fn the_history_has_each_delivery_the_latest_first() {
    let seen = history(async |client| {
        let request = ListWebhookEventRequest::new(10, 1);
        let page = client.list_webhook_event(&request);
        page.await.unwrap().into_inner().items.unwrap()
    })
    .await;
    assert_eq!(seen, [None, Some(500), Some(200)]);
}

#[tokio::test]
async fn the_history_comes_in_pages() {
    let seen = history(async |client| {
        let request = ListWebhookEventRequest::new(2, 2);
        let page = client.list_webhook_event(&request);
        page.await.unwrap().into_inner().items.unwrap()
    })
    .await;
    assert_eq!(seen, [Some(200)]);
}

#[tokio::test]
async fn the_history_can_be_asked_for_triggers() {
    let seen = history(async |client| {
        let triggers = vec!["document_updated".into(), "quote_updated".into()];
        let request = ListWebhookEventRequest::new(9, 1).type_(triggers);
        let page = client.list_webhook_event(&request);
        page.await.unwrap().into_inner().items.unwrap()
    })
    .await;
    assert_eq!(seen, [Some(200)]);
}

#[tokio::test]
async fn the_history_can_be_asked_for_groups_of_statuses() {
    let seen = history(async |client| {
        let groups = vec![500.try_into().unwrap()];
        let request = ListWebhookEventRequest::new(9, 1).http_status_code(groups);
        let page = client.list_webhook_event(&request);
        page.await.unwrap().into_inner().items.unwrap()
    })
    .await;
    assert_eq!(seen, [Some(500)]);
}

#[tokio::test]
async fn the_history_can_be_asked_for_failures() {
    let seen = history(async |client| {
        let errors = vec![WebhookEventErrorEnum::ConnectError];
        let request = ListWebhookEventRequest::new(9, 1).error(errors);
        let page = client.list_webhook_event(&request);
        page.await.unwrap().into_inner().items.unwrap()
    })
    .await;
    assert_eq!(seen, [None]);
}

#[tokio::test]
async fn an_event_matches_every_filter_and_any_value_of_it() {
    let seen = history(async |client| {
        let groups = vec![200.try_into().unwrap(), 500.try_into().unwrap()];
        let triggers = vec!["document_deleted".into()];
        let request = ListWebhookEventRequest::new(9, 1)
            .http_status_code(groups)
            .type_(triggers);
        let page = client.list_webhook_event(&request);
        page.await.unwrap().into_inner().items.unwrap()
    })
    .await;
    assert_eq!(seen, [Some(500)]);
}

#[test]
fn the_documentation_of_a_closed_enum_names_its_values() {
    let document = include_str!("../../specs/pandadoc-webhooks.yaml");
    let document: Value = serde_yaml_ng::from_str(document).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let closed = schemas
        .iter()
        .filter(|(_, schema)| schema["type"] == "integer");
    let mut named = 0;
    for (name, schema) in closed {
        let description = schema["description"].as_str().unwrap_or_default();
        for value in schema["enum"].as_array().unwrap() {
            let value = value.to_string();
            assert!(description.contains(&value), "{name} doesn't name {value}");
            named += 1;
        }
    }
    assert_eq!(named, 5);
}

#[tokio::test]
async fn a_receiver_that_took_too_long_is_in_the_history_as_a_timeout() {
    let (simulator, report) = deliver_in_vain().await;
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let event = client.details_webhook_event(&report.id).await.unwrap();
    assert_eq!(
        event.into_inner().error,
        Some(WebhookEventErrorEnum::TimeoutError)
    );
}

#[tokio::test]
async fn a_member_may_list_and_read_the_history() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"http://127.0.0.1:1/".parse().unwrap());
    let report = deliver(&pandadoc, &id).await;
    let member = pandadoc.client_builder().api_key(pandadoc.member_api_key());
    let member = member.build().unwrap();
    let request = ListWebhookEventRequest::new(1, 1);
    let list = member.list_webhook_event(&request);
    let listed = list.await.is_ok();
    let read = member.details_webhook_event(&report.id).await.is_ok();
    assert_eq!((listed, read), (true, true));
}

#[tokio::test]
async fn the_history_can_be_asked_for_a_time() {
    let seen = history(async |client| {
        let request = ListWebhookEventRequest::new(9, 1);
        let all = client.list_webhook_event(&request);
        let all = all.await.unwrap().into_inner().items.unwrap();
        let id = all[1].uuid.unwrap();
        let second = client
            .details_webhook_event(&id)
            .await
            .unwrap()
            .into_inner();
        let (since, to) = (
            second.event_time.unwrap(),
            all[0].delivery_time.clone().unwrap(),
        );
        let request = ListWebhookEventRequest::new(9, 1).since(&since).to(&since);
        let page = client.list_webhook_event(&request);
        assert_eq!(page.await.unwrap().into_inner().items.unwrap().len(), 0);
        let request = ListWebhookEventRequest::new(9, 1).since(since).to(to);
        let page = client.list_webhook_event(&request);
        page.await.unwrap().into_inner().items.unwrap()
    })
    .await;
    assert_eq!(seen.last(), Some(&Some(500)));
}

#[tokio::test]
async fn the_history_is_kept_for_15_days() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"http://127.0.0.1:1/".parse().unwrap());
    let report = deliver(&pandadoc, &id).await;
    let client = pandadoc.client_builder().build().unwrap();
    simulator.clock().advance(DAY * 15 - Duration::from_secs(1));
    let before = client.details_webhook_event(&report.id).await.is_ok();
    simulator.clock().advance(Duration::from_secs(1));
    let after = client.details_webhook_event(&report.id).await.is_ok();
    assert_eq!((before, after), (true, false));
}

/// The details of a simulator's only event.
async fn only_event(simulator: &Simulator) -> WebhookEventDetailsResponse {
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let request = ListWebhookEventRequest::new(10, 1);
    let items = client.list_webhook_event(&request).await.unwrap();
    let items = items.into_inner().items.unwrap();
    assert_eq!(items.len(), 1);
    let details = client.details_webhook_event(&items[0].uuid.unwrap()).await;
    details.unwrap().into_inner()
}

/// Tells whether the details of an event have a body and its signature by the current key of the only
/// subscription.
fn verifies(simulator: &Simulator, event: &WebhookEventDetailsResponse) -> bool {
    let subscriptions = simulator.pandadoc().subscriptions();
    let key = subscriptions[0].shared_key.as_ref().unwrap();
    let body = event.request_body.as_deref().unwrap();
    let is_the_body = body.contains(r#""event":"document_state_changed""#);
    is_the_body && event.signature == Some(signature(key, body))
}

#[tokio::test]
async fn a_delivery_that_had_an_answer_is_in_the_history_with_its_last_status_and_verifies() {
    for (statuses, last) in [
        (&[200][..], 200),
        (&[403], 403),
        (&[403, 401, 503], 503),
        (&[503, 200], 200),
        (&[410], 410),
    ] {
        let receiver = receiver(statuses).await;
        let simulator = simulator().await;
        let pandadoc = simulator.pandadoc();
        deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
        let event = only_event(&simulator).await;
        assert_eq!(
            (event.http_status_code, verifies(&simulator, &event)),
            (Some(last), true),
            "{statuses:?}"
        );
    }
}

#[tokio::test]
async fn a_delivery_that_was_never_answered_is_in_the_history_and_verifies() {
    let (simulator, _) = deliver_in_vain().await;
    let event = only_event(&simulator).await;
    assert_eq!(
        (event.http_status_code, verifies(&simulator, &event)),
        (None, true)
    );
}

#[tokio::test]
async fn a_delivery_that_reached_nobody_is_in_the_history_and_verifies() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"http://127.0.0.1:1/".parse().unwrap());
    deliver(&pandadoc, &id).await;
    let event = only_event(&simulator).await;
    assert_eq!(
        (event.error.clone(), verifies(&simulator, &event)),
        (Some(WebhookEventErrorEnum::ConnectError), true)
    );
}

#[tokio::test]
async fn a_delivery_whose_key_changed_in_between_has_the_signature_of_its_last_attempt() {
    let simulator = simulator_with_a_pause().await;
    deliver_while_the_key_changes(&simulator).await;
    let event = only_event(&simulator).await;
    assert!(verifies(&simulator, &event));
}

#[tokio::test]
async fn an_event_that_is_delivered_again_after_older_ones_are_gone_stays_one_event() {
    let receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    simulator.clock().advance(DAY);
    let second = deliver(&pandadoc, &id).await;
    let third = deliver(&pandadoc, &id).await;
    simulator.clock().advance(DAY * 14);
    pandadoc.redeliver(&second.id).await.unwrap();
    let client = pandadoc.client_builder().build().unwrap();
    let request = ListWebhookEventRequest::new(10, 1);
    let items = client.list_webhook_event(&request).await.unwrap();
    let ids = items.into_inner().items.unwrap().into_iter();
    let ids: Vec<_> = ids.map(|item| item.uuid.unwrap()).collect();
    assert_eq!(ids, [third.id, second.id]);
}
