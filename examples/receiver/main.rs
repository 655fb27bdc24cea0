//! A server for the deliveries of both providers, behind the layer that verifies them.
//!
//! With nothing set it posts deliveries to itself, genuine and forged, and shows what becomes of each. With
//! these variables set it listens until it is stopped:
//!
//! - `LISTEN`: the address, such as `127.0.0.1:8080`. PandaDoc's URL is `/pandadoc`, Ratepay's `/ratepay`;
//!   both want https in front of it;
//! - `PANDADOC_SHARED_KEY`, `RATEPAY_SECRET`: the keys in use;
//! - `PANDADOC_OLD_SHARED_KEY`, `RATEPAY_OLD_SECRET`: those from before, for another day.

mod receiver;
mod sender;

use std::env::{self, VarError};
use std::error::Error;
use std::time::{Duration, SystemTime};

use sender::Sender;
use tokio::net::TcpListener;
use webhook_subscriptions::verify::{Key, KeyRing, RingKey, Scheme};
use webhook_subscriptions::Secret;

/// For how long a receiver goes on to accept the old key.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(address) = setting("LISTEN")? else {
        return show().await;
    };
    let pandadoc = ring(
        setting("PANDADOC_SHARED_KEY")?,
        setting("PANDADOC_OLD_SHARED_KEY")?,
    )?;
    let ratepay = ring(setting("RATEPAY_SECRET")?, setting("RATEPAY_OLD_SECRET")?)?;
    let listener = TcpListener::bind(&address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, receiver::app(&pandadoc, &ratepay)).await?;
    Ok(())
}

/// The value of a variable, if it is set.
fn setting(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        // Not the value: it may be a key.
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

/// The key in use, and the one from before for another day.
fn ring<S: Scheme>(new: Option<String>, old: Option<String>) -> Result<KeyRing<S>, Box<dyn Error>> {
    let key = |text: String| Key::new(&Secret::from(text));
    let mut keys = Vec::new();
    if let Some(new) = new {
        keys.push(RingKey::new("new", key(new)?));
    }
    if let Some(old) = old {
        keys.push(RingKey::new("old", key(old)?).valid_until(SystemTime::now() + DAY));
    }
    Ok(KeyRing::new(keys))
}

/// Posts deliveries to a receiver of this process.
async fn show() -> Result<(), Box<dyn Error>> {
    let pandadoc = ring(Some("a new key".into()), Some("an old key".into()))?;
    let ratepay = ring(Some("a new secret".into()), Some("an old secret".into()))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let sender = Sender::new(listener.local_addr()?)?;
    tokio::spawn(async move { axum::serve(listener, receiver::app(&pandadoc, &ratepay)).await });

    let first = uuid::Uuid::from_u128(1);
    let second = uuid::Uuid::from_u128(2);
    sender.pandadoc("an old key", first).await?;
    sender.pandadoc("a new key", second).await?;
    println!("the same once more:");
    sender.pandadoc("a new key", second).await?;
    println!("forged:");
    sender.pandadoc("a guess", first).await?;
    sender.ratepay("an old secret").await?;
    sender.ratepay("a new secret").await?;
    println!("forged:");
    sender.ratepay("a guess").await?;
    println!("unsigned:");
    sender.unsigned().await
}
