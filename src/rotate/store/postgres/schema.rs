//! The tables, and their version.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::Client;

use super::connector::Connect;
use super::error::DatabaseError;

/// Creates the tables of version [`VERSION`].
pub(super) const SCHEMA: &str = include_str!("schema.sql");

/// The version of the tables that this crate knows.
const VERSION: i32 = 1;

const FIND_VERSION: &str = "SELECT max(version) FROM webhook_subscriptions_schema";

/// The longest time to create the tables. Others may be creating them.
const LIMIT: Duration = Duration::from_secs(30);

/// How often creating them is tried.
const ATTEMPTS: u32 = 10;

/// Returns an error unless the tables are there, in the version that this crate knows.
pub(super) async fn check(client: &Client) -> Result<(), DatabaseError> {
    let row = client.query_typed_one(FIND_VERSION, &[]).await?;
    match row.try_get(0)? {
        None => Err(DatabaseError::NoTables),
        Some(found) if found > VERSION => Err(DatabaseError::NewerTables {
            found,
            known: VERSION,
        }),
        Some(_) => Ok(()),
    }
}

/// Creates the tables if they are missing.
pub(super) async fn migrate(connector: &dyn Connect) -> Result<(), DatabaseError> {
    let migrated = async {
        let session = connector.connect(Arc::new(|_| ())).await?;
        let mut attempts = 1;
        loop {
            // A role that can't create tables may call this too, once they are there.
            let checked = check(&session.client).await;
            if !matches!(checked, Err(DatabaseError::NoTables)) {
                return checked;
            }
            // The statements are one transaction, since they are sent as one text.
            match session.client.batch_execute(SCHEMA).await {
                Ok(()) => return Ok(()),
                Err(error) if attempts < ATTEMPTS && is_race(&error) => attempts += 1,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let migrated = timeout(LIMIT, migrated).await;
    migrated.unwrap_or(Err(DatabaseError::TooSlow(LIMIT)))
}

/// Tells whether this is because somebody else, who doesn't take the lock, creates the tables at the same time.
fn is_race(error: &tokio_postgres::Error) -> bool {
    let races = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    error.code().is_some_and(|code| races.contains(code))
}
