//! The connection for statements.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::Row;

use super::connector::{Backoff, Connect, Session};
use super::error::DatabaseError;
use super::schema;

/// The longest time for a statement, with the wait for the connection.
const LIMIT: Duration = Duration::from_secs(5);

/// How often a statement is sent at most, if it failed because of somebody else's statement.
const ATTEMPTS: u32 = 5;

/// A statement, without a name in the session: a pooler may give each statement to another session.
pub(super) struct Statement {
    pub(super) sql: &'static str,
    /// Whether it may be executed twice, because the first answer was lost.
    pub(super) is_repeatable: bool,
    pub(super) needs_tables: bool,
}

/// A parameter, and its type.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The rows, and the time between which the statement was executed.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) sent: Instant,
    pub(super) received: Instant,
}

/// Executes statements, one at a time. Connects again by itself.
pub(super) struct Database {
    connector: Arc<dyn Connect>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<CheckedSession>,
    backoff: Backoff,
}

struct CheckedSession {
    session: Session,
    has_tables: bool,
}

impl Database {
    pub(super) fn new(connector: Arc<dyn Connect>) -> Self {
        Self {
            connector,
            state: Mutex::default(),
        }
    }

    /// Executes a statement. If this future is dropped, the statement may be executed or not.
    pub(super) async fn query(
        &self,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Answer, DatabaseError> {
        let answer = async {
            let mut state = self.state.lock().await;
            let mut attempts = 1;
            loop {
                let answer = self.query_once(&mut state, statement, parameters).await;
                match answer {
                    Err(error)
                        if attempts < ATTEMPTS
                            && error.allows_another_attempt(statement.is_repeatable) =>
                    {
                        attempts += 1;
                    }
                    answer => return answer,
                }
            }
        };
        let answer = timeout(LIMIT, answer).await;
        answer.unwrap_or(Err(DatabaseError::TooSlow(LIMIT)))
    }

    async fn query_once(
        &self,
        state: &mut State,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Answer, DatabaseError> {
        // Taken out, so that a connection with an unfinished statement is dropped with this future.
        let session = state.session.take();
        let mut session = match session.filter(|it| !it.session.client.is_closed()) {
            Some(session) => session,
            None => self.connect(&mut state.backoff).await?,
        };
        let answer = session.query(statement, parameters).await;
        let error = answer.as_ref().err();
        if error.is_none_or(DatabaseError::spares_the_connection) {
            state.session = Some(session);
        }
        answer
    }

    async fn connect(&self, backoff: &mut Backoff) -> Result<CheckedSession, DatabaseError> {
        backoff.check()?;
        let connected = self.connector.connect(Arc::new(|_| ())).await;
        backoff.note(&connected);
        Ok(CheckedSession {
            session: connected?,
            has_tables: false,
        })
    }
}

impl CheckedSession {
    async fn query(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Answer, DatabaseError> {
        // A commit that waits for a standby must not be cancelled: others would see it, and a failover could lose it.
        self.session.is_cancelled = statement.is_repeatable;
        let client = &self.session.client;
        if statement.needs_tables && !self.has_tables {
            schema::check(client).await?;
            self.has_tables = true;
        }
        let sent = Instant::now();
        let rows = client.query_typed(statement.sql, parameters).await;
        let rows = rows.map_err(DatabaseError::from);
        if matches!(rows, Err(DatabaseError::NoTables)) {
            self.has_tables = false;
        }
        Ok(Answer {
            rows: rows?,
            sent,
            received: Instant::now(),
        })
    }
}
