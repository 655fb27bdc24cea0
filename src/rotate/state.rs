//! The state of a rotation in this process: the record as it was last seen, and the one way to change it.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Mutex as AsyncMutex, Notify};

use super::command::Requests;
use super::document::Document;
use super::held::{Looks, Receiver};
use super::keys::Keys;
use super::machine::event::{Change, Effect, Event};
use super::machine::merge::merged;
use super::machine::policy::Policy;
use super::machine::record::{Record, Time};
use super::machine::step::step;
use super::phase::Phase;
use super::record_store::{RecordStore, Stored, Swapped};
use super::store::StoreError;
use super::subscription::{Failed, Rotatable, Subscription as _};
use super::time::{jitter, to_millis, TimeSource};
use super::trace;
use crate::secret::Secret;

/// Everything that the clones of a rotation share.
pub(super) struct State<S: Rotatable> {
    pub(super) subscription: S::Subscription,
    settings: Policy,
    pub(super) time: Box<dyn TimeSource>,
    pub(super) store: RecordStore,
    /// This process, as claims name it.
    pub(super) owner: u64,
    pub(super) keys: Keys<S>,
    pub(super) looks: Looks,
    pub(super) receiver: Receiver,
    /// Whether the other processes that share the store wait until this one has loaded a new secret.
    pub(super) has_joined: AtomicBool,
    /// Wakes the schedule: the record changed, or something else is to be done.
    pub(super) wake: Notify,
    current: Mutex<Current>,
    /// Held while an event is taken in, so that one is after the other.
    changing: AsyncMutex<()>,
}

/// Changes at each change of the record.
struct Current {
    stored: Stored,
    /// Keys that were learned, and events that bring them, for which the store failed.
    unstored: Vec<Event<Secret>>,
    effects: VecDeque<(Effect, Instant)>,
    store_error: Option<String>,
    requests: Requests,
}

impl<S: Rotatable> State<S> {
    pub(super) fn new(
        subscription: S::Subscription,
        settings: Policy,
        time: Box<dyn TimeSource>,
        store: RecordStore,
        stored: Stored,
    ) -> Self {
        let state = Self {
            subscription,
            settings,
            time,
            store,
            owner: fastrand::u64(..),
            keys: Keys::new(),
            looks: Looks::new(),
            receiver: Receiver::new(),
            has_joined: AtomicBool::new(false),
            wake: Notify::new(),
            current: Mutex::new(Current {
                stored,
                unstored: Vec::new(),
                effects: VecDeque::new(),
                store_error: None,
                requests: Requests::default(),
            }),
            changing: AsyncMutex::new(()),
        };
        state.accept_keys(&state.current());
        state
    }

    /// Returns the name of the record in the store.
    pub(super) fn name(&self) -> &str {
        self.store.name()
    }

    pub(super) fn now(&self) -> Time {
        to_millis(self.time.now())
    }

    /// Returns how long things take.
    pub(super) fn policy(&self) -> Policy {
        Policy {
            jitter: self.settings.every.map_or(0, jitter),
            ..self.settings
        }
    }

    /// Returns the claim whose request is about to be sent.
    pub(super) fn about_to_send(&self) -> Option<u64> {
        let current = self.current();
        let mut latest_first = current.effects.iter().rev();
        latest_first.find_map(|(effect, _)| match effect {
            Effect::Send(claim) => Some(claim.epoch),
            _ => None,
        })
    }

    /// Returns the next effect that is to be executed, and when its step began.
    pub(super) fn next_effect(&self) -> Option<(Effect, Instant)> {
        self.current().effects.pop_front()
    }

    pub(super) fn document(&self) -> Document {
        self.current().stored.document.clone()
    }

    pub(super) fn record(&self) -> Record<Secret> {
        self.current().stored.document.record.clone()
    }

    pub(super) fn version(&self) -> u64 {
        self.current().stored.version
    }

    /// Returns the latest error of the store, if the latest use of it failed.
    pub(super) fn store_error(&self) -> Option<String> {
        self.current().store_error.clone()
    }

    pub(super) fn requests(&self) -> Requests {
        self.current().requests.clone()
    }

    /// Takes in an event: accepts its key, and stores the record that follows from it.
    ///
    /// # Errors
    ///
    /// Returns an error if the store failed. An event that brings a key is then kept, and taken in by
    /// [`retry_unstored`](Self::retry_unstored). Its key is accepted meanwhile.
    pub(super) async fn apply(&self, event: Event<Secret>) -> Result<(), StoreError> {
        let since = Instant::now();
        let effects = self.apply_for_effects(event).await?;
        self.execute_later(effects, since);
        Ok(())
    }

    /// Does the same, for somebody who executes the effects at once.
    pub(super) async fn apply_for_effects(
        &self,
        event: Event<Secret>,
    ) -> Result<Vec<Effect>, StoreError> {
        let _turn = self.changing.lock().await;
        let effects = self.take_in(&event).await?;
        self.forget(&event);
        Ok(effects)
    }

    /// Takes in the events for which the store failed before.
    pub(super) async fn retry_unstored(&self) -> Result<(), StoreError> {
        let _turn = self.changing.lock().await;
        loop {
            let Some(event) = self.current().unstored.first().cloned() else {
                return Ok(());
            };
            let since = Instant::now();
            let effects = self.take_in(&event).await?;
            self.execute_later(effects, since);
            self.forget(&event);
        }
    }

    /// Loads the record, and accepts its keys if it is newer.
    pub(super) async fn reload(&self) -> Result<(), StoreError> {
        let _turn = self.changing.lock().await;
        self.load().await
    }

    /// Sends the one request of a claim.
    pub(super) async fn change(&self, key: &Secret) -> Result<Secret, Failed> {
        let changed = self.subscription.change(key).await;
        let failed = changed.as_ref().err();
        self.trace_if_failed(failed);
        self.current().requests.note_change(failed);
        changed
    }

    /// Remembers whether a request that doesn't change the key failed.
    pub(super) fn note_request(&self, failed: Option<&Failed>) {
        self.trace_if_failed(failed);
        self.current().requests.note(failed);
    }

    fn trace_if_failed(&self, failed: Option<&Failed>) {
        if let Some(failed) = failed {
            trace::provider_failed(self.name(), &failed.message);
        }
    }

    /// Records that this process accepts the keys that it has loaded.
    pub(super) async fn acknowledge(&self) -> Result<(), StoreError> {
        self.note_store(self.store.acknowledge(self.version()).await)
    }

    /// Tells whether every replica accepts the keys of this version.
    pub(super) async fn is_acknowledged(&self, version: u64) -> Result<bool, StoreError> {
        self.note_store(self.store.is_acknowledged(version).await)
    }

    async fn take_in(&self, event: &Event<Secret>) -> Result<Vec<Effect>, StoreError> {
        loop {
            let (before, version) = (self.document(), self.version() + 1);
            let now = self.now();
            let next = step(&self.policy(), &before.record, event.clone(), now);
            if next.accept.is_some() {
                self.keep(event);
            }
            if next.record == before.record {
                return Ok(next.effects);
            }
            let is_same_phase = Phase::of(&next.record) == Phase::of(&before.record);
            let after = Document {
                record: next.record,
                entered: if is_same_phase { before.entered } else { now },
            };
            match self.note_store(self.store.swap::<S>(&after, version).await)? {
                Swapped::Newer(newer) => self.go_on_with(newer).await?,
                Swapped::Done => {
                    trace::stored(self.name(), event, &before.record, &after.record, version);
                    self.adopt(Stored {
                        document: after,
                        version,
                    });
                    self.wake.notify_one();
                    return Ok(next.effects);
                }
            }
        }
    }

    /// Has the schedule execute the effects of a step that began at `since`.
    pub(super) fn execute_later(&self, effects: Vec<Effect>, since: Instant) {
        if !effects.is_empty() {
            let effects = effects.into_iter().map(|effect| (effect, since));
            self.current().effects.extend(effects);
            self.wake.notify_one();
        }
    }

    async fn load(&self) -> Result<(), StoreError> {
        let found = match self.store.load::<S>().await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(StoreError::new(
                "the record is gone; stop all processes, and restore it from a backup",
            )),
            Err(error) => Err(error),
        };
        let found = self.note_store(found)?;
        self.go_on_with(found).await
    }

    /// Goes on with a record that the store has. If it doesn't follow from the record that this process has, the
    /// store was set back, and gets the keys again that it has lost.
    async fn go_on_with(&self, mut found: Stored) -> Result<(), StoreError> {
        loop {
            let (ours, version) = (self.document(), self.version());
            if found.version == version && found.document == ours {
                return Ok(());
            }
            let (base, other) = match found.version > version {
                true => (&found.document, &ours),
                false => (&ours, &found.document),
            };
            let maker = self.settings.maker;
            let record = merged(maker, &base.record, &other.record, self.now());
            if record == found.document.record {
                trace::loaded(self.name(), &record, found.version);
                self.adopt(found);
                self.wake.notify_one();
                return Ok(());
            }
            trace::set_back(self.name(), found.version, version);
            let document = Document {
                record,
                entered: base.entered,
            };
            let version = found.version.saturating_add(1);
            match self.note_store(self.store.swap::<S>(&document, version).await)? {
                Swapped::Newer(newer) => found = newer,
                Swapped::Done => {
                    self.adopt(Stored { document, version });
                    self.wake.notify_one();
                    return Ok(());
                }
            }
        }
    }

    fn adopt(&self, stored: Stored) {
        let mut current = self.current();
        current.stored = stored;
        self.accept_keys(&current);
    }

    /// Accepts the key that this event brings, whether it can be stored or not.
    fn keep(&self, event: &Event<Secret>) {
        let mut current = self.current();
        let is_new = key_of(event).is_some_and(|key| !current.unstored_keys().contains(key));
        if is_new {
            current.unstored.push(event.clone());
            self.accept_keys(&current);
        }
    }

    /// Forgets an event whose key is stored now.
    fn forget(&self, event: &Event<Secret>) {
        let mut current = self.current();
        let before = current.unstored.len();
        current.unstored.retain(|unstored| unstored != event);
        if current.unstored.len() < before {
            self.accept_keys(&current);
        }
    }

    fn accept_keys(&self, current: &Current) {
        self.keys
            .accept(&current.stored.document.record, &current.unstored_keys());
        self.looks.keys_changed();
    }

    /// Remembers whether the latest use of the store failed.
    fn note_store<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            trace::store_failed(self.name(), error);
        }
        let error = result.as_ref().err();
        self.current().store_error = error.map(StoreError::to_string);
        result
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        // Nothing that holds the lock panics; if it did, the record would still be a whole one.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn unstored_keys(&self) -> Vec<Secret> {
        let keys = self.unstored.iter().filter_map(key_of);
        keys.cloned().collect()
    }
}

/// Returns the key that an event brings from the provider.
fn key_of(event: &Event<Secret>) -> Option<&Secret> {
    match event {
        Event::Changed {
            change: Change::Done(key),
            ..
        }
        | Event::Read { key, .. } => Some(key),
        _ => None,
    }
}
