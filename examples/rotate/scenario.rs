//! Rotates both keys while deliveries arrive and everything goes wrong.

use std::error::Error;
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;
use webhook_subscriptions::rotate::TimeSource;
use webhook_subscriptions::testing::{DeliveryFault, Fault, Operation, Provider};

use super::fast_time::FastTime;
use super::process::NewCommand;
use super::providers::{change, Delivered, Providers, EVENT};
use super::report::{Report, Side};
use super::stage::{Stage, BOTH};
use super::status::Seen;
use super::timeline::{Events, Say};

/// How long a provider goes on signing with the old key after the first change.
const SWITCH_DELAY: Duration = Duration::from_secs(40);

/// How long deliveries wait in a queue after the first change.
const QUEUE_DELAY: Duration = Duration::from_secs(60);

/// How many deliveries of each provider are in the queue.
const QUEUED: usize = 5;

/// How much later a request is applied.
const LATE: Duration = Duration::from_secs(45);

/// How long to wait for the service's next look into the history, in real time.
const SWEEP: Duration = Duration::from_secs(5);

/// When to give up, in real time.
const TOO_LONG: Duration = Duration::from_secs(180);

/// The faults of each rotation, one after the other.
pub struct Scenario {
    pub pandadoc: Vec<Trouble>,
    pub ratepay: Vec<Trouble>,
}

/// The faults of one rotation.
pub enum Trouble {
    /// Nothing but the delayed switch, the queue, and what happens at the other provider.
    Nothing,
    /// A fault of the request that changes the key.
    Fault(&'static str, Fault),
    /// A fault of that request and of two reads afterwards.
    FaultAndReads(&'static str, Fault),
    /// The service is killed while it waits for the answer.
    Kill,
}

impl Scenario {
    pub fn whole() -> Self {
        use Trouble::{Fault as Request, FaultAndReads, Kill, Nothing};
        let lost = || Request("answer lost", Fault::cut_after_applying());
        let late = || Request("applied 45 s late", Fault::apply_late(LATE));
        let half = Fault::cut_inside_answer();
        let failed = Fault::answer_after_applying(StatusCode::BAD_GATEWAY);
        Self {
            pandadoc: vec![
                Nothing,
                lost(),
                late(),
                Kill,
                FaultAndReads("answer cut, 2 reads fail", half),
            ],
            ratepay: vec![
                Nothing,
                lost(),
                late(),
                Nothing,
                Request("502, but applied", failed),
            ],
        }
    }

    /// Lets everything happen. Prints a timeline, and returns what became of every delivery.
    pub async fn run(self, service: NewCommand, say: Say) -> Result<Run, Box<dyn Error>> {
        let stage = Stage::new(service, say).await?;
        let (pandadoc, ratepay) = (self.pandadoc, self.ratepay);
        let play = async {
            tokio::select! {
                played = stage.play(pandadoc, ratepay) => played,
                Err(error) = stage.watch() => Err(error),
            }
        };
        let report = match timeout(TOO_LONG, play).await {
            Ok(report) => report?,
            Err(_) => return Err(format!("the rotations didn't end within {TOO_LONG:?}").into()),
        };
        Ok(Run {
            report,
            events: stage.timeline.so_far(),
            time: stage.providers.time,
        })
    }
}

/// The events and the count of deliveries of a run.
pub struct Run {
    pub report: Report,
    pub events: Events,
    pub time: FastTime,
}

impl Stage {
    async fn play(
        &self,
        pandadoc: Vec<Trouble>,
        ratepay: Vec<Trouble>,
    ) -> Result<Report, Box<dyn Error>> {
        self.start_service()?;
        self.wait(|_| true).await?;
        let stop = watch::Sender::new(false);
        let deliver = |provider| {
            let deliver = self.providers.clone().deliver(provider, stop.subscribe());
            tokio::spawn(deliver)
        };
        let delivered = BOTH.map(deliver);
        let forge = |provider| self.providers.forge(provider);
        let [forged_pandadoc, forged_ratepay] = BOTH.map(forge);
        let last = [pandadoc.len() as u64 + 1, ratepay.len() as u64 + 1];

        let (queued, _, _) = tokio::try_join!(
            self.queue(),
            self.rotate(Provider::PandaDoc, pandadoc),
            self.rotate(Provider::Ratepay, ratepay),
        )?;
        self.wait(|seen| {
            let mut both = BOTH.iter().zip(last);
            both.all(|(provider, last)| seen.of(*provider).has_retired_all_before(last))
        })
        .await?;

        stop.send_replace(true);
        let [pandadoc, ratepay] = delivered;
        let mut report = Report {
            pandadoc: Side::new(pandadoc.await??, forged_pandadoc?.stop().await),
            ratepay: Side::new(ratepay.await??, forged_ratepay?.stop().await),
        };
        let [pandadoc, ratepay] = queued;
        report.pandadoc.delivered.extend(pandadoc);
        report.ratepay.delivered.extend(ratepay);
        self.add_what_the_service_knows(&mut report).await;
        Ok(report)
    }

    async fn add_what_the_service_knows(&self, report: &mut Report) {
        // The service finds deliveries that PandaDoc gave up when it next looks into the history. One that it
        // misses is lost.
        let has_found_all = |seen: &Seen| {
            report.pandadoc.found.extend(seen.found.iter().cloned());
            report.pandadoc.lost().next().is_none()
        };
        let looked = timeout(SWEEP, self.wait(has_found_all));
        looked.await.ok();
        for provider in BOTH {
            let side = report.of(provider);
            side.held = self.held(provider);
            side.requests = self.providers.simulator.requests(change(provider));
            side.changes = self.providers.generation(provider) - 1;
        }
    }

    /// Rotates the key of one provider once for each of these troubles. The service does so on its schedule.
    async fn rotate(
        &self,
        provider: Provider,
        troubles: Vec<Trouble>,
    ) -> Result<(), Box<dyn Error>> {
        for (number, trouble) in (2..).zip(troubles) {
            match trouble {
                Trouble::Nothing => {}
                Trouble::Fault(name, fault) => self.inject(provider, name, fault).await,
                Trouble::FaultAndReads(name, fault) => {
                    let reads = Fault::service_unavailable(None);
                    self.inject(provider, name, fault).await;
                    let reads = reads.on(Operation::DetailsWebhookSubscription).times(2);
                    self.providers.simulator.inject(reads);
                }
                Trouble::Kill => {
                    let wait = Fault::delay(Duration::from_secs(30));
                    self.inject(provider, "killed before the answer", wait)
                        .await;
                    self.kill_and_start_again().await?;
                }
            }
            self.wait_for_key(provider, number).await?;
        }
        Ok(())
    }

    /// Injects a fault of the next request that changes a key, and waits until it has happened.
    async fn inject(&self, provider: Provider, name: &'static str, fault: Fault) {
        let simulator = &self.providers.simulator;
        let injected = simulator.inject(fault.on(change(provider)).once());
        loop {
            if let Some(hit) = injected.hits().first() {
                return self.timeline.fault(provider, hit.at, name);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until a provider has the key with this number. After a failure the schedule tries again in an hour, so
    /// an operator, who doesn't want to wait, asks for that at once.
    async fn wait_for_key(&self, provider: Provider, number: u64) -> Result<(), Box<dyn Error>> {
        let has_rotated = |seen: &Seen| seen.of(provider).has_rotated_to(number);
        loop {
            self.wait(|seen| has_rotated(seen) || seen.of(provider).waits_after_failure())
                .await?;
            if self.latest().as_ref().is_some_and(has_rotated) {
                return Ok(());
            }
            self.ask_for_rotation(provider).await;
        }
    }

    /// Keeps deliveries in a queue until after the first change, signed with the old key. The switch to the new key
    /// is delayed, too.
    async fn queue(&self) -> Result<[Vec<Delivered>; 2], Box<dyn Error>> {
        let Providers {
            simulator, time, ..
        } = &self.providers;
        let switch = DeliveryFault::key_switch_delayed(SWITCH_DELAY);
        let switch = simulator.inject_into_deliveries(switch);
        let (pandadoc, ratepay) = (simulator.pandadoc(), simulator.ratepay());
        let mut ids = Vec::new();
        for number in 1..=QUEUED {
            let data = json!({"id": format!("queued document {number}")});
            ratepay.queue(&self.providers.ratepay, &data)?;
            ids.push(pandadoc.queue(&self.providers.pandadoc, EVENT, data)?);
        }
        self.wait(|seen| BOTH.iter().all(|it| seen.of(*it).has_rotated_to(2)))
            .await?;
        for provider in BOTH {
            self.timeline
                .fault(provider, time.now(), "old key for 40 s");
        }
        time.sleep(QUEUE_DELAY).await;
        switch.remove();
        let old_key = DeliveryFault::old_key_for_queued();
        let old_key = simulator.inject_into_deliveries(old_key);
        let reports = simulator.deliver_queued().await;
        old_key.remove();
        self.timeline
            .say("both", "deliver what was queued, signed with the old key");
        let mut delivered = [Vec::new(), Vec::new()];
        for (report, number) in reports.into_iter().zip(0..) {
            let is_pandadoc = ids.contains(&report.id);
            let document = format!("queued document {}", number / 2 + 1);
            let side = &mut delivered[usize::from(!is_pandadoc)];
            side.push(Delivered::new(document, report.attempts));
        }
        Ok(delivered)
    }
}
