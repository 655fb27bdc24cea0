//! A store in a PostgreSQL database.

mod clock;
mod connector;
mod database;
mod error;
mod listener;
mod replica;
mod schema;
mod tables;

use std::fmt;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Socket};

use self::connector::{Connect, Connector};
use self::listener::Listener;
use self::tables::Tables;
use crate::auth::BoxFuture;
use crate::rotate::store::sealed::Sealed;
use crate::rotate::store::sealing_key::SealingKey;
use crate::rotate::store::{Store, StoreError, StoredRecord, SwapError};
use crate::rotate::time::TimeSource;

/// Keeps records in a PostgreSQL database, for a service that runs as several replicas.
///
/// The records are encrypted with a [`SealingKey`], as by [`Sealed`], since backups of a database get around. The guide
/// [A fleet](crate::docs::fleet) shows such a service.
///
/// Needs the feature `postgres`.
///
/// ```no_run
/// use tokio_postgres::NoTls;
/// use webhook_subscriptions::rotate::{PostgresStore, SealingKey};
/// use webhook_subscriptions::{pandadoc, Rotation};
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let config = std::env::var("DATABASE_URL")?.parse()?;
/// let key: SealingKey = std::env::var("WEBHOOK_SEALING_KEY")?.parse()?;
/// let store = PostgresStore::connect(config, NoTls, key).await?;
/// store.migrate().await?;
///
/// let client = pandadoc::Client::builder()
///     .api_key(std::env::var("PANDADOC_API_KEY")?)
///     .build()?;
/// let rotation = Rotation::pandadoc(client, "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?)
///     .store(store.clone())
///     .start()
///     .await?;
/// # Ok(()) }
/// ```
///
/// Each process calls [`connect`](Self::connect) once, and gives a clone to each of its rotations. A store and its
/// clones are one replica, so they must not be given to two rotations of the same subscription.
///
/// # Tables
///
/// [`migrate`](Self::migrate) creates three tables, whose names start with `webhook_subscriptions_`. A database
/// administrator can execute [`SCHEMA`](Self::SCHEMA) instead. The `search_path` of the connection decides the
/// schema. Set it with `ALTER ROLE ... SET search_path`, or in the connection string with
/// `options=-c search_path=webhooks`.
///
/// Once the tables are there, a role needs only these privileges, besides `USAGE` on the schema:
///
/// ```sql
/// GRANT SELECT ON webhook_subscriptions_schema TO shop;
/// GRANT SELECT, INSERT, UPDATE ON webhook_subscriptions_records TO shop;
/// GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_subscriptions_replicas TO shop;
/// ```
///
/// # Connections
///
/// A store has two connections. One executes statements, one at a time. The other one listens for notifications
/// that a record changed, which it takes for a hint. Every 5 seconds, one statement asks for the versions of all
/// records that this process follows. So a change shows at once, or within 5 seconds if a notification is lost. An
/// idle replica sends 12 statements a minute, however many rotations it has.
///
/// A connection that is lost is opened again after 100 milliseconds to 5 seconds. While the database is away, each
/// call returns an error within 5 seconds. Tasks on the runtime that called [`connect`](Self::connect) do this.
/// They end when the last clone is dropped.
///
/// Unless the configuration says otherwise, only a server that accepts writes is used
/// (`target_session_attrs=read-write`). So with several hosts, a failover finds the new primary. Replication that
/// isn't synchronous may lose the latest records in a failover.
///
/// # PgBouncer
///
/// Transaction pooling works: the store uses no prepared statements and no state of a session. Notifications don't
/// arrive then, so a change shows within 5 seconds. The store finds that out by a test, and emits one `tracing`
/// warning. PgBouncer refuses `options` in the connection string, so set the `search_path` of the role.
///
/// # Durability
///
/// A record is durable before [`swap`](Store::swap) returns `Ok`, even if `synchronous_commit` is `off` or `local` in
/// the database. This store sets it to `on` in the transactions that change records. With
/// `synchronous_standby_names`, they wait for a standby.
///
/// # Replicas
///
/// A new secret is sent to Ratepay only after every replica has loaded it. For that, each replica has a lease of 30
/// seconds for each record that it follows, which the statement every 5 seconds renews. A replica that is gone is
/// waited for until its lease has expired. If a replica can't renew its leases, its calls fail, so
/// [`Rotation::is_ready`](crate::Rotation::is_ready) is false before the leases expire.
///
/// # Time
///
/// [`clock`](Store::clock) returns the database's clock, so the clocks of the replicas may differ. It is measured at
/// the start and every 5 seconds. In between, and while the database is away, this machine's monotonic clock counts.
#[derive(Clone)]
pub struct PostgresStore {
    sealed: Sealed<Tables>,
    connector: Arc<dyn Connect>,
    // Shared, so that the last clone ends them.
    _tasks: Arc<Tasks>,
}

impl PostgresStore {
    /// The SQL that [`migrate`](Self::migrate) executes in one transaction, for a database administrator.
    pub const SCHEMA: &'static str = schema::SCHEMA;

    /// Connects to a database, and measures its clock. `tls` is [`NoTls`](tokio_postgres::NoTls), or that of a
    /// TLS library, such as `tokio-postgres-rustls`.
    ///
    /// # Errors
    ///
    /// Returns an error if the database can't be reached within 5 seconds. The tables may be missing.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime.
    pub async fn connect<T>(config: Config, tls: T, key: SealingKey) -> Result<Self, StoreError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::TlsConnect: Send,
        T::Stream: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let mut config = config;
        if config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let connector: Arc<dyn Connect> = Arc::new(Connector { config, tls });
        let tables = Tables::open(connector.clone()).await?;
        let listener = Listener::new(connector.clone(), tables.replica());
        let replica = tables.replica();
        let tasks = [
            tokio::spawn(async move { replica.keep_polling().await }),
            tokio::spawn(listener.keep_listening()),
        ];
        Ok(Self {
            sealed: Sealed::new(tables, key),
            connector,
            _tasks: Arc::new(Tasks(tasks)),
        })
    }

    /// Also opens records that are sealed with this key. No record is sealed with it. [`Sealed`] tells how to change
    /// the sealing key.
    #[must_use]
    pub fn previous_key(mut self, key: SealingKey) -> Self {
        self.sealed = self.sealed.previous_key(key);
        self
    }

    /// Creates the tables if they are missing. All replicas may call this at the same time.
    ///
    /// The role must be allowed to create tables in the first schema of its `search_path`, unless they are there.
    ///
    /// # Errors
    ///
    /// Returns an error if the tables can't be created within 30 seconds, or are newer than this version of the
    /// crate.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrated = schema::migrate(&*self.connector).await;
        migrated.map_err(StoreError::new)
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        self.sealed.load(subscription)
    }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        self.sealed.swap(subscription, record)
    }

    fn changed<'a>(&'a self, subscription: &'a str, version: u64) -> BoxFuture<'a, ()> {
        self.sealed.changed(subscription, version)
    }

    fn acknowledge<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.sealed.acknowledge(subscription, version)
    }

    fn is_acknowledged<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.sealed.is_acknowledged(subscription, version)
    }

    fn clock(&self) -> Option<Box<dyn TimeSource>> {
        self.sealed.clock()
    }
}

/// Tasks that end when this is dropped.
struct Tasks([JoinHandle<()>; 2]);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
