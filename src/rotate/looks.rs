//! Looks at the store and at the provider, for receivers that hold a delivery.

use std::future::pending;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::held::Look;
use super::machine::event::{Effect, Event};
use super::machine::record::Time;
use super::state::State;
use super::store::StoreError;
use super::subscription::{Rotatable, Subscription};

/// The pause before this process tries again to join those that share the store.
const JOIN_PAUSE: Duration = Duration::from_secs(1);

/// The pause after the store was loaded, in case it says all the time that the record may have changed.
const STORE_PAUSE: Duration = Duration::from_millis(50);

impl<S: Rotatable> State<S> {
    /// Looks at the store and the provider when somebody asks. Works until it is dropped.
    pub(super) async fn look_when_asked(&self) {
        loop {
            tokio::select! {
                () = self.looks.wanted.notified() => {}
                () = self.next_read() => {}
            }
            self.look().await;
            // However many ask, the store isn't loaded more often.
            sleep(STORE_PAUSE).await;
        }
    }

    /// Waits until the provider may be read for a held delivery that no read covers.
    async fn next_read(&self) {
        if !self.is_read_wanted() {
            return pending().await;
        }
        let wait = self.next_read_at().saturating_sub(self.now());
        self.time.sleep(Duration::from_millis(wait)).await;
    }

    fn is_read_wanted(&self) -> bool {
        let seen = self.looks.seen().provider;
        let is_covered = seen.is_ok && seen.covers >= self.looks.covers();
        S::Subscription::PROVIDER_MAKES_KEYS && self.looks.held() > 0 && !is_covered
    }

    async fn look(&self) {
        let looks = &self.looks;
        let (covers, began) = (looks.covers(), self.now());
        let is_ok = self.reload().await.is_ok();
        let look = Look {
            covers,
            began,
            is_ok,
        };
        looks.seen.send_modify(|seen| seen.store = look);
        if !is_ok || !self.is_read_wanted() {
            return;
        }
        looks.seen.send_modify(|seen| seen.reading.covers = covers);
        // A failure of the store or of the read is kept, and shows in what was seen.
        self.read_for_held().await.ok();
        looks
            .seen
            .send_modify(|seen| seen.reading = Look::default());
    }

    /// Reads the current key, unless some process did so a moment ago. The record says when, so all processes
    /// together keep the distance.
    async fn read_for_held(&self) -> Result<(), StoreError> {
        let since = Instant::now();
        let mut effects = self.apply_for_effects(Event::Unknown).await?;
        let all = effects.len();
        effects.retain(|effect| *effect != Effect::Read);
        let reads = effects.len() < all;
        self.execute_later(effects, since);
        match reads {
            true => self.read().await,
            false => Ok(()),
        }
    }

    /// Returns when a held delivery may have the key read next.
    pub(super) fn next_read_at(&self) -> Time {
        let asked_at = self.record().asked_at;
        asked_at.saturating_add(self.policy().read_pause)
    }

    /// Reads the current key from the provider, and takes it in.
    pub(super) async fn read(&self) -> Result<(), StoreError> {
        let (covers, began) = (self.looks.covers(), self.now());
        let Some(read) = self.subscription.read().await else {
            return Ok(());
        };
        self.note_request(read.as_ref().err());
        let is_ok = read.is_ok();
        let applied = match read {
            Ok(key) => {
                let owner = self.owner;
                self.apply(Event::Read { owner, key, began }).await
            }
            Err(_) => Ok(()),
        };
        self.looks.seen.send_modify(|seen| {
            seen.reads += 1;
            // Two reads at the same time may end in either order.
            if seen.provider.covers <= covers {
                seen.provider = Look {
                    covers,
                    began,
                    is_ok,
                };
            }
        });
        applied
    }

    /// Loads the record whenever the store says that it may have changed. Works until it is dropped.
    pub(super) async fn follow_store(&self) {
        // A failure is kept, and shows in the status.
        while self.join().await.is_err() {
            self.time.sleep(JOIN_PAUSE).await;
        }
        loop {
            self.store.changed(self.version()).await;
            if self.reload().await.is_ok() {
                self.acknowledge().await.ok();
            }
            sleep(STORE_PAUSE).await;
        }
    }

    /// Makes other processes wait for this one, and loads what they stored before.
    async fn join(&self) -> Result<(), StoreError> {
        self.acknowledge().await?;
        self.reload().await?;
        self.acknowledge().await?;
        self.has_joined.store(true, Ordering::SeqCst);
        Ok(())
    }
}
