//! A simulator is for itself, and leaves nothing behind.

use crate::support;

use std::net::TcpListener;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use webhook_subscriptions::pandadoc::types::ListWebhookEventRequest;
use webhook_subscriptions::testing::{Clock, Fault, Operation, Simulator};
use webhook_subscriptions::RetryPolicy;

async fn regenerate(simulator: &Simulator, times: usize) -> usize {
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&support::URL.parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    let mut right = 0;
    for _ in 0..times {
        let answer = client
            .update_webhook_subscription_shared_key(&id)
            .await
            .unwrap();
        right += usize::from(pandadoc.shared_key(&id) == Some(answer.into_inner().shared_key));
    }
    right
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_a_time_do_not_disturb_each_other() {
    let mut tests = JoinSet::new();
    for number in 0..50 {
        tests.spawn(async move {
            let simulator = Simulator::start().await.unwrap();
            // Were it another's, it would be met by the others.
            let injected = simulator.inject(Fault::too_many_requests(Some(0.into())).once());
            let right = regenerate(&simulator, number).await;
            let operation = Operation::UpdateWebhookSubscriptionSharedKey;
            let hits = injected.hits().len();
            let requests = simulator.requests(operation) as usize;
            let subscriptions = simulator.pandadoc().subscriptions().len();
            (right, requests - hits, subscriptions) == (number, number, 1)
        });
    }
    assert_eq!(tests.join_all().await, [true; 50]);
}

#[tokio::test]
async fn a_key_of_one_opens_no_other() {
    let (one, other) = (
        Simulator::start().await.unwrap(),
        Simulator::start().await.unwrap(),
    );
    let builder = one.pandadoc().client_builder().base_url(other.base_url());
    let error = builder.build().unwrap().list_webhook_subscriptions().await;
    assert_eq!(error.unwrap_err().status().unwrap(), 401);
}

#[tokio::test]
async fn dropping_one_frees_its_port_at_once() {
    let simulator = Simulator::start().await.unwrap();
    let address = simulator.base_url().replace("http://", "");
    let taken = TcpListener::bind(&address).is_err();
    drop(simulator);
    assert_eq!((taken, TcpListener::bind(&address).is_ok()), (true, true));
}

#[tokio::test]
async fn dropping_one_ends_its_tasks_and_its_connections() {
    let before = Handle::current().metrics().num_alive_tasks();
    let simulator = Simulator::start().await.unwrap();
    // Connections of its own, without a pool whose tasks would be counted too.
    let address = simulator.base_url().replace("http://", "");
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    while Handle::current().metrics().num_alive_tasks() < before + 11 {
        tokio::task::yield_now().await;
    }
    drop(simulator);
    let ended = async {
        while Handle::current().metrics().num_alive_tasks() > before {
            tokio::task::yield_now().await;
        }
    };
    let ended = tokio::time::timeout(support::PATIENCE, ended).await;
    assert!(ended.is_ok());
}

#[tokio::test]
async fn nothing_is_left_of_one_that_was_stopped() {
    let before = Handle::current().metrics().num_alive_tasks();
    let simulator = Simulator::start().await.unwrap();
    let address = simulator.base_url().replace("http://", "");
    let _stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    simulator.stop().await;
    let left = Handle::current().metrics().num_alive_tasks() - before;
    assert_eq!((left, TcpListener::bind(&address).is_ok()), (0, true));
}

#[tokio::test]
async fn a_refusal_does_not_keep_the_port_of_one_that_is_gone() {
    let simulator = Simulator::start().await.unwrap();
    let address = simulator.base_url().replace("http://", "");
    let refusal = simulator.refuse_connections().await.unwrap();
    drop(simulator);
    let while_it_lasts = TcpListener::bind(&address).is_ok();
    refusal.end().unwrap();
    let after_it = TcpListener::bind(&address).is_ok();
    assert_eq!((while_it_lasts, after_it), (true, true));
}

#[test]
fn a_refusal_can_outlive_the_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (simulator, refusal) = runtime.block_on(async {
        let simulator = Simulator::start().await.unwrap();
        let refusal = simulator.refuse_connections().await.unwrap();
        (simulator, refusal)
    });
    drop(runtime);
    drop(refusal);
    drop(simulator);
}

#[tokio::test]
async fn an_observer_is_told_of_each_request() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let simulator = Simulator::builder().on_request(move |exchange| {
        sender.send(exchange.to_string()).unwrap();
    });
    let simulator = simulator.start().await.unwrap();
    let client = simulator.pandadoc().client_builder().build().unwrap();
    client
        .list_webhook_event(&ListWebhookEventRequest::new(10, 1))
        .await
        .unwrap();
    assert_eq!(
        seen.recv().await.unwrap(),
        "GET /public/v1/webhook-events -> 200 OK (listWebhookEvent)"
    );
}

#[tokio::test]
async fn a_path_that_ends_in_a_slash_is_of_no_operation() {
    for (path, told) in [
        ("/public/v1/webhook-subscriptions/", "404 Not Found"),
        (
            "/public/v1/webhook-subscriptions//shared-key",
            "404 Not Found",
        ),
        ("/public/v1/webhook-events/", "404 Not Found"),
        ("/webhook/management/v1/", "404 Not Found"),
    ] {
        let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let simulator = Simulator::builder().on_request(move |exchange| {
            sender.send(exchange.to_string()).unwrap();
        });
        let simulator = simulator.start().await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}{path}", simulator.base_url());
        client.get(url).send().await.unwrap();
        assert_eq!(seen.recv().await.unwrap(), format!("GET {path} -> {told}"));
    }
}

#[tokio::test]
async fn an_observer_is_told_of_a_request_whose_client_hangs_up() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let simulator = Simulator::builder().clock(Clock::stopped());
    let simulator = simulator.on_request(move |exchange| {
        sender.send(exchange.to_string()).unwrap();
    });
    let simulator = simulator.start().await.unwrap();
    simulator.inject(Fault::delay(Duration::from_secs(60)));
    let client = simulator
        .pandadoc()
        .client_builder()
        .timeout(support::HASTE);
    let client = client.retry(RetryPolicy::none()).build().unwrap();
    client.list_webhook_subscriptions().await.unwrap_err();
    drop(simulator);
    assert_eq!(
        seen.recv().await.as_deref(),
        Some("GET /public/v1/webhook-subscriptions -> 200 OK, 60000 ms late (listWebhookSubscriptions)")
    );
}
