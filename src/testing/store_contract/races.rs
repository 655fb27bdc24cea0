//! Promises about processes that use a record at the same time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use tokio::task::{yield_now, JoinSet};

use super::broken_promise::Broken;
use super::handle::{all, describe, new_name, record, record_with, Handle, Handles};
use crate::rotate::Store;

const PROCESSES: u64 = 4;

/// Checks that after a swap has returned, no load returns an older record.
pub(super) async fn loads<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    const SWAPS: u64 = 40;
    let name: Arc<str> = new_name().into();
    let writer = handles.open().await;
    let swapped = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 1..PROCESSES {
        let (name, swapped) = (name.clone(), swapped.clone());
        let reader = handles.open().await;
        tasks.spawn(async move {
            let mut oldest = 0;
            while oldest < SWAPS {
                // Polled by turns with the writer, even if no call ever waits.
                yield_now().await;
                oldest = swapped.load(Ordering::SeqCst).max(oldest);
                oldest = load_newest(&reader, &name, oldest).await?;
            }
            Ok(())
        });
    }
    tasks.spawn(async move {
        for version in 1..=SWAPS {
            writer.store_next(&name, &record(version)).await?;
            load_newest(&writer, &name, version).await?;
            swapped.store(version, Ordering::SeqCst);
            yield_now().await;
        }
        Ok(())
    });
    all(tasks).await.map(drop)
}

/// Loads a record that must not be older than this version, and returns its version.
async fn load_newest<S: Store>(handle: &Handle<S>, name: &str, oldest: u64) -> Result<u64, Broken> {
    let loaded = handle.load(name).await?;
    let version = loaded.as_ref().map_or(0, |loaded| loaded.version);
    let is_whole = loaded
        .as_ref()
        .is_none_or(|loaded| *loaded == record(version));
    if version >= oldest && is_whole {
        return Ok(version);
    }
    Err(Broken::new(
        format!("load `{name}` after version {oldest} was stored, or loaded by the same process"),
        format!("version {oldest} or a newer one, with its own document"),
        describe(loaded.as_ref()),
    ))
}

pub(super) async fn swaps<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    const ROUNDS: u64 = 10;
    let name: Arc<str> = new_name().into();
    let mut processes = Vec::new();
    for _ in 0..PROCESSES {
        processes.push(handles.open().await);
    }
    for version in 1..=ROUNDS {
        let mut tasks = JoinSet::new();
        // Each process swaps twice, because a process may have several connections.
        for (number, process) in processes.iter().chain(&processes).enumerate() {
            let (name, process) = (name.clone(), process.clone());
            let swapped = record_with(version, format!("version {version} of swap {number}"));
            tasks.spawn(async move {
                let is_stored = process.swap(&name, &swapped).await?;
                Ok(is_stored.then_some(swapped))
            });
        }
        let stored = Vec::from_iter(all(tasks).await?.into_iter().flatten());
        let done = format!("swap `{name}` to version {version} eight times at once");
        let [stored] = &stored[..] else {
            return Err(Broken::new(
                done,
                "one swap returns `Ok`, and seven return `SwapError::Conflict`",
                format!("{} returned `Ok`", stored.len()),
            ));
        };
        for process in &processes {
            process.has(&name, Some(stored), &done).await?;
        }
    }
    Ok(())
}

pub(super) async fn steps<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    // Together more than 100, which is less than 99 as text.
    const STEPS: u64 = 30;
    let name: Arc<str> = new_name().into();
    let mut tasks = JoinSet::new();
    for _ in 0..PROCESSES {
        tasks.spawn(count(handles.open().await, name.clone(), STEPS));
    }
    all(tasks).await?;
    let found = handles.open().await.version(&name).await?;
    let expected = PROCESSES * STEPS;
    if found == expected {
        return Ok(());
    }
    Err(Broken::new(
        format!("make {STEPS} swaps of `{name}` in each of {PROCESSES} processes"),
        format!("version {expected}"),
        format!("version {found}"),
    ))
}

async fn count<S: Store>(process: Handle<S>, name: Arc<str>, steps: u64) -> Result<(), Broken> {
    for _ in 0..steps {
        let mut version = process.version(&name).await?;
        while !process.swap(&name, &record(version + 1)).await? {
            let newer = process.version(&name).await?;
            if newer <= version {
                return Err(Broken::new(
                    format!(
                        "load version {version} of `{name}`, and swap it to version {}",
                        version + 1
                    ),
                    "the swap is stored, or another process has stored a newer version",
                    format!("`SwapError::Conflict`, but version {newer} is stored"),
                ));
            }
            version = newer;
        }
        yield_now().await;
    }
    Ok(())
}
