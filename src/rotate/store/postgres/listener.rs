//! The connection that listens, so that a change shows at once and not with the next poll.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_postgres::types::Type;

use super::connector::{Backoff, Connect, Session};
use super::database::Statement;
use super::error::DatabaseError;
use super::replica::Replica;

/// How long a notification may take.
const LIMIT: Duration = Duration::from_secs(3);

/// How long to wait before listening is tried again, if no notification arrived.
const RETRY_AFTER: Duration = Duration::from_secs(10 * 60);

const LISTEN: &str = "LISTEN webhook_subscriptions";
const UNLISTEN: &str = "UNLISTEN webhook_subscriptions";

/// Has a payload, which tells it from the notification of a change.
const NOTIFY: Statement = Statement {
    sql: "SELECT pg_notify('webhook_subscriptions', $1)::text",
    is_repeatable: true,
    needs_tables: false,
};

pub(super) struct Listener {
    connector: Arc<dyn Connect>,
    replica: Arc<Replica>,
    /// The payload of this listener's test notifications.
    token: String,
    arrived: Arc<Notify>,
}

impl Listener {
    pub(super) fn new(connector: Arc<dyn Connect>, replica: Arc<Replica>) -> Self {
        Self {
            connector,
            replica,
            token: format!("{:032x}", fastrand::u128(..)),
            arrived: Arc::default(),
        }
    }

    /// Listens until it is dropped.
    pub(super) async fn keep_listening(self) {
        let mut backoff = Backoff::default();
        let mut has_warned = false;
        loop {
            let listening = self.listen().await;
            let pause = backoff.note(&listening);
            match listening {
                Err(_) => sleep(pause).await,
                Ok(Some(session)) => self.stay(session).await,
                Ok(None) => {
                    if !std::mem::replace(&mut has_warned, true) {
                        warn();
                    }
                    sleep(RETRY_AFTER).await;
                }
            }
        }
    }

    /// Connects and listens. Returns `None` if the database accepts that, but no notification arrives.
    async fn listen(&self) -> Result<Option<Session>, DatabaseError> {
        let (token, arrived) = (self.token.clone(), self.arrived.clone());
        let replica = self.replica.clone();
        let on_notification = move |payload: &str| match payload {
            "" => replica.wanted.notify_one(),
            payload if payload == token => arrived.notify_one(),
            _ => {}
        };
        let session = self.connector.connect(Arc::new(on_notification)).await?;
        let listened = timeout(LIMIT, session.client.batch_execute(LISTEN)).await;
        listened.map_err(|_| DatabaseError::TooSlow(LIMIT))??;
        // A change may have come while nobody listened.
        self.replica.wanted.notify_one();
        if self.hears().await? {
            return Ok(Some(session));
        }
        // The server's session may be given to somebody else, who doesn't listen.
        timeout(LIMIT, session.client.batch_execute(UNLISTEN))
            .await
            .ok();
        Ok(None)
    }

    /// Listens for as long as notifications arrive.
    async fn stay(&self, mut session: Session) {
        loop {
            tokio::select! {
                () = session.lost() => return,
                // Found by a poll, possibly because a notification was lost.
                () = self.replica.found_newer.notified() => {}
            }
            if !matches!(self.hears().await, Ok(true)) {
                return;
            }
        }
    }

    /// Tells whether a notification arrives that the other connection sends.
    ///
    /// A pooler that gives each transaction to another session accepts `LISTEN`, and the notifications get lost.
    async fn hears(&self) -> Result<bool, DatabaseError> {
        let parameters = [(&self.token as _, Type::TEXT)];
        self.replica.database.query(&NOTIFY, &parameters).await?;
        Ok(timeout(LIMIT, self.arrived.notified()).await.is_ok())
    }
}

#[cfg(feature = "tracing")]
fn warn() {
    tracing::warn!(
        "rotation: the database's notifications don't arrive, so changes show with the next poll, within 5 s; \
         connect to PostgreSQL without PgBouncer, or use its session pooling"
    );
}

#[cfg(not(feature = "tracing"))]
fn warn() {}
