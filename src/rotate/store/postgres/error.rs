//! Why the database didn't do what was asked.

use std::error::Error;
use std::time::Duration;

use tokio_postgres::error::{DbError, Severity, SqlState};

/// Why a statement has no result. Each says whether the database may have changed, and what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum DatabaseError {
    #[error("couldn't connect to the database: {0}; no statement was sent; try again")]
    Connect(String),
    #[error(
        "the database couldn't be reached a moment ago: {error}; no statement was sent; it connects again by itself \
         in {pause:?} at the earliest"
    )]
    Pausing { error: String, pause: Duration },
    #[error(
        "the connection to the database was lost before the answer: {0}; a change may be stored or not; it connects \
         again by itself"
    )]
    Lost(String),
    #[error(
        "the database didn't answer within {0:?}; a change may be stored or not; it connects again by itself"
    )]
    TooSlow(Duration),
    #[error("the database rejected a statement: {message} (SQLSTATE {}); nothing was changed", code.code())]
    Refused { message: String, code: SqlState },
    #[error(
        "the tables are missing; nothing was changed; call `PostgresStore::migrate` once, or set the `search_path` to \
         their schema"
    )]
    NoTables,
    #[error(
        "the tables have version {found}, and this version of the crate knows version {known}; nothing was changed; \
         upgrade the crate `webhook-subscriptions`"
    )]
    NewerTables { found: i32, known: i32 },
    #[error("the record of `{subscription}` has the version {version}, which isn't valid; restore it from a backup")]
    Version { subscription: String, version: i64 },
}

impl DatabaseError {
    /// Tells whether the statement may be retried at once. `repeatable` is one that may be executed twice.
    pub(super) fn allows_another_attempt(&self, repeatable: bool) -> bool {
        match self {
            Self::Lost(_) => repeatable,
            // Nothing was stored, because of somebody else's statement.
            Self::Refused { code, .. } => [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
            ]
            .contains(code),
            _ => false,
        }
    }

    /// Tells whether the connection is as good as before.
    pub(super) fn spares_the_connection(&self) -> bool {
        match self {
            // The server is a standby now. A new connection finds the primary.
            Self::Refused { code, .. } => *code != SqlState::READ_ONLY_SQL_TRANSACTION,
            Self::NoTables | Self::NewerTables { .. } => true,
            _ => false,
        }
    }
}

/// Whether a statement was executed is only known if the server itself answers, and goes on.
impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(refusal) if refusal.code() == &SqlState::UNDEFINED_TABLE => Self::NoTables,
            Some(refusal) if !is_end(refusal) => Self::Refused {
                message: refusal.message().to_owned(),
                code: refusal.code().clone(),
            },
            _ => Self::Lost(describe(&error)),
        }
    }
}

/// Tells whether this is the end of a connection rather than an answer to a statement. A pooler ends a connection in
/// the same way when the server behind it is gone.
fn is_end(refusal: &DbError) -> bool {
    let is_fatal = matches!(
        refusal.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    );
    let code = refusal.code();
    is_fatal || code.code().starts_with("08") || *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
}

/// Returns the error and its sources as one sentence. Neither has a password in it.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
