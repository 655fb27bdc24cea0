//! Promises about futures that are dropped before they are ready.

use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

use tokio::task::yield_now;

use super::broken_promise::Broken;
use super::handle::{describe, new_name, record, record_with, Handle, Handles};
use crate::rotate::{Store, StoredRecord};

/// The most polls of one call. A call that needs more is dropped no later than this.
const MOST_POLLS: usize = 64;

/// How often each call is dropped at each poll, since the store may be faster or slower.
const ROUNDS: usize = 4;

pub(super) async fn swaps<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let other = handles.open().await;
    let name = new_name();
    let mut newest = record(1);
    handle.store_next(&name, &newest).await?;
    let mut swapped = vec![newest.clone()];
    for round in 0..ROUNDS {
        for polls in 1..=MOST_POLLS {
            let text = format!("round {round}, dropped after poll {polls}. ").repeat(500);
            let next = record_with(newest.version + 1, text);
            swapped.push(next.clone());
            let done = format!(
                "drop a swap of `{name}` to version {} after poll {polls}",
                next.version
            );
            let swap = handle.store().swap(&name, &next);
            let ended = handle.in_time(&done, dropped_after(polls, swap)).await?;
            for handle in [&handle, &other] {
                newest = load_one_of(handle, &name, &swapped, newest.version, &done).await?;
            }
            if ended.is_some() {
                break;
            }
        }
    }
    // A dropped swap may still be on its way, so a few conflicts are right.
    for _ in 0..=swapped.len() {
        let next = other.version(&name).await? + 1;
        if other.swap(&name, &record(next)).await? {
            return Ok(());
        }
    }
    Err(Broken::new(
        format!("swap `{name}` after other swaps were dropped, again after each conflict"),
        "the record is stored in the end",
        "only conflicts",
    ))
}

/// Loads a record that must be one of these, and not older than this version.
async fn load_one_of<S: Store>(
    handle: &Handle<S>,
    name: &str,
    swapped: &[StoredRecord],
    oldest: u64,
    done: &str,
) -> Result<StoredRecord, Broken> {
    let found = handle.load(name).await?;
    let expected = format!("version {oldest} as it was before, or the next one, each whole");
    let broken = Broken::new(
        format!("{done}, then load it"),
        expected,
        describe(found.as_ref()),
    );
    let is_expected = |found: &StoredRecord| found.version >= oldest && swapped.contains(found);
    found.filter(is_expected).ok_or(broken)
}

pub(super) async fn loads<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let name = new_name();
    for version in (1..).take(ROUNDS) {
        let stored = record(version);
        handle.store_next(&name, &stored).await?;
        for polls in 1..=MOST_POLLS {
            let done = format!("drop a load of `{name}` after poll {polls}");
            let load = handle.store().load(&name);
            let ended = handle.in_time(&done, dropped_after(polls, load)).await?;
            handle.has(&name, Some(&stored), &done).await?;
            if ended.is_some() {
                break;
            }
        }
    }
    Ok(())
}

pub(super) async fn changed<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let other = handles.open().await;
    let name = new_name();
    for version in (1..).take(ROUNDS) {
        for polls in 1..=MOST_POLLS {
            tokio::select! {
                biased;
                () = handle.store().changed(&name, version - 1) => {}
                () = turns(polls) => {}
            }
        }
        let stored = record(version);
        let done = "drop `changed` often, and swap in another process";
        other.store_next(&name, &stored).await?;
        handle.has(&name, Some(&stored), done).await?;
    }
    handle.store_next(&name, &record(ROUNDS as u64 + 1)).await
}

/// Gives other tasks this many turns.
async fn turns(count: usize) {
    for _ in 0..count {
        yield_now().await;
    }
}

/// Polls a future whenever it is woken, and drops it after this many polls. `None` means that it wasn't ready.
async fn dropped_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if left <= 1 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
