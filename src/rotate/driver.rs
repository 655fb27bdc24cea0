//! The work of a rotation: takes the steps that are due, and executes their effects.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::command::{Command, Request, Waiting};
use super::machine::due::wake_at;
use super::machine::record::{Claim, Time};
use super::machine::step::{Change, Effect, Event};
use super::state::State;
use super::store::StoreError;
use super::subscription::{Provider, Subscription};
use super::time::millis;
use super::trace;

/// How often matches are stored.
const FLUSH_EVERY: Duration = Duration::from_secs(60);

/// How long the work waits after the store failed: at first, and at most.
const STORE_BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Runs one rotation.
pub(super) struct Driver<'a, S: Provider> {
    state: &'a State<S>,
    waiting: Vec<Waiting>,
    store_backoff: Option<Duration>,
    flush_at: Time,
}

impl<'a, S: Provider> Driver<'a, S> {
    pub(super) fn new(state: &'a State<S>) -> Self {
        Self {
            state,
            waiting: Vec::new(),
            store_backoff: None,
            flush_at: 0,
        }
    }

    /// Works until it is dropped.
    pub(super) async fn run(mut self, requests: &mut mpsc::Receiver<Request>) {
        loop {
            self.store_backoff = match self.advance().await {
                Ok(()) => None,
                Err(_) => {
                    let (first, most) = STORE_BACKOFF;
                    let next = self.store_backoff.map_or(first, |last| last * 2);
                    Some(next.min(most))
                }
            };
            self.tell_ends();
            tokio::select! {
                () = self.pause() => {}
                () = self.state.wake.notified(), if self.store_backoff.is_none() => {}
                Some(request) = requests.recv() => self.begin(request).await,
            }
        }
    }

    /// Waits until something is due.
    async fn pause(&self) {
        let state = self.state;
        let wait = match self.store_backoff {
            Some(backoff) => backoff,
            None => {
                let now = state.now();
                let due = wake_at(&state.policy(), &state.record(), now);
                let wake = due.map_or(self.flush_at, |due| due.min(self.flush_at));
                Duration::from_millis(wake.saturating_sub(now))
            }
        };
        state.time.sleep(wait).await;
    }

    /// Does all that is due now.
    async fn advance(&mut self) -> Result<(), StoreError> {
        let state = self.state;
        state.retry_unstored().await?;
        if self.flush_at <= state.now() {
            self.flush().await?;
        }
        let tick = Event::Tick {
            owner: state.owner,
            running: None,
        };
        state.apply(tick).await?;
        while let Some((effect, since)) = state.next_effect() {
            self.execute(effect, since).await?;
        }
        Ok(())
    }

    /// Stores when deliveries last matched each key.
    async fn flush(&mut self) -> Result<(), StoreError> {
        let state = self.state;
        for (generation, at) in state.keys.unrecorded(&state.record()) {
            state.apply(Event::Matched { generation, at }).await?;
        }
        self.flush_at = state.now().saturating_add(millis(FLUSH_EVERY));
        Ok(())
    }

    /// Does what a command asks for, as far as that is one event.
    async fn begin(&mut self, request: Request) {
        let state = self.state;
        let waiting = Waiting::new(request, state.record());
        let event = match waiting.command {
            Command::Rotate if waiting.is_busy() => return waiting.busy(),
            Command::Rotate => Event::Rotate,
            Command::Resume => Event::Resume,
            Command::Revoke(generation) => Event::Revoke { generation },
        };
        match state.apply(event).await {
            Ok(()) => self.waiting.push(waiting),
            Err(error) => waiting.not_changed(error.to_string()),
        }
    }

    /// Tells those who wait how their command ended, if it has.
    fn tell_ends(&mut self) {
        let (record, now) = (self.state.record(), self.state.now());
        let error = self.state.store_error().or(self.state.provider_error());
        let goes_on = |waiting: &mut Waiting| !waiting.tell(&record, now, error.as_deref());
        self.waiting.retain_mut(goes_on);
    }

    /// Executes an effect of a step that began at `since`.
    async fn execute(&self, effect: Effect, since: Instant) -> Result<(), StoreError> {
        let state = self.state;
        match effect {
            Effect::Read => state.read().await,
            Effect::Begin => match state.subscription.make_key() {
                Ok(Some(key)) => state.apply(Event::Begin { key }).await,
                // A provider that makes the keys isn't given one.
                Ok(None) => Ok(()),
                Err(error) => {
                    trace::no_randomness(&state.name, &error);
                    Ok(())
                }
            },
            Effect::AwaitReplicas => self.await_replicas().await,
            Effect::Send(claim) => self.send(claim, since).await,
        }
    }

    async fn await_replicas(&self) -> Result<(), StoreError> {
        let state = self.state;
        let version = state.version();
        let record = state.record();
        let Some(current) = record.current() else {
            return Ok(());
        };
        state.acknowledge().await?;
        if !state.is_acknowledged(version).await? {
            return Ok(());
        }
        let event = Event::Acknowledged {
            owner: state.owner,
            generation: current.number,
        };
        state.apply(event).await
    }

    /// Sends the one request of a claim.
    async fn send(&self, claim: Claim, since: Instant) -> Result<(), StoreError> {
        let state = self.state;
        let record = state.record();
        let Some(current) = record.current() else {
            return Ok(());
        };
        // Asked immediately before sending, on a clock that nobody sets.
        let elapsed = millis(since.elapsed());
        let is_late = elapsed >= state.policy().send_within || claim.send_by <= state.now();
        let change = match is_late {
            true => Change::Refused,
            false => match state.change(&current.key).await {
                Ok(key) => Change::Done(key),
                Err(failed) if failed.changed_nothing => Change::Refused,
                Err(_) => Change::Lost,
            },
        };
        let epoch = claim.epoch;
        state.apply(Event::Changed { epoch, change }).await
    }
}
