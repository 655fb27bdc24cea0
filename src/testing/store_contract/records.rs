//! Promises about records that one process loads and swaps.

use super::broken_promise::Broken;
use super::handle::{new_name, record, record_with, Handles};
use crate::rotate::Store;

/// The size of the longest document that a store must keep, in bytes. The documentation of `Store` promises it.
const LONGEST_DOCUMENT: usize = 256 << 10;

/// The length of the longest name. The documentation of `Store` promises it.
const LONGEST_NAME: usize = 64;

pub(super) async fn missing<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    handle.has(&new_name(), None, "store nothing").await
}

pub(super) async fn documents<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let other = handles.open().await;
    let long = "0123456789abcdef".repeat(LONGEST_DOCUMENT / 16);
    let table = [
        ("JSON", r#"{"keys": [1, 2.50, null], "a": {}, "a": "b"}"#),
        ("one character", "-"),
        (
            "text that isn't ASCII",
            "Größe \u{65e5}\u{672c} \u{1f511} e\u{301} \u{feff}\u{10ffff}",
        ),
        (
            "quotes and backslashes",
            r#"" ' ` \ \\ \" \n \u0041 '' $1 %s {}"#,
        ),
        (
            "spaces and line breaks",
            " \t leading\n\n\r\n\r and trailing \n",
        ),
        (
            "control characters",
            "\u{1}\u{8}\u{b}\u{1b}\u{7f}\u{85}\u{2028}",
        ),
        ("what looks like base64", "c2VjcmV0=="),
        ("the longest text", &long),
    ];
    for (what, text) in table {
        let name = new_name();
        let stored = record_with(1, text);
        let done = format!("swap to version 1 with a document of {what}");
        handle.store_next(&name, &stored).await?;
        handle.has(&name, Some(&stored), &done).await?;
        let next = record_with(2, text);
        let done = format!("swap to version 2 with a document of {what}, in another process");
        handle.store_next(&name, &next).await?;
        other.has(&name, Some(&next), &done).await?;
    }
    Ok(())
}

pub(super) async fn versions<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let name = new_name();
    // Up to 12, because 10 is less than 9 as text, and some stores keep 10 old versions.
    for stored in 0..12 {
        for other in others(stored) {
            if handle.swap(&name, &record(other)).await? {
                let done = format!(
                    "swap `{name}` to version {other} while {} is stored",
                    version(stored)
                );
                return Err(Broken::new(
                    done,
                    "`SwapError::Conflict`",
                    "the swap returned `Ok`",
                ));
            }
        }
        let next = record(stored + 1);
        handle.store_next(&name, &next).await?;
        handle
            .has(
                &name,
                Some(&next),
                &format!("swap to version {}", next.version),
            )
            .await?;
    }
    Ok(())
}

pub(super) async fn conflicts<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let name = new_name();
    for stored in 0..3 {
        let kept = (stored > 0).then(|| record(stored));
        for other in others(stored) {
            handle
                .swap(&name, &record_with(other, "a document in conflict"))
                .await?;
            let done = format!(
                "swap to version {other} while {} is stored",
                version(stored)
            );
            handle.has(&name, kept.as_ref(), &done).await?;
        }
        handle.store_next(&name, &record(stored + 1)).await?;
    }
    Ok(())
}

/// Returns versions that aren't the next one: none, the oldest, an older one, the same one, and some too far.
fn others(stored: u64) -> Vec<u64> {
    let next = stored + 1;
    // The last one is the next version in 32 bits.
    let mut others = vec![
        0,
        1,
        stored.saturating_sub(1),
        stored,
        next + 1,
        next + 9,
        next + (1 << 32),
    ];
    others.retain(|&other| other != next);
    others.dedup();
    others
}

fn version(stored: u64) -> String {
    match stored {
        0 => "no record".to_owned(),
        version => format!("version {version}"),
    }
}

pub(super) async fn names<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let name = new_name();
    let names = [
        name.to_uppercase(),
        name.to_lowercase(),
        name.replace('-', "_"),
        name.replace('-', ""),
        format!("{name}-1"),
        format!("{name}_1"),
        format!("{name}-"),
        format!("{name}_"),
        format!("{name:z<LONGEST_NAME$}"),
        name[..name.len() - 1].to_owned(),
        name,
    ];
    for name in &names {
        let done = format!("store records with names that are like `{name}`");
        handle.has(name, None, &done).await?;
        handle.store_next(name, &record_with(1, &**name)).await?;
    }
    for name in &names {
        let done = format!("store records with names that are like `{name}`");
        handle
            .has(name, Some(&record_with(1, &**name)), &done)
            .await?;
    }
    Ok(())
}
