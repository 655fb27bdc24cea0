//! Behind PgBouncer in transaction mode everything works, and one warning says that changes show later.

use std::fs;
use std::io::{self, Write};
use std::process::{Child, ChildStdin};
use std::sync::{Arc, Mutex};

use tokio_postgres::Config;
use webhook_subscriptions::rotate::Store;

use crate::postgres::{await_line, find, free_port, start, until_end, Server};
use crate::stores::{connect, in_time, record, until, version, SUBSCRIPTION};

/// A pooler in front of the shared server. It ends when this is dropped.
struct Pooler {
    port: u16,
    running: (Child, Option<ChildStdin>),
}

impl Pooler {
    /// Returns `None` if PgBouncer isn't installed.
    fn start() -> Option<Self> {
        let Some(program) = find("pgbouncer") else {
            eprintln!("skipped: PgBouncer isn't installed, on Debian `apt-get install pgbouncer`");
            return None;
        };
        let (server, port) = (Server::shared(), free_port());
        let folder = server.folder();
        let settings = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = any\npool_mode = transaction\nunix_socket_dir =\nmax_client_conn = 100\n",
            folder.display(),
            server.port(),
        );
        // Every user of a pool in which nobody logs in is this one.
        let settings = settings.replace("* = ", "* = user=postgres ");
        let file = folder.join(format!("pgbouncer-{port}.ini"));
        fs::write(&file, settings).unwrap();
        server.give_away(&file);
        let mut command = server.command("sh".as_ref());
        command.args(until_end()).arg(program).arg(file);
        let (mut child, input) = start(command);
        await_line(&mut child, "process up");
        Some(Self {
            port,
            running: (child, Some(input)),
        })
    }

    fn config(&self, database: &Config) -> Config {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.port).user("postgres");
        config.dbname(database.get_dbname().unwrap());
        config
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.running.1.take();
        self.running.0.wait().unwrap();
    }
}

#[tokio::test]
async fn replicas_share_records_and_leases() {
    let Some(pooler) = Pooler::start() else {
        return;
    };
    let config = pooler.config(&Server::shared().database().await);
    let (one, other) = (connect(&config).await, connect(&config).await);
    one.migrate().await.unwrap();
    for version in 1..=20 {
        one.swap(SUBSCRIPTION, &record(version)).await.unwrap();
        assert_eq!(
            other.load(SUBSCRIPTION).await.unwrap(),
            Some(record(version))
        );
        other.acknowledge(SUBSCRIPTION, version).await.unwrap();
        assert!(one.is_acknowledged(SUBSCRIPTION, version).await.unwrap());
        assert!(!one
            .is_acknowledged(SUBSCRIPTION, version + 1)
            .await
            .unwrap());
    }
}

#[tokio::test]
async fn a_change_shows_with_a_poll() {
    let Some(pooler) = Pooler::start() else {
        return;
    };
    let config = pooler.config(&Server::shared().database().await);
    let (one, other) = (connect(&config).await, connect(&config).await);
    one.migrate().await.unwrap();
    in_time(other.changed(SUBSCRIPTION, 0)).await;
    other.acknowledge(SUBSCRIPTION, 0).await.unwrap();
    one.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    in_time(other.changed(SUBSCRIPTION, 0)).await;
    assert_eq!(version(&other).await, 1);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn warnings(&self) -> usize {
        let text = self.0.lock().unwrap();
        String::from_utf8_lossy(&text)
            .matches("notifications don't arrive")
            .count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "tracing")]
#[tokio::test]
async fn one_warning_says_that_notifications_do_not_arrive() {
    let Some(pooler) = Pooler::start() else {
        return;
    };
    let config = pooler.config(&Server::shared().database().await);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let store = connect(&config).await;
    store.migrate().await.unwrap();
    until(async || log.warnings() > 0).await;
    // Time for a second one.
    in_time(store.changed(SUBSCRIPTION, 1)).await;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert_eq!(log.warnings(), 1);
}

#[cfg(feature = "tracing")]
#[tokio::test]
async fn without_a_pooler_there_is_no_warning() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let _store = crate::stores::store().await;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert_eq!(log.warnings(), 0);
}
