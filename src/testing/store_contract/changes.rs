//! Promises about `changed`, for a store that several processes share.

use std::time::Duration;

use tokio::task::{yield_now, JoinSet};
use tokio::time::sleep;

use super::broken_promise::Broken;
use super::handle::{all, new_name, record, Handle, Handles};
use crate::rotate::Store;

/// How many swaps come at other moments of `changed`, each for its own record.
const MOMENTS: usize = 8;

pub(super) async fn earlier<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let other = handles.open().await;
    let name = new_name();
    other.count_to(&name, 3).await?;
    for version in [0, 1, 2, 4] {
        let done =
            format!("call `changed` of `{name}` with version {version} while version 3 is stored");
        handle
            .in_time(&done, handle.store().changed(&name, version))
            .await?;
    }
    Ok(())
}

pub(super) async fn later<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    swapped_while_waiting(handles, 1).await
}

pub(super) async fn first<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    swapped_while_waiting(handles, 0).await
}

/// Swaps this version and the next ones in one process, while another one waits for each.
async fn swapped_while_waiting<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
    first: u64,
) -> Result<(), Broken> {
    let waiting = handles.open().await;
    let swapping = handles.open().await;
    let mut tasks = JoinSet::new();
    for moment in 0..MOMENTS {
        let (waiting, swapping) = (waiting.clone(), swapping.clone());
        tasks.spawn(async move {
            let name = new_name();
            swapping.count_to(&name, first).await?;
            for version in first..first + 2 {
                let swap = async {
                    for _ in 0..moment {
                        yield_now().await;
                    }
                    swapping.store_next(&name, &record(version + 1)).await
                };
                // Polled in this order, so that all but the first swap come while the other process waits.
                let noticed = notice(&waiting, &name, version);
                let (noticed, swapped) = match moment {
                    0 => {
                        let (swapped, noticed) = tokio::join!(biased; swap, noticed);
                        (noticed, swapped)
                    }
                    _ => tokio::join!(biased; noticed, swap),
                };
                swapped?;
                noticed?;
            }
            Ok(())
        });
    }
    all(tasks).await.map(drop)
}

/// Waits as a rotation does until a newer version than this one is stored.
async fn notice<S: Store>(handle: &Handle<S>, name: &str, version: u64) -> Result<(), Broken> {
    /// A `changed` that returns early must not keep the processor busy.
    const PAUSE: Duration = Duration::from_millis(10);
    let done = format!(
        "wait with `changed` of `{name}` and version {version} while another process swaps to version {}",
        version + 1
    );
    let waits = async {
        loop {
            handle.store().changed(name, version).await;
            if handle.version(name).await? > version {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
    };
    handle.in_time(&done, waits).await?
}
