//! Receives the deliveries of both providers behind the layer that verifies them.
//!
//! Without variables it posts genuine and forged deliveries to itself, and shows the result of each. With
//! these environment variables it listens until it is stopped:
//!
//! - `LISTEN`: the address, such as `127.0.0.1:8080`.
//! - `PANDADOC_SHARED_KEY`, `RATEPAY_SECRET`: the current keys.
//! - `PANDADOC_OLD_SHARED_KEY`, `RATEPAY_OLD_SECRET`: the previous keys.
//! - `PANDADOC_OLD_SHARED_KEY_VALID_UNTIL`, `RATEPAY_OLD_SECRET_VALID_UNTIL`: when the previous keys
//!   expire, as in RFC 3339: `2026-01-31T12:00:00Z`. For example, a day after the rotation.
//!
//! The path is `/pandadoc` for PandaDoc and `/ratepay` for Ratepay. Both need an https proxy in front.

mod receiver;
mod sender;
mod settings;

use std::error::Error;
use std::time::{Duration, SystemTime};

use sender::Sender;
use settings::{setting, Keys, OldKey};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(address) = setting("LISTEN")? else {
        return show().await;
    };
    let pandadoc = Keys::from_env("PANDADOC_SHARED_KEY", "PANDADOC_OLD_SHARED_KEY")?.ring()?;
    let ratepay = Keys::from_env("RATEPAY_SECRET", "RATEPAY_OLD_SECRET")?.ring()?;
    let listener = TcpListener::bind(&address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, receiver::app(&pandadoc, &ratepay)).await?;
    Ok(())
}

/// Posts deliveries to a receiver in this process.
async fn show() -> Result<(), Box<dyn Error>> {
    let rotated_at = SystemTime::now();
    let keys = |new: &str, old: &str| Keys {
        new: Some(new.to_owned()),
        old: Some(OldKey {
            text: old.to_owned(),
            valid_until: rotated_at + Duration::from_secs(24 * 60 * 60),
        }),
    };
    let pandadoc = keys("the new key", "the old key").ring()?;
    let ratepay = keys("the new secret", "the old secret").ring()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let sender = Sender::new(listener.local_addr()?)?;
    tokio::spawn(async move { axum::serve(listener, receiver::app(&pandadoc, &ratepay)).await });

    let first = uuid::Uuid::from_u128(1);
    let second = uuid::Uuid::from_u128(2);
    sender.pandadoc("the old key", first).await?;
    sender.pandadoc("the new key", second).await?;
    println!("\nA duplicate:");
    sender.pandadoc("the new key", second).await?;
    println!("\nA forgery:");
    sender.pandadoc("a guessed key", first).await?;
    println!();
    sender.ratepay("the old secret").await?;
    sender.ratepay("the new secret").await?;
    println!("\nA forgery:");
    sender.ratepay("a guessed secret").await?;
    println!();
    sender.unsigned().await
}
