//! The store's clock is that of the database, so the clocks of the replicas may differ.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use webhook_subscriptions::rotate::Store;

use crate::postgres::Server;
use crate::stores::{connect, store};

/// How far two clocks are apart.
fn difference(a: SystemTime, b: SystemTime) -> Duration {
    let later = a.duration_since(b);
    later.unwrap_or_else(|error| error.duration())
}

/// Finds the library that changes the time of a program.
fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten();
    folders
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .find(|library| library.exists())
}

#[tokio::test]
async fn the_clock_is_that_of_the_database() {
    let (store, _) = store().await;
    let time = store.clock().unwrap().now();
    assert!(difference(time, SystemTime::now()) < Duration::from_secs(1));
}

#[tokio::test]
async fn the_clock_is_that_of_the_database_if_this_machines_differs() {
    let Some(library) = faketime() else {
        eprintln!("skipped: faketime isn't installed, on Debian `apt-get install faketime`");
        return;
    };
    let variables = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME", "-7m"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let server = Server::start_with(&variables, &["fsync=off"]);
    let store = connect(&server.config()).await;
    let time = store.clock().unwrap().now();
    let expected = SystemTime::now() - Duration::from_secs(7 * 60);
    assert!(
        difference(time, expected) < Duration::from_secs(1),
        "{time:?}"
    );
}
