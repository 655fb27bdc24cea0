//! Promises about versions that processes acknowledge.

use std::time::Duration;

use tokio::time::{sleep, Instant};

use super::broken_promise::Broken;
use super::handle::{new_name, record, Handle, Handles};
use crate::rotate::Store;

pub(super) async fn alone<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let handle = handles.open().await;
    let name = new_name();
    for version in 1..=2 {
        handle.store_next(&name, &record(version)).await?;
        let swapped = format!("swap `{name}` to version {version}");
        is(&handle, &name, version, true, &swapped).await?;
        handle.acknowledge(&name, version).await?;
        is(
            &handle,
            &name,
            version,
            true,
            &format!("{swapped} and acknowledge it"),
        )
        .await?;
    }
    Ok(())
}

/// Two processes of which the first has acknowledged version 2, and the second only version 1.
struct Two<S> {
    name: String,
    first: Handle<S>,
    second: Handle<S>,
}

impl<S: Store> Two<S> {
    async fn open(handles: &Handles<'_, impl AsyncFn() -> S>) -> Result<Self, Broken> {
        let name = new_name();
        let first = handles.open().await;
        let second = handles.open().await;
        first.store_next(&name, &record(1)).await?;
        first.acknowledge(&name, 1).await?;
        second.acknowledge(&name, 1).await?;
        first.store_next(&name, &record(2)).await?;
        first.acknowledge(&name, 2).await?;
        Ok(Self {
            name,
            first,
            second,
        })
    }
}

pub(super) async fn missing<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let Two {
        name,
        first,
        second,
    } = Two::open(handles).await?;
    let third = handles.open().await;
    let done =
        format!("acknowledge version 2 of `{name}` in one process, and only version 1 in another");
    for asking in [&first, &second, &third] {
        is(asking, &name, 2, false, &done).await?;
    }
    second.acknowledge(&new_name(), 2).await?;
    let done = format!("{done}, which acknowledges version 2 of another record");
    is(&first, &name, 2, false, &done).await
}

pub(super) async fn complete<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let Two {
        name,
        first,
        second,
    } = Two::open(handles).await?;
    second.acknowledge(&name, 2).await?;
    // A store that finds its entries by the start of the name must not find this one.
    second.acknowledge(&format!("{name}-1"), 1).await?;
    let done = format!("acknowledge version 2 of `{name}` in both processes");
    for asking in [&first, &second] {
        becomes_acknowledged(asking, &name, &[&first, &second], 2, 2, &done).await?;
    }
    first.store_next(&name, &record(3)).await?;
    first.acknowledge(&name, 3).await?;
    second.acknowledge(&name, 3).await?;
    let done = format!("acknowledge version 3 of `{name}` in both processes");
    becomes_acknowledged(&first, &name, &[&first, &second], 3, 2, &done).await
}

pub(super) async fn gone<S: Store>(
    handles: &Handles<'_, impl AsyncFn() -> S>,
) -> Result<(), Broken> {
    let Two {
        name,
        first,
        second,
    } = Two::open(handles).await?;
    drop(second);
    let done = format!(
        "acknowledge version 2 of `{name}`, and drop the only process that has an older one"
    );
    becomes_acknowledged(&first, &name, &[&first], 2, 2, &done).await
}

async fn is<S: Store>(
    asking: &Handle<S>,
    name: &str,
    version: u64,
    expected: bool,
    done: &str,
) -> Result<(), Broken> {
    let found = asking.is_acknowledged(name, version).await?;
    match found == expected {
        true => Ok(()),
        false => Err(unexpected(
            version,
            done,
            &expected.to_string(),
            &found.to_string(),
        )),
    }
}

/// Asks until this version is acknowledged, while these processes acknowledge one again and again, as live ones do.
async fn becomes_acknowledged<S: Store>(
    asking: &Handle<S>,
    name: &str,
    live: &[&Handle<S>],
    acknowledged: u64,
    version: u64,
    done: &str,
) -> Result<(), Broken> {
    const PAUSE: Duration = Duration::from_millis(50);
    let limit = asking.time_limit();
    let end = Instant::now() + limit;
    while !asking.is_acknowledged(name, version).await? {
        if Instant::now() >= end {
            let found = format!("it is still `false` after {limit:?}");
            return Err(unexpected(version, done, "true", &found));
        }
        sleep(PAUSE).await;
        for process in live {
            process.acknowledge(name, acknowledged).await?;
        }
    }
    Ok(())
}

fn unexpected(version: u64, done: &str, expected: &str, found: &str) -> Broken {
    let done = format!("{done}, then ask whether version {version} is acknowledged");
    Broken::new(done, expected, found)
}
