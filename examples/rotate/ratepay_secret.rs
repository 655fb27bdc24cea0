//! Replaces the secret of a subscription at Ratepay with one of the caller.

use std::error::Error;
use std::path::Path;

use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::{ratepay, Outcome};

use super::key_file::KeyFile;

pub struct Ratepay {
    pub client: ratepay::Client,
    pub id: SubscriptionId,
    /// The new members of the subscription, including the new secret.
    pub subscription: SubscriptionRequest,
}

impl Ratepay {
    /// Writes the new secret to a file in this folder and then sends it to Ratepay.
    ///
    /// A lost response can't lose the secret, because it is on the disk before it is sent.
    pub async fn rotate(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let file = KeyFile::create(folder, "ratepay-secret")?;
        if let Err(error) = file.keep(self.subscription.secret.expose_secret()) {
            file.discard();
            return Err(error.into());
        }
        println!("Ratepay: replacing the secret of subscription {}", self.id);
        let call = self
            .client
            .update_subscription(&self.id, &self.subscription);
        let error = match call.await {
            Ok(answer) => {
                println!("  {}: the new secret is in {file}", answer.status());
                return Ok(());
            }
            Err(error) => error,
        };
        match error.outcome() {
            Outcome::NotSent | Outcome::Rejected => {
                file.discard();
                println!("  the old secret is still current");
            }
            Outcome::Unknown => println!(
                "  the new secret is in {file}; Ratepay may use it or the old one, so accept \
                 deliveries with either"
            ),
            Outcome::Applied => println!("  the new secret is in {file} and is current"),
        }
        Err(error.into())
    }
}
