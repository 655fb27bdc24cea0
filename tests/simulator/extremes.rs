//! No time is too long for the simulator, and a setting that means nothing is rejected where it is made.

use std::time::Duration;

use crate::support::{HASTE, URL};
use http::StatusCode;
use webhook_subscriptions::testing::{Clock, Fault, Simulator};
use webhook_subscriptions::RetryPolicy;

#[tokio::test]
async fn a_token_of_pandadocs_can_be_good_for_ever() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let token = pandadoc.access_token_for(Duration::MAX);
    let client = pandadoc.client_builder().access_token(token);
    let listed = client.build().unwrap().list_webhook_subscriptions().await;
    assert!(listed.is_ok());
}

#[tokio::test]
async fn a_token_of_ratepays_can_be_good_for_ever() {
    let simulator = Simulator::start().await.unwrap();
    let ratepay = simulator.ratepay();
    let token = ratepay.access_token_for(Duration::MAX);
    let client = ratepay.client_builder().access_token(token);
    assert!(client.build().unwrap().list_subscriptions().await.is_ok());
}

#[tokio::test]
async fn a_clock_that_is_turned_as_far_as_can_be_still_serves() {
    let clock = Clock::running();
    let simulator = Simulator::builder().clock(clock.clone());
    let simulator = simulator.start().await.unwrap();
    clock.advance(Duration::MAX);
    clock.advance(Duration::MAX);
    let pandadoc = simulator.pandadoc();
    pandadoc.add_subscription(&URL.parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    assert!(client.list_webhook_subscriptions().await.is_ok());
}

#[tokio::test]
async fn a_delay_can_be_one_without_end() {
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::delay(Duration::MAX));
    let client = simulator.pandadoc().client_builder().timeout(HASTE);
    let client = client.retry(RetryPolicy::none()).build().unwrap();
    let error = client.list_webhook_subscriptions().await.unwrap_err();
    assert!(error.is_timeout());
}

#[test]
#[should_panic(expected = "a delivery needs at least 1 attempt")]
fn no_attempt_at_all_is_refused() {
    let _ = Simulator::builder().delivery_attempts(0);
}

#[test]
#[should_panic(expected = "101 Switching Protocols isn't the status of a final response")]
fn an_answer_that_ends_no_request_is_refused() {
    let _ = Fault::answer(StatusCode::SWITCHING_PROTOCOLS);
}

#[test]
#[should_panic(expected = "100 Continue isn't the status of a final response")]
fn a_late_answer_that_ends_no_request_is_refused() {
    let _ = Fault::answer_after_applying(StatusCode::CONTINUE);
}

#[test]
#[should_panic(expected = "100 Continue isn't the status of a final response")]
fn a_page_that_ends_no_request_is_refused() {
    let _ = Fault::html_in_front(StatusCode::CONTINUE);
}
