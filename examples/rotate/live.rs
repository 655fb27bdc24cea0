//! Rotates keys at the real services.

use std::error::Error;

use webhook_subscriptions::rotate::{Ended, FileStore, Rotatable};
use webhook_subscriptions::Rotation;

use super::settings::{start, Settings};
use super::timeline::Say;

/// Rotates the key of each provider whose variables are set, and says first what that does.
pub async fn rotate(settings: Settings, say: &Say) -> Result<(), Box<dyn Error>> {
    let (folder, sealing_key) = settings.store.ok_or(
        "WEBHOOK_KEYS isn't set; set it to the folder where the keys are kept from now on",
    )?;
    let store = FileStore::open(folder)?;
    if let Some(pandadoc) = settings.pandadoc {
        let rotation = start(pandadoc, store.clone(), sealing_key.clone()).await?;
        rotate_one("PandaDoc", &rotation, say).await?;
    }
    if let Some(ratepay) = settings.ratepay {
        let rotation = start(ratepay, store, sealing_key).await?;
        rotate_one("Ratepay", &rotation, say).await?;
    }
    Ok(())
}

async fn rotate_one<S: Rotatable>(
    name: &str,
    rotation: &Rotation<S>,
    say: &Say,
) -> Result<(), Box<dyn Error>> {
    let status = rotation.status();
    say(&format!(
        "{name}: subscription {} is {}. The rotation will:",
        status.subscription, status.phase
    ));
    say(rotation.plan().await.to_string().trim_end());
    say("It begins now, and may take 3 minutes if an answer is lost.");
    let running = tokio::spawn(rotation.clone().run());
    let ended = rotation.rotate_now().await?;
    running.abort();
    // The rotation has the store until it has ended.
    running.await.ok();
    let reason = match ended {
        Ended::Rotated { generation } => {
            say(&format!(
                "{name}: the new key has number {generation}. Both keys stay in the store. A service with this store \
                 accepts both, and drops the old one when it is no longer used.\n"
            ));
            return Ok(());
        }
        Ended::Busy => "an earlier rotation hasn't ended, so none was begun; run a service with \
                        this store until the old key is dropped"
            .to_owned(),
        Ended::NotChanged { reason } => format!("the key wasn't changed: {reason}"),
        Ended::Unsettled { reason } => {
            format!("it isn't known yet whether the key changed, so run this again: {reason}")
        }
        other => format!("{other:?}"),
    };
    Err(format!("{name}: {reason}").into())
}
