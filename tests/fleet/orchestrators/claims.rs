//! Processes that all want to rotate never store two claims of one epoch. PandaDoc regenerates the key once in a
//! generation, unless a process was stopped between its check of the time and its request. Even then each delivery is
//! accepted or found by the sweep.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeTo;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;
use uuid::Uuid;
use webhook_subscriptions::testing::{Operation, Simulator};
use webhook_subscriptions::Secret;

use super::child::Subscriptions;
use super::fleet::{variable, Fleet};
use super::history::{Claim, Phase, Version};
use super::time::{fast, to_millis, to_time, SPEED};
use super::traffic::{Balancer, Fate, Traffic};

const SUBSCRIPTIONS: usize = 8;

/// A running process is killed each time that all have been asked to rotate so often.
const KILL_EVERY: u32 = 4;

/// How long processes are stopped and killed, in seconds of real time.
const SECONDS: u64 = 22;

/// From the last time at which a request may be sent until the next rotation may begin.
const SETTLES: Duration = Duration::from_secs(120);

/// From the rotation's check of the time until its process has said that it is about to send the request, at most, in
/// real time.
const SAYS: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_and_eight_processes_never_share_a_claim() {
    tokio::join!(orchestrate(2), orchestrate(8));
}

/// A request that made a new key.
struct Regenerated {
    subscription: Uuid,
    at: SystemTime,
    key: Secret,
}

async fn orchestrate(processes: usize) {
    let seed = variable("ORCHESTRATION_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("ORCHESTRATION_SEED={seed}");
    let seconds = variable("ORCHESTRATION_SECONDS").unwrap_or(SECONDS);

    let regenerated: Arc<Mutex<Vec<Regenerated>>> = Arc::default();
    let simulator = simulator(regenerated.clone()).await;
    let balancer = Balancer::start().await;
    let pandadoc = simulator.pandadoc();
    let urls = (0..SUBSCRIPTIONS).map(|number| balancer.url(number).parse().unwrap());
    let subscriptions = Vec::from_iter(urls.map(|url| pandadoc.add_subscription(&url)));
    let wanted = Subscriptions::PandaDoc(subscriptions.clone());
    let (url, credential) = (simulator.base_url(), pandadoc.api_key());
    let fleet = Arc::new(Fleet::new(balancer, url, credential, wanted).await);
    for _ in 0..processes {
        fleet.add().await;
    }
    let traffic = Traffic::start(simulator.clone(), fleet.clone(), subscriptions.clone());
    let mut total = Total::default();
    trouble(&fleet, processes, Rng::with_seed(seed), seconds, &mut total).await;
    for fate in traffic.stop().await {
        total.deliveries += 1;
        match fate {
            Fate::Accepted => {}
            Fate::Found => total.found += 1,
            Fate::Unverified => total.unverified += 1,
        }
    }

    let regenerated = std::mem::take(&mut *regenerated.lock().unwrap());
    for subscription in &subscriptions {
        let regenerated = regenerated
            .iter()
            .filter(|it| it.subscription == *subscription);
        let regenerated = Vec::from_iter(regenerated);
        let versions = settled(&fleet, &format!("pandadoc-{subscription}"), &regenerated).await;
        check(&fleet, &versions, &regenerated, &mut total);
    }
    // Only a key that was replaced at once, by the request of another process, is known to nobody.
    assert!(total.unknown_keys <= total.again, "{total:#?}");
    println!("{processes} processes at a time: {total:#?}");
    total.check();
}

async fn simulator(regenerated: Arc<Mutex<Vec<Regenerated>>>) -> Arc<Simulator> {
    let itself: Arc<OnceLock<Weak<Simulator>>> = Arc::default();
    let known = itself.clone();
    let simulator = Simulator::builder()
        .pandadoc_requests_per_minute(None)
        .delivery_attempts(1)
        .on_request(move |request| {
            let change = Some(Operation::UpdateWebhookSubscriptionSharedKey);
            if request.operation != change || !request.status.is_some_and(|it| it.is_success()) {
                return;
            }
            let simulator = known.get().unwrap().upgrade().unwrap();
            let ids = request.path.split('/').filter_map(|it| it.parse().ok());
            for subscription in ids {
                regenerated.lock().unwrap().push(Regenerated {
                    subscription,
                    at: SystemTime::now(),
                    key: simulator.pandadoc().shared_key(&subscription).unwrap(),
                });
            }
        });
    let simulator = Arc::new(simulator.start().await.unwrap());
    itself.set(Arc::downgrade(&simulator)).unwrap();
    simulator
}

/// Has all processes rotate again and again, and stops and kills some of them when they are about to.
async fn trouble(
    fleet: &Fleet,
    processes: usize,
    mut random: Rng,
    seconds: u64,
    total: &mut Total,
) {
    let start = Instant::now();
    let mut stopped: Vec<(usize, Instant)> = Vec::new();
    for round in 1.. {
        if start.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
        fleet.rotate();
        pause(&mut random, ..700).await;
        let mut running = fleet.running();
        random.shuffle(&mut running);
        if round % KILL_EVERY == 0 {
            fleet.kill(running.pop().unwrap());
        }
        // One goes on running.
        let most = running.len().saturating_sub(1);
        running.truncate(random.usize(most.min(1)..=most));
        for number in running {
            fleet.stop(number);
            total.stops += 1;
            // Some stops are longer than it takes until the next rotation may begin.
            let millis = match random.u32(..3) {
                0 => random.u64(5_000..9_000),
                _ => random.u64(..1_500),
            };
            stopped.push((number, Instant::now() + Duration::from_millis(millis)));
        }
        pause(&mut random, ..700).await;
        stopped.retain(|(number, until)| {
            let is_over = *until <= Instant::now();
            // Some don't go on.
            match random.u32(..6) {
                _ if !is_over => {}
                0 => fleet.kill(*number),
                _ => fleet.go_on(*number),
            }
            !is_over
        });
        let alive = fleet.running().len() + fleet.stopped().len();
        for _ in alive..processes {
            total.kills += 1;
            fleet.add().await;
        }
    }
    for number in fleet.stopped() {
        fleet.go_on(number);
    }
}

async fn pause(random: &mut Rng, millis: RangeTo<u64>) {
    tokio::time::sleep(Duration::from_millis(random.u64(millis))).await;
}

/// The events that a run met.
#[derive(Debug, Default)]
struct Total {
    stops: usize,
    kills: usize,
    versions: usize,
    claims: usize,
    /// Claims whose request never came.
    not_sent: usize,
    regenerations: usize,
    /// Of these, those whose process was stopped between its check of the time and its request.
    after_stop: usize,
    /// Of these, those that came when the next rotation could begin.
    too_late: usize,
    /// Regenerations in a generation that had one already.
    again: usize,
    /// Keys that no process has learned of.
    unknown_keys: usize,
    deliveries: usize,
    /// Deliveries that weren't accepted, and that the sweep found.
    found: usize,
    /// Deliveries that the sweep could only name. No process has learned of their key, or the key was retired
    /// while the process that had received them was stopped. Here, a key is retired within seconds.
    unverified: usize,
}

impl Total {
    /// Checks that the run met what it is for.
    fn check(&self) {
        assert!(self.kills > 0 && self.stops > 0, "{self:#?}");
        assert!(
            self.claims > SUBSCRIPTIONS && self.regenerations > SUBSCRIPTIONS,
            "{self:#?}"
        );
    }
}

/// A claim, and the request of its process.
struct Claimed<'a> {
    version: &'a Version,
    claim: Claim,
    sent: Option<&'a Regenerated>,
}

/// Returns the versions of a record once it has all keys, or won't get them any more.
async fn settled(fleet: &Fleet, record: &str, regenerated: &[&Regenerated]) -> Vec<Version> {
    let start = Instant::now();
    loop {
        let versions = fleet.history(record).await;
        if unknown(&versions, regenerated) == 0 || start.elapsed() > 3 * SETTLES / SPEED {
            return versions;
        }
        pause(&mut Rng::new(), ..200).await;
    }
}

/// Counts the keys that no version has.
fn unknown(versions: &[Version], regenerated: &[&Regenerated]) -> usize {
    let keys = versions.iter().flat_map(|it| &it.record.keys);
    let known: HashSet<_> = keys.map(|it| it.key.expose_secret()).collect();
    let is_unknown = |it: &&&Regenerated| !known.contains(it.key.expose_secret());
    regenerated.iter().filter(is_unknown).count()
}

/// Checks the rotations of one subscription.
fn check<'a>(
    fleet: &Fleet,
    versions: &'a [Version],
    regenerated: &[&'a Regenerated],
    total: &mut Total,
) {
    let numbers = Vec::from_iter(versions.iter().map(|it| it.version));
    assert_eq!(numbers, Vec::from_iter(1..=versions.len() as u64));
    total.versions += versions.len();
    let mut claims = claims(versions);
    total.claims += claims.len();
    total.unknown_keys += unknown(versions, regenerated);
    total.regenerations += regenerated.len();
    for request in regenerated {
        let claimed = claim_of(fleet, &claims, request);
        claims[claimed].sent = Some(request);
    }
    total.not_sent += claims.iter().filter(|it| it.sent.is_none()).count();
    let mut generations = BTreeMap::<u64, (usize, usize)>::new();
    for claimed in &claims {
        let Some(sent) = claimed.sent else {
            continue;
        };
        total.after_stop += usize::from(was_stopped(fleet, claimed, sent));
        let is_too_late = is_too_late(fleet, claimed.claim, sent.at);
        total.too_late += usize::from(is_too_late);
        let (all, too_late) = generations.entry(claimed.claim.base).or_default();
        *all += 1;
        *too_late += usize::from(is_too_late);
    }
    let mut again = 0;
    for (generation, (all, too_late)) in generations {
        assert!(
            all - 1 <= too_late,
            "the key of generation {generation} was changed {all} times, {too_late} times too late"
        );
        again += all - 1;
    }
    total.again += again;
}

/// Returns the claims, and checks that none has the epoch of another one.
fn claims(versions: &[Version]) -> Vec<Claimed<'_>> {
    let mut claims: Vec<Claimed> = Vec::new();
    for version in versions {
        let (Phase::Calling(claim) | Phase::Settling(claim)) = version.record.phase else {
            continue;
        };
        match claims.last() {
            Some(last) if last.claim.epoch == claim.epoch => assert_eq!(last.claim, claim),
            last => {
                let epoch = last.map_or(0, |last| last.claim.epoch) + 1;
                assert_eq!(claim.epoch, epoch, "{version:?}");
                let sent = None;
                claims.push(Claimed {
                    version,
                    claim,
                    sent,
                });
            }
        }
    }
    claims
}

/// Returns the place of the claim of a request. This is the latest one, or an earlier one whose process was stopped
/// between its check and the request.
fn claim_of(fleet: &Fleet, claims: &[Claimed], request: &Regenerated) -> usize {
    let may_be = |it: &Claimed| {
        let has_begun = it.sent.is_none() && it.version.at <= request.at;
        let is_late = is_too_late(fleet, it.claim, request.at);
        has_begun && (!is_late || was_stopped(fleet, it, request))
    };
    let found = claims.iter().rposition(may_be);
    found.unwrap_or_else(|| {
        panic!(
            "a request has no claim: {}",
            describe(fleet, claims, request)
        )
    })
}

/// Tells when everything was, in milliseconds after a request.
fn describe(fleet: &Fleet, claims: &[Claimed], request: &Regenerated) -> String {
    let since = |time| to_millis(time) as i64 - to_millis(request.at) as i64;
    let claims = claims.iter().map(|it| {
        let process = &it.version.process;
        let (claimed, sent) = (since(it.version.at), it.sent.map(|sent| since(sent.at)));
        let (stops, asked) = fleet.past(process, request.subscription);
        let stops = stops.iter().map(|it| (since(it.from), it.until.map(since)));
        let (stops, asked) = (
            Vec::from_iter(stops),
            Vec::from_iter(asked.into_iter().map(since)),
        );
        format!(
            "\n{process}, {:?}, claimed {claimed}, sent {sent:?}, stops {stops:?}, asked {asked:?}",
            it.claim
        )
    });
    claims.collect()
}

fn is_too_late(fleet: &Fleet, claim: Claim, at: SystemTime) -> bool {
    fast(fleet.began, at) > to_time(claim.send_by) + SETTLES
}

/// Tells whether the process of a claim was stopped when it had checked that it may send the request.
fn was_stopped(fleet: &Fleet, claimed: &Claimed, request: &Regenerated) -> bool {
    let (stops, asked) = fleet.past(&claimed.version.process, request.subscription);
    let latest = to_time(claimed.claim.send_by) + SAYS * SPEED;
    let is_in_time =
        |at: &SystemTime| *at >= claimed.version.at && fast(fleet.began, *at) <= latest;
    let mut checked = asked.into_iter().filter(is_in_time);
    checked.any(|at| stops.iter().any(|stop| stop.overlaps(at, request.at)))
}
