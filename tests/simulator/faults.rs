//! Each fault of the simulator does what its name says, where and as often as it is told, and says
//! that it did.

use std::time::Duration;

use crate::support::{self, HASTE, PATIENCE};
use http::{HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::Client;
use webhook_subscriptions::testing::{
    Clock, Fault, FaultEffect, FaultHit, InjectedFault, Operation, Simulator,
};
use webhook_subscriptions::{Error, Outcome, RetryPolicy, Secret};

const REGENERATE: Operation = Operation::UpdateWebhookSubscriptionSharedKey;

/// A simulator with a subscription, and a client that retries nothing.
struct Case {
    simulator: Simulator,
    client: Client,
    id: Uuid,
    before: Secret,
}

impl Case {
    async fn new() -> Self {
        let simulator = Simulator::builder().clock(Clock::stopped());
        let simulator = simulator.start().await.unwrap();
        let pandadoc = simulator.pandadoc();
        let id = pandadoc.add_subscription(&support::URL.parse().unwrap());
        let client = pandadoc.client_builder().retry(RetryPolicy::none());
        Self {
            client: client.build().unwrap(),
            before: pandadoc.shared_key(&id).unwrap(),
            simulator,
            id,
        }
    }

    async fn regenerate(&self) -> Result<Secret, Error> {
        let answer = self.client.update_webhook_subscription_shared_key(&self.id);
        Ok(answer.await?.into_inner().shared_key)
    }

    /// Whether the server has another key than at first.
    fn is_applied(&self) -> bool {
        self.simulator.pandadoc().shared_key(&self.id).as_ref() != Some(&self.before)
    }
}

/// The result of a regeneration under a fault: the error, whether the key was changed, and what the fault
/// says that it did.
async fn under(fault: Fault) -> (Error, bool, FaultEffect) {
    let case = Case::new().await;
    let injected = case.simulator.inject(fault);
    let error = case.regenerate().await.unwrap_err();
    (error, case.is_applied(), effect(&injected))
}

fn effect(injected: &InjectedFault<FaultHit>) -> FaultEffect {
    let hits = injected.hits();
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!(hits[0].operation, REGENERATE);
    hits[0].effect
}

#[tokio::test]
async fn cut_before_applying_leaves_the_key_and_the_caller_in_doubt() {
    let (error, applied, effect) = under(Fault::cut_before_applying()).await;
    assert_eq!(
        (error.outcome(), applied, effect),
        (Outcome::Unknown, false, FaultEffect::CutBeforeApplying)
    );
}

#[tokio::test]
async fn cut_after_applying_changes_the_key_and_leaves_the_caller_in_doubt() {
    let (error, applied, effect) = under(Fault::cut_after_applying()).await;
    let lost = StatusCode::OK;
    assert_eq!(
        (error.outcome(), applied, effect),
        (
            Outcome::Unknown,
            true,
            FaultEffect::CutAfterApplying { lost }
        )
    );
}

#[tokio::test]
async fn cut_inside_answer_changes_the_key_and_sends_half_of_it() {
    let (error, applied, effect) = under(Fault::cut_inside_answer()).await;
    let FaultEffect::CutInsideAnswer { sent, of, .. } = effect else {
        panic!("{effect:?}");
    };
    let came = error.expose_success_body().map(<[u8]>::len);
    assert_eq!(
        (error.outcome(), applied, came, sent),
        (Outcome::Applied, true, Some(of / 2), of / 2)
    );
}

#[tokio::test]
async fn cut_inside_answer_waits_for_an_answer_that_has_a_body() {
    let case = Case::new().await;
    let other = case.simulator.pandadoc();
    let other = other.add_subscription(&support::URL.parse().unwrap());
    let injected = case.simulator.inject(Fault::cut_inside_answer().once());
    case.client
        .delete_webhook_subscription(&other)
        .await
        .unwrap();
    let hits_of_a_204 = injected.hits().len();
    let results = [
        case.regenerate().await.is_ok(),
        case.regenerate().await.is_ok(),
    ];
    assert_eq!((hits_of_a_204, results), (0, [false, true]));
}

#[tokio::test]
async fn delay_lets_a_caller_run_out_of_time_after_the_key_was_changed() {
    let case = Case::new().await;
    let by = Duration::from_secs(60);
    let injected = case.simulator.inject(Fault::delay(by));
    let client = case.simulator.pandadoc().client_builder().timeout(HASTE);
    let client = client.retry(RetryPolicy::none()).build().unwrap();
    let error = client
        .update_webhook_subscription_shared_key(&case.id)
        .await;
    let status = StatusCode::OK;
    assert_eq!(
        (
            error.unwrap_err().is_timeout(),
            case.is_applied(),
            effect(&injected)
        ),
        (true, true, FaultEffect::Delayed { status, by })
    );
}

#[tokio::test]
async fn delay_ends_when_the_clock_is_turned_so_far() {
    let case = Case::new().await;
    let injected = case.simulator.inject(Fault::delay(Duration::from_secs(60)));
    let turn_once_delayed = async {
        while injected.hits().is_empty() {
            tokio::task::yield_now().await;
        }
        case.simulator.clock().advance(Duration::from_secs(60));
    };
    let (answer, ()) = tokio::join!(case.regenerate(), turn_once_delayed);
    assert!(answer.is_ok());
}

#[tokio::test]
async fn too_many_requests_refuses_and_names_the_wait_that_it_is_given() {
    let (error, applied, effect) = under(Fault::too_many_requests(Some(7.into()))).await;
    let status = StatusCode::TOO_MANY_REQUESTS;
    assert_eq!(
        (error.outcome(), error.retry_after(), applied, effect),
        (
            Outcome::Rejected,
            Some(Duration::from_secs(7)),
            false,
            FaultEffect::Answered { status }
        )
    );
}

#[tokio::test]
async fn too_many_requests_takes_any_retry_after() {
    let odd = HeaderValue::from_static("soon");
    let (error, ..) = under(Fault::too_many_requests(Some(odd.clone()))).await;
    assert_eq!(error.headers().unwrap().get("retry-after"), Some(&odd));
}

#[tokio::test]
async fn too_many_requests_can_name_no_wait() {
    let (error, ..) = under(Fault::too_many_requests(None)).await;
    assert_eq!(error.headers().unwrap().get("retry-after"), None);
}

#[tokio::test]
async fn service_unavailable_names_the_wait_and_applies_nothing() {
    let (error, applied, _) = under(Fault::service_unavailable(Some(7.into()))).await;
    let wait = Some(Duration::from_secs(7));
    assert_eq!((error.retry_after(), applied), (wait, false));
}

#[tokio::test]
async fn an_answer_of_any_status_does_nothing_else() {
    for status in [400, 403, 409, 500, 502, 504] {
        let status = StatusCode::from_u16(status).unwrap();
        let (error, applied, effect) = under(Fault::answer(status)).await;
        assert_eq!(
            (error.status(), applied, effect),
            (Some(status), false, FaultEffect::Answered { status })
        );
    }
}

#[tokio::test]
async fn a_server_that_fails_too_late_has_changed_the_key() {
    let status = StatusCode::BAD_GATEWAY;
    let (error, applied, effect) = under(Fault::answer_after_applying(status)).await;
    let lost = StatusCode::OK;
    assert_eq!(
        (error.status(), applied, effect),
        (
            Some(status),
            true,
            FaultEffect::AnsweredAfterApplying { status, lost }
        )
    );
}

#[tokio::test]
async fn html_in_front_is_a_page_and_no_json() {
    let status = StatusCode::FORBIDDEN;
    let (error, applied, effect) = under(Fault::html_in_front(status)).await;
    let page = String::from_utf8_lossy(error.body().unwrap()).into_owned();
    assert_eq!(
        (page.starts_with("<!DOCTYPE html>"), applied, effect),
        (true, false, FaultEffect::HtmlInFront { status })
    );
}

#[tokio::test]
async fn a_refused_connection_was_never_sent_anything() {
    let case = Case::new().await;
    let _refusal = case.simulator.refuse_connections().await.unwrap();
    let error = case.regenerate().await.unwrap_err();
    assert_eq!(
        (error.outcome(), case.is_applied()),
        (Outcome::NotSent, false)
    );
}

#[tokio::test]
async fn connections_that_stand_are_closed_when_new_ones_are_refused() {
    let case = Case::new().await;
    let address = case.simulator.base_url().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        .await
        .unwrap();
    stream.read_u8().await.unwrap();
    let refusal = case.simulator.refuse_connections().await.unwrap();
    // Ends with the rest of the answer, since the connection does.
    let ended = timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await;
    assert_eq!((ended.is_ok(), refusal.closed_connections()), (true, 1));
}

#[tokio::test]
async fn connections_are_accepted_again_once_the_refusal_ends() {
    let case = Case::new().await;
    let refusal = case.simulator.refuse_connections().await.unwrap();
    refusal.end().unwrap();
    assert!(case.regenerate().await.is_ok());
}

#[tokio::test]
async fn connections_are_refused_until_the_last_refusal_ends() {
    let case = Case::new().await;
    let first = case.simulator.refuse_connections().await.unwrap();
    let second = case.simulator.refuse_connections().await.unwrap();
    drop(first);
    let with_one_left = case.regenerate().await.is_ok();
    drop(second);
    let with_none_left = case.regenerate().await.is_ok();
    assert_eq!((with_one_left, with_none_left), (false, true));
}

#[tokio::test]
async fn a_refusal_can_end_on_a_thread_without_a_runtime() {
    let case = Case::new().await;
    let refusal = case.simulator.refuse_connections().await.unwrap();
    let ended = std::thread::spawn(|| drop(refusal)).join();
    assert_eq!(
        (ended.is_ok(), case.regenerate().await.is_ok()),
        (true, true)
    );
}

#[tokio::test]
async fn a_fault_that_happens_once_happens_once() {
    let case = Case::new().await;
    case.simulator.inject(Fault::cut_before_applying().once());
    let results = [
        case.regenerate().await.is_ok(),
        case.regenerate().await.is_ok(),
    ];
    assert_eq!(results, [false, true]);
}

#[tokio::test]
async fn a_fault_of_one_operation_leaves_the_others_alone() {
    let case = Case::new().await;
    let injected = case
        .simulator
        .inject(Fault::cut_before_applying().on(REGENERATE));
    let listed = case.client.list_webhook_subscriptions().await.is_ok();
    assert_eq!((listed, injected.hits().len()), (true, 0));
}

#[tokio::test]
async fn a_fault_concerns_the_operations_of_both_providers_unless_told_otherwise() {
    let case = Case::new().await;
    let injected = case
        .simulator
        .inject(Fault::answer(StatusCode::BAD_REQUEST));
    let client = case.simulator.ratepay().client_builder().build().unwrap();
    let error = client.list_subscriptions().await.unwrap_err();
    assert_eq!(
        (error.problem().name(), injected.hits()[0].operation),
        (Some("ValidationError"), Operation::ListSubscriptions)
    );
}

#[tokio::test]
async fn faults_that_happen_once_make_a_sequence() {
    let case = Case::new().await;
    case.simulator.inject(Fault::too_many_requests(None).once());
    case.simulator
        .inject(Fault::answer(StatusCode::BAD_GATEWAY).times(2));
    let mut seen = Vec::new();
    for _ in 0..4 {
        let status = case
            .regenerate()
            .await
            .map_or_else(|error| error.status(), |_| None);
        seen.push(status.map(|status| status.as_u16()));
    }
    assert_eq!(seen, [Some(429), Some(502), Some(502), None]);
}

#[tokio::test]
async fn a_fault_that_is_removed_happens_no_more() {
    let case = Case::new().await;
    let injected = case.simulator.inject(Fault::cut_before_applying());
    injected.remove();
    assert!(case.regenerate().await.is_ok());
}

#[tokio::test]
async fn a_fault_says_when_it_acted_by_the_simulators_clock() {
    let case = Case::new().await;
    let injected = case.simulator.inject(Fault::cut_before_applying());
    case.simulator.clock().advance(Duration::from_secs(3600));
    case.regenerate().await.unwrap_err();
    assert_eq!(injected.hits()[0].at, case.simulator.clock().now());
}
