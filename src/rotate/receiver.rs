//! Deliveries whose signature no accepted key made.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::request::Parts;

use super::held::{Held, Seen};
use super::state::State;
use super::subscription::{Rotatable, Subscription};
use crate::auth::BoxFuture;
use crate::verify::resolver::Resolver;
use crate::verify::{Refusal, Signature, Verified, VerifyError};

/// The longest time that a delivery is held. PandaDoc waits 20 seconds for an answer. Source:
/// <https://developers.pandadoc.com/docs/webhook-setup>.
const HOLD: Duration = Duration::from_secs(10);

/// How long a sender is asked to wait if nothing says when a decision will be possible.
const RETRY_AFTER: Duration = Duration::from_secs(10);

impl<S: Rotatable> State<S> {
    /// Verifies a delivery. One that no accepted key verifies is held, as `VerifyLayer` holds it.
    pub(super) async fn verify_request(
        &self,
        head: &Parts,
        body: &[u8],
    ) -> Result<Verified, Refusal> {
        let signature = Signature::from_request(head).map_err(Refusal::NotVerified)?;
        match self.verify_arrived(body, &signature) {
            Ok(verified) => Ok(verified),
            Err(_) => self.resolve(body, &signature).await,
        }
    }

    fn verify_arrived(
        &self,
        body: &[u8],
        signature: &Signature<S>,
    ) -> Result<Verified, VerifyError> {
        let now = self.time.now();
        self.keys.ring.verify_arrived(body, signature, now)
    }

    async fn hold(&self, body: &[u8], signature: &Signature<S>) -> Result<Verified, Refusal> {
        let receiver = &self.receiver;
        let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let (Ok(_place), Ok(_bytes)) = (
            receiver.places.try_acquire(),
            receiver.bytes.try_acquire_many(bytes),
        ) else {
            return Err(not_decided(RETRY_AFTER));
        };
        let mut seen = self.looks.subscribe();
        let held = self.looks.hold();
        let mut end = self.time.sleep(HOLD);
        loop {
            // Before the keys are tried: a look that comes in between is seen in the next round.
            let latest = *seen.borrow_and_update();
            let error = match self.verify_arrived(body, signature) {
                Ok(verified) => return Ok(verified),
                Err(error) => error,
            };
            if let Some(refusal) = self.decide(&held, latest, error) {
                return Err(refusal);
            }
            tokio::select! {
                // The sender belongs to this state.
                _ = seen.changed() => {}
                () = &mut end => return Err(not_decided(RETRY_AFTER)),
            }
        }
    }

    /// Returns the refusal of a delivery that no key verifies, or `None` to go on holding it.
    fn decide(&self, held: &Held<'_>, seen: Seen, error: VerifyError) -> Option<Refusal> {
        if !held.is_covered_by(seen.store) {
            return None;
        }
        if !seen.store.is_ok {
            return Some(not_decided(RETRY_AFTER));
        }
        if !S::Subscription::PROVIDER_MAKES_KEYS {
            // Every secret is stored before the provider gets it.
            return Some(Refusal::NotVerified(error));
        }
        let (now, settle_until) = (self.now(), self.record().settle_until);
        if held.is_covered_by(seen.provider) && seen.provider.is_ok {
            // A read that began while a change was under way may show the key from before it, so it proves nothing.
            return Some(match seen.provider.began < settle_until {
                true => not_decided(RETRY_AFTER),
                false => Refusal::NotVerified(error),
            });
        }
        let is_changing = now < settle_until;
        let wait = self.next_read_at().saturating_sub(now);
        let is_worth_holding = is_changing || held.is_covered_by(seen.reading) || wait == 0;
        (!is_worth_holding).then(|| not_decided(Duration::from_millis(wait)))
    }
}

impl<S: Rotatable> Resolver<S> for State<S> {
    fn resolve<'a>(
        &'a self,
        body: &'a [u8],
        signature: &'a Signature<S>,
    ) -> BoxFuture<'a, Result<Verified, Refusal>> {
        Box::pin(async move {
            let result = self.hold(body, signature).await;
            let counts = &self.receiver.counts;
            let count = match &result {
                Ok(_) => &counts.accepted_after_hold,
                Err(Refusal::NotDecided { .. }) => &counts.not_decided,
                Err(_) => &counts.rejected,
            };
            count.fetch_add(1, Ordering::Relaxed);
            result
        })
    }
}

/// Whole seconds, at least one: what a `Retry-After` header can say.
fn not_decided(wait: Duration) -> Refusal {
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    Refusal::NotDecided {
        retry_after: Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)),
    }
}
