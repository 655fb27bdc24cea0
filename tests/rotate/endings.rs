//! A command ends, and says what became of the key.

use std::future::{ready, Future};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use http::header::CONTENT_TYPE;
use http::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::rotate::{Ended, NotRunning, Phase};
use webhook_subscriptions::testing::{Fault, Operation};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::Secret;

use crate::support::run_clock_in_small_steps;
use crate::world::{for_both_providers, in_time, Side, World, HOUR, MINUTE, READ_PAUSE, SECOND};

for_both_providers! {
    without_faults_a_rotation_ends_as_rotated
    without_run_every_command_says_so
    a_command_ends_when_run_does
    a_caller_that_drops_its_future_changes_nothing
    two_calls_at_once_rotate_once
    while_two_keys_are_accepted_a_call_is_busy
    refused_connections_change_nothing
    resume_without_a_cause_changes_nothing
    resume_tries_again_at_once
    after_too_many_rejections_somebody_must_look
}

/// How a rotation ends, without its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rotated,
    NotChanged,
    Unsettled,
}
use Kind::{NotChanged, Rotated, Unsettled};

fn kind(ended: &Ended) -> Option<Kind> {
    match ended {
        Ended::Rotated { .. } => Some(Rotated),
        Ended::NotChanged { .. } => Some(NotChanged),
        Ended::Unsettled { .. } => Some(Unsettled),
        _ => None,
    }
}

fn reason(ended: &Ended) -> &str {
    match ended {
        Ended::NotChanged { reason } | Ended::Unsettled { reason } => reason,
        _ => "",
    }
}

/// A fault of the request that changes the key.
struct Case {
    fault: Fault,
    /// How a rotation ends at PandaDoc, and at Ratepay.
    ends: [Kind; 2],
    /// The text of the reason, if there is one.
    says: &'static str,
}

fn case(fault: Fault, pandadoc: Kind, ratepay: Kind, says: &'static str) -> Case {
    Case {
        fault,
        ends: [pandadoc, ratepay],
        says,
    }
}

/// PandaDoc's key is read after a lost answer. Ratepay's can't be, so it isn't known whether it changed.
fn cases() -> Vec<Case> {
    let answer = |status| Fault::answer(StatusCode::from_u16(status).unwrap());
    let html = |status| Fault::html_in_front(StatusCode::from_u16(status).unwrap());
    let late = |status| Fault::answer_after_applying(StatusCode::from_u16(status).unwrap());
    vec![
        case(answer(307), NotChanged, NotChanged, "answered 307"),
        case(answer(400), NotChanged, NotChanged, "answered 400"),
        case(answer(401), NotChanged, NotChanged, "answered 401"),
        case(answer(403), NotChanged, NotChanged, "answered 403"),
        case(answer(404), NotChanged, NotChanged, "answered 404"),
        case(
            Fault::too_many_requests(None),
            NotChanged,
            NotChanged,
            "answered 429",
        ),
        case(html(403), NotChanged, NotChanged, "answered 403"),
        case(html(200), NotChanged, Unsettled, "answered 200"),
        case(html(502), NotChanged, Unsettled, "answered 502"),
        case(answer(408), NotChanged, Unsettled, "answered 408"),
        case(answer(500), NotChanged, Unsettled, "answered 500"),
        case(
            Fault::service_unavailable(None),
            NotChanged,
            Unsettled,
            "answered 503",
        ),
        case(
            Fault::cut_before_applying(),
            NotChanged,
            Unsettled,
            "the connection failed",
        ),
        case(
            Fault::cut_after_applying(),
            Rotated,
            Unsettled,
            "the connection failed",
        ),
        case(Fault::cut_inside_answer(), Rotated, Unsettled, "cut short"),
        case(late(500), Rotated, Unsettled, "answered 500"),
        case(
            Fault::apply_late(30 * SECOND),
            Rotated,
            Unsettled,
            "the connection failed",
        ),
        case(
            Fault::apply_late(125 * SECOND),
            Rotated,
            Unsettled,
            "the connection failed",
        ),
    ]
}

/// Faults for which the client waits, on the clock of tokio.
fn cases_with_a_wait() -> Vec<Case> {
    let wait = Some(30.into());
    vec![
        case(
            Fault::too_many_requests(wait.clone()),
            NotChanged,
            NotChanged,
            "answered 429",
        ),
        case(
            Fault::service_unavailable(wait),
            NotChanged,
            Unsettled,
            "answered 503",
        ),
        case(
            Fault::delay(Duration::MAX),
            Rotated,
            Unsettled,
            "no response came in time",
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn at_pandadoc_a_fault_with_a_wait_ends_as_the_table_says() {
    run_clock_in_small_steps();
    let all = cases_with_a_wait().into_iter();
    check_faults::<PandaDoc>(all.map(|case| (case.fault, case.ends[0], case.says))).await;
}

#[tokio::test(start_paused = true)]
async fn at_ratepay_a_fault_with_a_wait_ends_as_the_table_says() {
    run_clock_in_small_steps();
    let all = cases_with_a_wait().into_iter();
    check_faults::<Ratepay>(all.map(|case| (case.fault, case.ends[1], case.says))).await;
}

#[tokio::test]
async fn at_pandadoc_a_fault_of_the_change_ends_as_the_table_says() {
    let all = cases().into_iter();
    check_faults::<PandaDoc>(all.map(|case| (case.fault, case.ends[0], case.says))).await;
}

#[tokio::test]
async fn at_ratepay_a_fault_of_the_change_ends_as_the_table_says() {
    let all = cases().into_iter();
    check_faults::<Ratepay>(all.map(|case| (case.fault, case.ends[1], case.says))).await;
}

/// The faults of a change: how the rotation ends, and what the reason says.
async fn check_faults<S: Side>(cases: impl Iterator<Item = (Fault, Kind, &'static str)>) {
    for (fault, expected, says) in cases {
        let world = World::<S>::new().await;
        let process = world.run().await;
        let injected = world.simulator.inject(fault.clone().on(S::CHANGE).once());
        let ended = process.rotate().await;
        assert_eq!(injected.hits().len(), 1, "{fault:?}");
        assert_eq!(kind(&ended), Some(expected), "{fault:?}: {ended:?}");
        match expected {
            Rotated => assert_eq!(world.generation(), 2, "{fault:?}"),
            NotChanged => assert_eq!(world.generation(), 1, "{fault:?}"),
            Unsettled => {}
        }
        if expected != Rotated {
            assert!(reason(&ended).contains(says), "{fault:?}: {ended:?}");
        }
        assert_eq!(world.changes(), 1, "{fault:?}");
        assert_eq!(process.deliver(&world.key()).await, 200, "{fault:?}");
    }
}

async fn without_faults_a_rotation_ends_as_rotated<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let ended = process.rotate().await;
    assert_eq!(ended, Ended::Rotated { generation: 2 });
}

async fn without_run_every_command_says_so<S: Side>() {
    let world = World::<S>::new().await;
    let rotation = world
        .builder()
        .store(world.store.clone())
        .start()
        .await
        .unwrap();
    let ends = [
        in_time(rotation.rotate_now()).await,
        in_time(rotation.resume()).await,
        in_time(rotation.revoke(1)).await,
    ];
    assert!(
        ends.iter().all(|end| matches!(end, Err(NotRunning { .. }))),
        "{ends:?}"
    );
}

async fn a_command_ends_when_run_does<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let stopped = process.abort_handle();
    let rotation = process.rotation();
    let _never = world.simulator.inject(Fault::delay(HOUR));
    let mut command = pin!(rotation.rotate_now());
    assert!(is_pending(command.as_mut()).await);
    stopped.abort();
    assert!(in_time(command).await.is_err());
}

async fn a_caller_that_drops_its_future_changes_nothing<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    {
        let rotation = process.rotation();
        let mut command = pin!(rotation.rotate_now());
        assert!(is_pending(command.as_mut()).await);
    }
    process.settled().await;
    assert_eq!((process.phase(), world.generation()), (Phase::Overlap, 2));
}

/// Gives a command its first turn, which asks for it.
async fn is_pending(command: impl Future) -> bool {
    tokio::select! {
        biased;
        _ = command => false,
        () = ready(()) => true,
    }
}

async fn two_calls_at_once_rotate_once<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let both = async { tokio::join!(process.rotate_now(), process.rotate_now()) };
    let (one, two) = in_time(both).await;
    let rotated = Ended::Rotated { generation: 2 };
    assert_eq!((one.unwrap(), two.unwrap()), (rotated, Ended::Busy));
    assert_eq!(world.generation(), 2);
}

/// The first waits for its turn to read the key, since a delivery of a stranger had it read a moment ago.
#[tokio::test]
async fn two_calls_that_wait_share_one_rotation() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    process.deliver(&Secret::from("of a stranger")).await;
    let both = async {
        let (one, two) = tokio::join!(process.rotate_now(), process.rotate_now());
        assert_eq!(one, two);
        one
    };
    let ended = process.end(both).await;
    assert_eq!(
        (ended, world.generation()),
        (Ended::Rotated { generation: 2 }, 2)
    );
}

async fn while_two_keys_are_accepted_a_call_is_busy<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    let ended = process.rotate().await;
    assert_eq!((ended, world.generation()), (Ended::Busy, 2));
}

async fn refused_connections_change_nothing<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let refused = world.simulator.refuse_connections().await.unwrap();
    let ended = process.rotate().await;
    drop(refused);
    assert_eq!(kind(&ended), Some(NotChanged), "{ended:?}");
    assert!(reason(&ended).contains("no connection"), "{ended:?}");
}

async fn resume_without_a_cause_changes_nothing<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let ended = process.end(process.resume()).await;
    let seen = (kind(&ended), world.changes());
    assert_eq!(seen, (Some(NotChanged), 0), "{ended:?}");
}

/// The schedule would wait for an hour, or for a minute at Ratepay.
async fn resume_tries_again_at_once<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    world.simulator.inject(forbidden.on(S::CHANGE).once());
    let _ = process.rotate().await;
    // Another request to PandaDoc is sent only when the one before can't arrive any more.
    let soon = match S::CHANGE == PandaDoc::CHANGE {
        true => MINUTE * 3,
        false => READ_PAUSE,
    };
    process.pass(soon).await;
    let ended = process.end(process.resume()).await;
    assert_eq!(ended, Ended::Rotated { generation: 2 });
}

async fn after_too_many_rejections_somebody_must_look<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    let fault = world.simulator.inject(forbidden.on(S::CHANGE));
    process.fail_all_but_one().await;
    let ended = process.rotate().await;
    // Of an earlier request to Ratepay, it isn't remembered how it failed.
    let expected = match S::CHANGE == PandaDoc::CHANGE {
        true => NotChanged,
        false => Unsettled,
    };
    let attempts = usize::try_from(world.changes()).unwrap();
    let stopped = (process.phase(), kind(&ended), attempts);
    let expected = (Phase::Attention, Some(expected), S::MOST_FAILURES);
    assert_eq!(stopped, expected, "{ended:?}");
    assert!(reason(&ended).contains("answered 403"), "{ended:?}");
    fault.remove();
    process.pass(MINUTE * 3).await;
    let ended = process.end(process.resume()).await;
    assert_eq!(ended, Ended::Rotated { generation: 2 });
}

const READ: Operation = Operation::DetailsWebhookSubscription;

/// The methods that read and change the key, as errors name them.
const READS: &str = "details_webhook_subscription";
const CHANGES: &str = "update_webhook_subscription_shared_key";

/// PandaDoc's key is read before a change.
#[tokio::test]
async fn a_fault_of_the_first_read_changes_nothing() {
    for case in cases() {
        let world = World::<PandaDoc>::new().await;
        let process = world.run().await;
        world.simulator.inject(case.fault.clone().on(READ).once());
        let ended = process.rotate().await;
        let seen = (kind(&ended), world.changes());
        assert_eq!(seen, (Some(NotChanged), 0), "{:?}: {ended:?}", case.fault);
        assert!(reason(&ended).contains(case.says), "{ended:?}");
        assert!(reason(&ended).contains(READS), "{ended:?}");
    }
}

/// The change was lost, and so is every read after it.
async fn lost_and_not_read_back(change: Fault) -> (World<PandaDoc>, Ended) {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let change = change.on(PandaDoc::CHANGE).once();
    world.simulator.inject(change);
    let first_read = Fault::delay(Duration::ZERO).on(READ).once();
    world.simulator.inject(first_read);
    let forbidden = Fault::answer(StatusCode::FORBIDDEN).on(READ);
    world.simulator.inject(forbidden);
    let ended = process.rotate().await;
    drop(process);
    (world, ended)
}

#[tokio::test]
async fn a_read_back_that_is_rejected_does_not_hide_that_the_key_may_have_changed() {
    for change in [
        Fault::cut_after_applying(),
        Fault::cut_inside_answer(),
        Fault::cut_before_applying(),
    ] {
        let (_, ended) = lost_and_not_read_back(change.clone()).await;
        assert_eq!(kind(&ended), Some(Unsettled), "{change:?}: {ended:?}");
    }
}

#[tokio::test]
async fn the_reason_names_the_change_and_the_read_back() {
    let (_, ended) =
        lost_and_not_read_back(Fault::answer_after_applying(StatusCode::BAD_GATEWAY)).await;
    let reason = reason(&ended);
    let names = [CHANGES, "answered 502", READS, "answered 403"];
    let missing: Vec<_> = names
        .into_iter()
        .filter(|name| !reason.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?} aren't in {reason:?}");
}

/// Ratepay may have taken any of the requests, so nobody can say that it changed nothing.
#[tokio::test]
async fn at_ratepay_too_many_lost_answers_leave_it_open() {
    let world = World::<Ratepay>::new().await;
    let process = world.run().await;
    world
        .simulator
        .inject(Fault::cut_after_applying().on(Ratepay::CHANGE));
    process.fail_all_but_one().await;
    let ended = process.rotate().await;
    let stopped = (process.phase(), kind(&ended));
    assert_eq!(stopped, (Phase::Attention, Some(Unsettled)), "{ended:?}");
    assert!(
        reason(&ended).contains("the connection failed"),
        "{ended:?}"
    );
}

/// A server that answers every update with another secret than it was given.
async fn answering_with(secret: &SigningSecret) -> String {
    let body = json!({ "secret": secret.expose_secret() }).to_string();
    let answer = ([(CONTENT_TYPE, "application/json")], body);
    let app = Router::new().fallback(|| async { answer });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn another_secret_than_ratepay_was_given_is_accepted_and_needs_somebody() {
    let world = World::<Ratepay>::new().await;
    let other = SigningSecret::generate();
    let builder = world.builder_at(answering_with(&other).await);
    let process = world.run_with(builder.store(world.store.clone())).await;
    let ended = process.rotate().await;
    let accepted = process.deliver(&Secret::from(&other)).await;
    let seen = (process.phase(), kind(&ended), accepted);
    let expected = (Phase::Attention, Some(Unsettled), StatusCode::OK);
    assert_eq!(seen, expected, "{ended:?}");
}
