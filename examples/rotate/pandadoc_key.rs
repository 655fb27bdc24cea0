//! Regenerates a shared key at PandaDoc, which creates and returns the new key.

use std::io;
use std::path::Path;

use uuid::Uuid;
use webhook_subscriptions::{pandadoc, Error, Outcome, Secret};

use super::key_file::KeyFile;

pub struct PandaDoc {
    pub client: pandadoc::Client,
    pub id: Uuid,
}

/// Why the new key isn't in the file, and what is known about the change.
#[derive(Debug, thiserror::Error)]
pub enum NotRotated {
    #[error("couldn't create the file for the new key, so no new key was requested")]
    NoFile(#[source] io::Error),
    #[error("couldn't read the current key, so no new key was requested")]
    NotStarted(#[source] ReadError),
    #[error("PandaDoc didn't create a new key; the old one is still current")]
    NotChanged(#[source] Error),
    #[error(
        "the current key, in {file}, is still the old one; the request may arrive late, so read the \
         key again before you rely on it"
    )]
    SeemsUnchanged {
        file: String,
        #[source]
        change: Error,
    },
    #[error(
        "{} ({change}), and the current key couldn't be read; {kept}; read the current key before you \
         trust a key",
        creation(.change)
    )]
    NotRead {
        change: Error,
        /// What the file contains.
        kept: String,
        #[source]
        read: ReadError,
    },
    #[error(
        "couldn't write the current key to its file; read it with details_webhook_subscription"
    )]
    NotKept(#[source] io::Error),
}

/// Why the current key is unknown.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("details_webhook_subscription failed")]
    Call(#[source] Error),
    #[error("the subscription that PandaDoc returned has no key")]
    NoKey,
}

fn creation(change: &Error) -> &'static str {
    match change.outcome() {
        Outcome::Applied => "PandaDoc created a new key",
        _ => "PandaDoc may have created a new key",
    }
}

impl PandaDoc {
    /// Regenerates the key and writes the new one to a file in this folder.
    ///
    /// If the response is lost, the current key is read back. The old key is read before the change, to
    /// recognize a new one.
    pub async fn rotate(&self, folder: &Path) -> Result<(), NotRotated> {
        let file = KeyFile::create(folder, "pandadoc-shared-key").map_err(NotRotated::NoFile)?;
        println!("PandaDoc: regenerating the shared key of {}", self.id);
        let before = match self.read().await {
            Ok(key) => key,
            Err(error) => {
                file.discard();
                return Err(NotRotated::NotStarted(error));
            }
        };
        let call = self.client.update_webhook_subscription_shared_key(&self.id);
        let change = match call.await {
            Ok(answer) => {
                let key = answer.shared_key.expose_secret();
                file.keep(key).map_err(NotRotated::NotKept)?;
                println!("  {}: the new key is in {file}", answer.status());
                return Ok(());
            }
            Err(error) => error,
        };
        match change.outcome() {
            Outcome::NotSent | Outcome::Rejected => {
                file.discard();
                Err(NotRotated::NotChanged(change))
            }
            Outcome::Unknown | Outcome::Applied => self.read_back(file, before, change).await,
        }
    }

    /// Writes the current key to the file, after a change whose response was lost.
    async fn read_back(
        &self,
        file: KeyFile,
        before: Secret,
        change: Error,
    ) -> Result<(), NotRotated> {
        println!("  {change}");
        println!("  reading the current key");
        match self.read().await {
            Ok(key) => {
                file.keep(key.expose_secret())
                    .map_err(NotRotated::NotKept)?;
                if key == before {
                    let file = file.to_string();
                    return Err(NotRotated::SeemsUnchanged { file, change });
                }
                println!("  the new key is in {file}");
                Ok(())
            }
            Err(read) => {
                let kept = match change.expose_success_body() {
                    Some(body) if !body.is_empty() => match file.keep(body) {
                        Ok(()) => format!("the received part of its response is in {file}"),
                        Err(error) => format!(
                            "the received part of its response couldn't be written: {error}"
                        ),
                    },
                    _ => {
                        file.discard();
                        "no key was received".to_owned()
                    }
                };
                Err(NotRotated::NotRead { change, kept, read })
            }
        }
    }

    async fn read(&self) -> Result<Secret, ReadError> {
        let answer = self.client.details_webhook_subscription(&self.id).await;
        let key = answer.map_err(ReadError::Call)?.into_inner().shared_key;
        key.ok_or(ReadError::NoKey)
    }
}
