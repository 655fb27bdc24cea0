//! A new secret at Ratepay, which is given it.

use std::error::Error;
use std::path::Path;

use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::{ratepay, Outcome};

use super::key_file::KeyFile;

pub struct Ratepay {
    pub client: ratepay::Client,
    pub id: SubscriptionId,
    /// What the subscription is to be, the new secret included.
    pub subscription: SubscriptionRequest,
}

impl Ratepay {
    /// Puts the new secret into a file of this folder, and then gives it to Ratepay.
    ///
    /// The secret is on the disk before it is sent, so no lost answer can lose it.
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
                "  the new secret is in {file}, and Ratepay may use it or the old one: accept \
                 deliveries with either"
            ),
            Outcome::Applied => println!("  the new secret is in {file}, and is current"),
        }
        Err(error.into())
    }
}
