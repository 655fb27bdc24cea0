//! The work of a rotation: takes the steps that are due, and executes their effects.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::command::{Command, Ended, Request, Waiting};
use super::machine::record::{Claim, Time};
use super::machine::step::{wake_at, Change, Effect, Event};
use super::state::State;
use super::store::StoreError;
use super::subscription::{Provider, Subscription};
use super::time::millis;
use super::trace;
use crate::secret::Secret;

/// How often matches are stored.
const FLUSH_EVERY: Duration = Duration::from_secs(60);

/// The longest time from a claim until its request is sent.
pub(super) const SEND_WITHIN: Duration = Duration::from_secs(10);

/// How long the work waits after the store failed: at first, and at most.
const STORE_BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The pause after the current key couldn't be read, or a new one couldn't be made.
const BEGIN_AGAIN: Duration = Duration::from_secs(60);

/// How often it is looked whether all replicas have acknowledged a secret.
const ACKNOWLEDGED_EVERY: Duration = Duration::from_secs(1);

/// Runs one rotation.
pub(super) struct Driver<'a, S: Provider> {
    state: &'a State<S>,
    settings: &'a Schedule,
    waiting: Vec<Waiting>,
    /// Somebody asked for a rotation, whether one is due or not.
    is_wanted: bool,
    store_backoff: Option<Duration>,
    flush_at: Time,
    /// A rotation that is due begins at this time at the earliest, since its key couldn't be read or made.
    begin_at: Time,
    /// When the latest step began. A claim is no older than that.
    stepped_at: Instant,
}

/// When rotations are due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// `None` rotates on demand only.
    pub(super) every: Option<Duration>,
}

impl Schedule {
    /// Returns when the next rotation is due, up to a tenth earlier than the period says. So the rotations of many
    /// services that were started together don't stay together.
    pub(super) fn next(&self, now: Time) -> Option<Time> {
        let every = millis(self.every?);
        let jitter = fastrand::u64(0..=every / 10);
        Some(now.saturating_add(every - jitter))
    }
}

impl<'a, S: Provider> Driver<'a, S> {
    pub(super) fn new(state: &'a State<S>, settings: &'a Schedule) -> Self {
        Self {
            state,
            settings,
            waiting: Vec::new(),
            is_wanted: false,
            store_backoff: None,
            flush_at: 0,
            begin_at: 0,
            stepped_at: Instant::now(),
        }
    }

    /// Works until it is dropped.
    pub(super) async fn run(mut self, requests: &mut mpsc::Receiver<Request>) {
        loop {
            let result = self.advance().await;
            self.store_backoff = match result {
                Ok(()) => None,
                Err(_) => {
                    let (first, most) = STORE_BACKOFF;
                    let next = self.store_backoff.map_or(first, |last| last * 2);
                    Some(next.min(most))
                }
            };
            self.is_wanted = false;
            self.tell_ends();
            tokio::select! {
                () = self.pause() => {}
                () = self.state.wake.notified(), if self.store_backoff.is_none() => {}
                Some(request) = requests.recv() => self.begin_command(request).await,
            }
        }
    }

    /// Tells those who wait how their command ended, if it has.
    fn tell_ends(&mut self) {
        let (record, now) = (self.state.record(), self.state.now());
        let error = self.state.store_error().or(self.state.provider_error());
        self.waiting
            .retain_mut(|waiting| !waiting.tell(&record, now, error.as_deref()));
    }

    async fn begin_command(&mut self, request: Request) {
        let state = self.state;
        let before = state.record();
        let result = match request.command {
            Command::Rotate if !before.may_begin(state.now()) => {
                // Nobody may wait any more, which changes nothing.
                request.end.send(Ended::Busy).ok();
                return;
            }
            Command::Rotate => {
                self.is_wanted = true;
                Ok(Vec::new())
            }
            Command::Resume => self.apply(Event::Resume).await,
            Command::Revoke(generation) => self.apply(Event::Revoke { generation }).await,
        };
        // A failure of the store shows in the status, and in the end of the command.
        result.ok();
        self.waiting.push(Waiting::new(before, request.end));
    }

    /// Waits until something is due.
    async fn pause(&self) {
        let state = self.state;
        if let Some(backoff) = self.store_backoff {
            return state.time.sleep(backoff).await;
        }
        let now = state.now();
        let record = state.record();
        let mut due = wake_at(&state.policy, &record, now);
        if record.may_begin(now) {
            due = due.map(|due| due.max(self.begin_at));
        }
        let wake = due.map_or(self.flush_at, |due| due.min(self.flush_at));
        let wait = Duration::from_millis(wake.saturating_sub(now));
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
        let effects = self.apply(tick).await?;
        self.execute(effects).await?;
        self.begin_if_due().await
    }

    /// Stores when deliveries last matched each key.
    async fn flush(&mut self) -> Result<(), StoreError> {
        let state = self.state;
        for (generation, at) in state.keys.unrecorded(&state.record()) {
            self.apply(Event::Matched { generation, at }).await?;
        }
        self.flush_at = state.now().saturating_add(millis(FLUSH_EVERY));
        Ok(())
    }

    async fn begin_if_due(&mut self) -> Result<(), StoreError> {
        let state = self.state;
        let record = state.record();
        let now = state.now();
        let is_due = record.next_at.is_some_and(|at| at <= now) && self.begin_at <= now;
        if !record.may_begin(now) || !(is_due || self.is_wanted) {
            return Ok(());
        }
        let key = match state.subscription.make_key() {
            Ok(Some(key)) => Some(key),
            Ok(None) => state.read().await?,
            Err(error) => {
                trace::no_randomness(&state.name, &error);
                None
            }
        };
        let Some(key) = key else {
            self.begin_at = now.saturating_add(millis(BEGIN_AGAIN));
            return Ok(());
        };
        let owner = state.owner;
        let effects = self.apply(Event::Begin { owner, key }).await?;
        self.execute(effects).await
    }

    async fn apply(&mut self, event: Event<Secret>) -> Result<Vec<Effect>, StoreError> {
        self.stepped_at = Instant::now();
        self.state.apply(event).await
    }

    async fn execute(&mut self, effects: Vec<Effect>) -> Result<(), StoreError> {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Read => drop(self.state.read().await?),
                Effect::Send(claim) => effects.extend(self.send(claim).await?),
                Effect::AwaitReplicas => effects.extend(self.await_replicas().await?),
            }
        }
        Ok(())
    }

    /// Sends the one request of a claim.
    async fn send(&mut self, claim: Claim) -> Result<Vec<Effect>, StoreError> {
        let state = self.state;
        let record = state.record();
        let Some(newest) = record.keys.last() else {
            return Ok(Vec::new());
        };
        // Asked immediately before sending, on a clock that nobody sets.
        let change = match self.stepped_at.elapsed() >= SEND_WITHIN || claim.send_by <= state.now()
        {
            true => Change::Refused,
            false => match state.change(&newest.key).await {
                Ok(key) => Change::Done(key),
                Err(failed) if failed.changed_nothing => Change::Refused,
                Err(_) => Change::Lost,
            },
        };
        let event = Event::Changed {
            epoch: claim.epoch,
            change,
            next_at: self.settings.next(state.now()),
        };
        self.apply(event).await
    }

    /// Waits until all replicas have the newest key, or somebody wakes the schedule.
    async fn await_replicas(&mut self) -> Result<Vec<Effect>, StoreError> {
        let state = self.state;
        let version = state.version();
        state.acknowledge().await?;
        while !state.is_acknowledged(version).await? {
            state.time.sleep(ACKNOWLEDGED_EVERY).await;
        }
        let owner = state.owner;
        self.apply(Event::Acknowledged { owner }).await
    }
}
