//! The plan and the status say what is and what would be done, and change nothing.

use std::time::SystemTime;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{json, to_value, Value};
use webhook_subscriptions::rotate::{CurrentKey, Ended, Phase};
use webhook_subscriptions::testing::{Fault, Operation, StoreFault};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::Secret;

use crate::world::{
    for_both_providers, Process, Side, World, DAY, HOUR, MINUTE, READ_PAUSE, SETTLED,
};

for_both_providers! {
    the_status_of_a_new_rotation_is_complete
    the_status_between_two_keys_is_complete
    a_plan_changes_nothing
    a_plan_is_text_and_json
    a_plan_says_what_somebody_must_do
    the_status_counts_unknown_signatures
    the_status_says_why_the_store_failed
    the_status_says_whether_the_schedule_runs
    the_end_of_a_command_is_json
}

/// A time as JSON has it.
fn json_time(time: SystemTime) -> Value {
    let millis = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let millis = i64::try_from(millis.as_millis()).unwrap();
    json!(format!(
        "{:.3}",
        Timestamp::from_millisecond(millis).unwrap()
    ))
}

fn status<S: Side>(process: &Process<S>) -> Value {
    to_value(process.status()).unwrap()
}

async fn the_status_of_a_new_rotation_is_complete<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    let start = json_time(world.clock.now());
    let due = json_time(process.status().next_at.unwrap());
    process.pass(HOUR).await;
    let record = S::record(&world.subscription);
    let (provider, id) = record.split_once('-').unwrap();
    let expected = json!({
        "provider": provider,
        "subscription": id,
        "phase": "steady",
        "since": start,
        "for_s": 3600,
        "generations": [{
            "number": 1,
            "learned": start,
            "age_s": 3600,
            "confirmed": true,
            "last_match": null,
            "revoked": false,
        }],
        "next_at": due,
        "failed_attempts": 0,
        "attention": null,
        "running": true,
        "version": 1,
        "store_error": null,
        "provider_error": null,
        "reads": 0,
        "unknown_signatures": {"held": 0, "accepted": 0, "rejected": 0, "not_decided": 0},
    });
    assert_eq!(status(&process), expected);
}

async fn the_status_between_two_keys_is_complete<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let start = json_time(world.clock.now());
    process.pass(HOUR).await;
    let (old, changed) = (world.key(), json_time(world.clock.now()));
    let _ = process.rotate().await;
    process.pass(HOUR).await;
    process.deliver(&old).await;
    let _ = process.end(process.revoke(1)).await;
    let matched = json_time(world.clock.now());
    let status = status(&process);
    let expected = json!([
        {
            "number": 1,
            "learned": start,
            "age_s": 7200,
            "confirmed": true,
            "last_match": matched,
            "revoked": true,
        },
        {
            "number": 2,
            "learned": changed,
            "age_s": 3600,
            "confirmed": true,
            "last_match": null,
            "revoked": false,
        },
    ]);
    let seen = (&status["phase"], &status["since"], &status["generations"]);
    assert_eq!(seen, (&json!("overlap"), &changed, &expected));
}

async fn the_status_counts_unknown_signatures<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    process.pass(SETTLED).await;
    let unknown = Secret::from("unknown");
    process.deliver(&unknown).await;
    let fault = world.store.inject(StoreFault::unavailable());
    process.deliver(&unknown).await;
    process.deliver(&unknown).await;
    fault.remove();
    let counted = &status(&process)["unknown_signatures"];
    let expected = json!({"held": 0, "accepted": 0, "rejected": 1, "not_decided": 2});
    assert_eq!(*counted, expected);
}

async fn the_status_says_why_the_store_failed<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    world.store.inject(StoreFault::unavailable());
    process.deliver(&Secret::from("unknown")).await;
    let error = process.status().store_error.unwrap_or_default();
    assert!(error.contains("makes the store unavailable"), "{error}");
}

async fn the_status_says_whether_the_schedule_runs<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let rotation = process.rotation();
    let while_it_runs = (rotation.status().running, rotation.is_ready());
    process.stop().await;
    let afterwards = (rotation.status().running, rotation.is_ready());
    assert_eq!((while_it_runs, afterwards), ((true, true), (false, false)));
}

/// PandaDoc's error is shown until the next request.
#[tokio::test]
async fn the_status_says_why_the_provider_failed() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    world
        .simulator
        .inject(forbidden.on(PandaDoc::CHANGE).once());
    let _ = process.rotate().await;
    let error = process.status().provider_error.unwrap_or_default();
    assert!(error.contains("answered 403"), "{error}");
    process.pass(2 * HOUR).await;
    assert_eq!(
        (process.status().provider_error, process.phase()),
        (None, Phase::Overlap)
    );
}

/// The plan sends no request to change anything, and stores nothing.
async fn a_plan_changes_nothing<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    let reads = world
        .simulator
        .requests(Operation::DetailsWebhookSubscription);
    let (requests, swaps) = (world.requests(), world.store.swaps());
    process.plan().await;
    let read = world
        .simulator
        .requests(Operation::DetailsWebhookSubscription)
        - reads;
    let seen = (world.requests() - requests, world.store.swaps() - swaps);
    assert_eq!(seen, (read, 0));
}

async fn a_plan_is_text_and_json<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    let plan = process.plan().await;
    let json = to_value(&plan).unwrap();
    let steps = json["steps"].as_array().unwrap().iter().enumerate();
    let lines = steps.map(|(index, step)| format!("{}. {}\n", index + 1, step.as_str().unwrap()));
    assert_eq!(plan.to_string(), lines.collect::<String>());
    assert_eq!(json["phase"], json!("steady"));
}

#[tokio::test]
async fn a_plan_at_pandadoc_has_every_step() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run_schedule().await;
    let due = Timestamp::try_from(process.status().next_at.unwrap()).unwrap();
    let plan = process.plan().await;
    let expected = format!(
        "1. wait until {due:.0}, or until somebody asks for a rotation\n\
         2. read the current key, and accept it if it is new\n\
         3. store the intent to change the key\n\
         4. send one request for a new key, and accept the key of its answer\n\
         5. if the answer was lost, read the current key until the request can't arrive any more\n\
         6. accept both keys until deliveries match the new one, and no longer the old one\n\
         7. read the current key twice, a minute apart, and drop all others\n"
    );
    assert_eq!(plan.to_string(), expected);
}

#[tokio::test]
async fn a_plan_at_ratepay_has_every_step() {
    let world = World::<Ratepay>::new().await;
    let plan = world.run().await.plan().await;
    let expected = "1. wait until somebody asks for a rotation\n\
                    2. make a new secret, store it, and accept it\n\
                    3. wait until every replica accepts the new secret\n\
                    4. send the new secret, and again if the answer is lost\n\
                    5. accept both secrets until deliveries match the new one, and no longer the old one\n\
                    6. drop all secrets but the new one\n";
    assert_eq!(plan.to_string(), expected);
}

#[tokio::test]
async fn a_plan_between_two_keys_has_what_is_left() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    let overlap = process.plan().await.steps.len();
    process.pass(16 * DAY).await;
    let retiring = process.plan().await;
    assert_eq!(
        (overlap, retiring.phase, retiring.steps.len()),
        (2, Phase::Retiring, 1)
    );
}

async fn a_plan_says_what_somebody_must_do<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    world.simulator.inject(forbidden.on(S::CHANGE));
    process.fail_all_but_one().await;
    process.pass(DAY).await;
    let attention = process.status().attention.unwrap();
    let plan = process.plan().await;
    let expected = (Phase::Attention, vec![format!("nothing: {attention}")]);
    assert_eq!((plan.phase, plan.steps), expected);
}

/// How the key that PandaDoc has now is shown.
async fn current_key(world: &World<PandaDoc>, process: &Process<PandaDoc>) -> CurrentKey {
    world.clock.advance(MINUTE);
    process.plan().await.current_key
}

#[tokio::test]
async fn a_plan_says_which_key_pandadoc_has() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    assert_eq!(
        current_key(&world, &process).await,
        CurrentKey::Known { generation: 1 }
    );
    let pandadoc = world.simulator.pandadoc();
    let _ = pandadoc.change_key_at_dashboard(&world.subscription);
    assert_eq!(current_key(&world, &process).await, CurrentKey::New);
    world.simulator.inject(Fault::answer(StatusCode::FORBIDDEN));
    let CurrentKey::NotRead { reason } = current_key(&world, &process).await else {
        panic!("{:?}", process.plan().await);
    };
    assert!(reason.contains("answered 403"), "{reason}");
}

#[tokio::test]
async fn a_plan_cannot_say_which_secret_ratepay_has() {
    let world = World::<Ratepay>::new().await;
    let plan = world.run().await.plan().await;
    assert_eq!(plan.current_key, CurrentKey::NotReadable);
}

async fn the_end_of_a_command_is_json<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    process.pass(READ_PAUSE).await;
    let rotated = process.rotate().await;
    let busy = process.rotate().await;
    let not_changed = process.end(process.revoke(9)).await;
    let Ended::NotChanged { reason } = &not_changed else {
        panic!("{not_changed:?}");
    };
    let expected = json!([
        {"ended": "rotated", "generation": 2},
        {"ended": "busy"},
        {"ended": "not_changed", "reason": reason},
    ]);
    assert_eq!(to_value([&rotated, &busy, &not_changed]).unwrap(), expected);
}
