//! The work of a rotation: takes the steps that are due, and executes their effects.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::command::{Ended, Request, Waiting};
use super::machine::due::wake_at;
use super::machine::event::{Change, Effect, Event};
use super::machine::record::{Claim, Generation, Phase, Time};
use super::state::State;
use super::store::StoreError;
use super::subscription::{Rotatable, Subscription};
use super::time::{from_millis, millis};

/// How often matches are stored.
const FLUSH_EVERY: Duration = Duration::from_secs(60);

/// A match of the newer key is no older than this if some process recorded matches all the time.
const WATCHED: Duration = Duration::from_secs(60 * 60);

/// How long the work waits after the store failed: at first, and at most.
const STORE_BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Runs one rotation.
pub(super) struct Driver<'a, S: Rotatable> {
    state: &'a State<S>,
    waiting: Vec<Waiting>,
    store_backoff: Option<Duration>,
    flush_at: Time,
}

impl<'a, S: Rotatable> Driver<'a, S> {
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
        // A failure of the store shows in the status, and the next start tries again.
        self.assume_matches().await.ok();
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
        if state.store_error().is_some() {
            // Nothing else may need the store for a long time.
            state.reload().await?;
        }
        state.retry_unstored().await?;
        if self.flush_at <= state.now() {
            self.flush().await?;
        }
        let tick = Event::Tick {
            owner: state.owner,
            running: state.about_to_send(),
        };
        // Not left for later, which would wake this again at once, and again and again while a replica is waited for.
        let since = Instant::now();
        for effect in state.apply_for_effects(tick).await? {
            self.execute(effect, since).await?;
        }
        while let Some((effect, since)) = state.next_effect() {
            self.execute(effect, since).await?;
        }
        Ok(())
    }

    /// Assumes that deliveries matched the older keys while no process recorded it. The newer key tells how long that
    /// was: its last match is stored once a minute.
    async fn assume_matches(&self) -> Result<(), StoreError> {
        let (state, record, at) = (self.state, self.state.record(), self.state.now());
        let Some((current, others)) = record.keys.split_last() else {
            return Ok(());
        };
        let recorded = current.last_match.filter(|at| *at >= record.since);
        if recorded.is_some_and(|last| last.saturating_add(millis(WATCHED)) < at) {
            for generation in others.iter().map(|other| other.number) {
                state.apply(Event::Matched { generation, at }).await?;
            }
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
    async fn begin(&mut self, Request { command, end }: Request) {
        let state = self.state;
        let (before, requests) = (state.record(), state.requests().count);
        let waits = |failures, end| Waiting::new(command, before.clone(), requests, failures, end);
        let event = match command.event(&before) {
            Ok(event) => event,
            Err(ended) => return waits(0, end).end(ended),
        };
        let applied = state.apply(event).await;
        let waiting = waits(state.record().failures, end);
        match applied {
            Ok(()) => self.waiting.push(waiting),
            Err(error) => waiting.end(Ended::NotChanged {
                reason: error.to_string(),
            }),
        }
    }

    /// Tells those who wait how their command ended, if it has.
    fn tell_ends(&mut self) {
        let state = self.state;
        let (record, requests, now) = (state.record(), state.requests(), state.now());
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting.ended(&record, &requests, now) {
                Some(ended) => waiting.end(ended),
                None if waiting.is_over() => {}
                None => self.waiting.push(waiting),
            }
        }
    }

    /// Executes an effect of a step that began at `since`.
    async fn execute(&self, effect: Effect, since: Instant) -> Result<(), StoreError> {
        let state = self.state;
        match effect {
            Effect::Read => {
                state.read().await?;
                self.look_into_history().await
            }
            Effect::Begin => match state.subscription.make_key() {
                Ok(Some(key)) => state.apply(Event::Begin { key }).await,
                // A provider that makes the keys isn't given one.
                Ok(None) => Ok(()),
                Err(error) => {
                    state.note_request(Some(&error.into()));
                    Ok(())
                }
            },
            Effect::AwaitReplicas => self.await_replicas().await,
            Effect::Send(claim) => self.send(claim, since).await,
        }
    }

    /// Looks whether the new key signed a delivery that didn't come here, or came when nobody recorded it.
    async fn look_into_history(&self) -> Result<(), StoreError> {
        let state = self.state;
        let record = state.record();
        let is_unused = |current: &&Generation<_>| current.last_match < Some(record.since);
        let current = record.current().filter(is_unused);
        let (Some(current), Phase::Overlap) = (current, &record.phase) else {
            return Ok(());
        };
        let now = state.time.now();
        let since = from_millis(record.since).unwrap_or(now);
        let signed = state.subscription.has_signed(&current.key, since, now);
        match signed.await {
            Ok(true) => {
                let (generation, at) = (current.number, state.now());
                state.apply(Event::Matched { generation, at }).await
            }
            Ok(false) => Ok(()),
            Err(failed) => {
                state.note_request(Some(&failed));
                Ok(())
            }
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
        // Another process may have gone on, with another secret.
        let is_ours = record.phase == Phase::Calling(claim);
        let change = match is_ours && !is_late {
            false => Change::Refused,
            true => match state.change(&current.key).await {
                Ok(key) => Change::Done(key),
                Err(failed) if failed.changed_nothing => Change::Refused,
                Err(_) => Change::Lost,
            },
        };
        let epoch = claim.epoch;
        state.apply(Event::Changed { epoch, change }).await
    }
}
