//! The tables as a store of plain records.

use std::future::Future;
use std::sync::Arc;

use tokio_postgres::types::Type;

use super::clock::{DatabaseClock, Sample};
use super::connector::Connect;
use super::database::{Database, Statement};
use super::error::DatabaseError;
use super::replica::Replica;
use crate::auth::BoxFuture;
use crate::rotate::store::{Store, StoreError, StoredRecord, SwapError};
use crate::rotate::time::TimeSource;
use crate::secret::Secret;

const CLOCK: Statement = Statement {
    sql: "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
    is_repeatable: true,
    needs_tables: false,
};

const LOAD: Statement = Statement {
    sql: "SELECT version, document FROM webhook_subscriptions_records WHERE subscription = $1",
    is_repeatable: true,
    needs_tables: true,
};

/// Stores the first version of a record. Each `SELECT` behind a change wakes the other replicas, and makes the
/// transaction durable before it ends.
const INSERT: Statement = Statement {
    sql: "WITH stored AS (
            INSERT INTO webhook_subscriptions_records (subscription, version, document, changed_at)
            VALUES ($1, $2, $3, clock_timestamp())
            ON CONFLICT DO NOTHING
            RETURNING 1
        )
        SELECT
            pg_notify('webhook_subscriptions', '')::text,
            CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
                THEN set_config('synchronous_commit', 'on', true) END
        FROM stored",
    is_repeatable: false,
    needs_tables: true,
};

const UPDATE: Statement = Statement {
    sql: "WITH stored AS (
            UPDATE webhook_subscriptions_records
            SET version = $2, document = $3, changed_at = clock_timestamp()
            WHERE subscription = $1 AND version = $2 - 1
            RETURNING 1
        )
        SELECT
            pg_notify('webhook_subscriptions', '')::text,
            CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
                THEN set_config('synchronous_commit', 'on', true) END
        FROM stored",
    is_repeatable: false,
    needs_tables: true,
};

/// Stores records as they are.
#[derive(Clone)]
pub(super) struct Tables(Arc<Replica>);

impl Tables {
    pub(super) async fn open(connector: Arc<dyn Connect>) -> Result<Self, DatabaseError> {
        let database = Database::new(connector);
        let answer = database.query(&CLOCK, &[]).await?;
        let time = answer.rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        let clock = DatabaseClock::new(Sample::new(answer.sent, answer.received, time));
        let replica = Replica::new(Arc::new(database), clock);
        Ok(Self(Arc::new(replica)))
    }

    pub(super) fn replica(&self) -> Arc<Replica> {
        self.0.clone()
    }

    /// Remembers whether a use of the record succeeded.
    async fn noted<T>(
        &self,
        subscription: &str,
        used: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, StoreError> {
        let used = used.await;
        self.0.note(subscription, &used);
        Ok(used?)
    }

    async fn load_now(&self, subscription: &str) -> Result<Option<StoredRecord>, DatabaseError> {
        let replica = &self.0;
        replica.ensure_lease(subscription).await?;
        let parameters = [(&subscription as _, Type::TEXT)];
        let answer = replica.database.query(&LOAD, &parameters).await?;
        let Some(row) = answer.rows.first() else {
            replica.saw(subscription, 0);
            return Ok(None);
        };
        let version: i64 = row.try_get(0)?;
        replica.saw(subscription, version);
        let document: String = row.try_get(1)?;
        Ok(Some(StoredRecord {
            version: u64::try_from(version).map_err(|_| DatabaseError::Version {
                subscription: subscription.to_owned(),
                version,
            })?,
            document: Secret::from(document),
        }))
    }

    /// Returns whether the record was stored.
    async fn swap_now(
        &self,
        subscription: &str,
        record: &StoredRecord,
    ) -> Result<bool, DatabaseError> {
        let replica = &self.0;
        replica.ensure_lease(subscription).await?;
        let version = to_bigint(record.version);
        let document = record.document.expose_secret();
        let statement = match version {
            1 => &INSERT,
            _ => &UPDATE,
        };
        let parameters = [
            (&subscription as _, Type::TEXT),
            (&version as _, Type::INT8),
            (&document as _, Type::TEXT),
        ];
        let answer = replica.database.query(statement, &parameters).await?;
        let stored = !answer.rows.is_empty();
        if stored {
            replica.saw(subscription, version);
        }
        Ok(stored)
    }
}

impl Store for Tables {
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        Box::pin(self.noted(subscription, self.load_now(subscription)))
    }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        let swapped = self.noted(subscription, self.swap_now(subscription, record));
        Box::pin(async {
            match swapped.await? {
                true => Ok(()),
                false => Err(SwapError::Conflict),
            }
        })
    }

    fn changed<'a>(&'a self, subscription: &'a str, version: u64) -> BoxFuture<'a, ()> {
        Box::pin(self.0.changed(subscription, to_bigint(version)))
    }

    fn acknowledge<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let acknowledged = self.0.acknowledge(subscription, to_bigint(version));
        Box::pin(self.noted(subscription, acknowledged))
    }

    fn is_acknowledged<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let answer = self.0.is_acknowledged(subscription, to_bigint(version));
        Box::pin(self.noted(subscription, answer))
    }

    fn clock(&self) -> Option<Box<dyn TimeSource>> {
        Some(Box::new(self.0.clock.clone()))
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        Self::new(error)
    }
}

/// Returns a version as the database has it. No record is changed so often that it ends.
fn to_bigint(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
