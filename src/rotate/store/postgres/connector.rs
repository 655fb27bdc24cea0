//! Opens connections, and says when to try again.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Socket};

use super::error::{describe, DatabaseError};
use crate::auth::BoxFuture;

/// The longest time that a connection may take to open.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// How long a connection that isn't needed any more may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// The pause after a connection couldn't be opened: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Told the payload of each notification.
pub(super) type OnNotification = Arc<dyn Fn(&str) + Send + Sync>;

/// Opens connections to one database, whatever the TLS library.
pub(super) trait Connect: Send + Sync {
    fn connect(
        &self,
        on_notification: OnNotification,
    ) -> BoxFuture<'_, Result<Session, DatabaseError>>;
}

pub(super) struct Connector<T> {
    pub(super) config: Config,
    pub(super) tls: T,
}

impl<T> Connect for Connector<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::TlsConnect: Send,
    T::Stream: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn connect(
        &self,
        on_notification: OnNotification,
    ) -> BoxFuture<'_, Result<Session, DatabaseError>> {
        Box::pin(async move {
            let connected = timeout(CONNECT_LIMIT, self.config.connect(self.tls.clone())).await;
            let connected = connected.map_err(|_| {
                DatabaseError::Connect(format!("it took longer than {CONNECT_LIMIT:?}"))
            })?;
            let (client, connection) =
                connected.map_err(|error| DatabaseError::Connect(describe(&error)))?;
            let (open, closed) = oneshot::channel();
            let (token, tls) = (client.cancel_token(), self.tls.clone());
            let driver = async move {
                if drive(connection, closed, on_notification).await == End::Unfinished {
                    let cancelled = timeout(CONNECT_LIMIT, token.cancel_query(tls));
                    cancelled.await.ok();
                }
            };
            Ok(Session {
                client,
                is_cancelled: false,
                open: Some(open),
                driver: tokio::spawn(driver),
            })
        })
    }
}

/// An open connection. It is closed when this is dropped.
pub(super) struct Session {
    pub(super) client: Client,
    /// Whether the server is told to cancel a statement that is unfinished when this is dropped. Otherwise, it
    /// executes the statement for as long as that takes.
    pub(super) is_cancelled: bool,
    open: Option<oneshot::Sender<bool>>,
    driver: JoinHandle<()>,
}

impl Session {
    /// Waits until the connection is lost.
    pub(super) async fn lost(&mut self) {
        (&mut self.driver).await.ok();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            open.send(self.is_cancelled).ok();
        }
    }
}

/// How a connection ended.
#[derive(PartialEq)]
enum End {
    Finished,
    /// With a statement that is to be cancelled.
    Unfinished,
}

/// Sends and receives until the connection is lost, or isn't needed any more.
async fn drive<S>(
    mut connection: Connection<Socket, S>,
    closed: oneshot::Receiver<bool>,
    on_notification: OnNotification,
) -> End
where
    S: tokio_postgres::tls::TlsStream + Unpin,
{
    let mut driven = pin!(async {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message {
                on_notification(notification.payload());
            }
        }
    });
    let is_cancelled = tokio::select! {
        () = &mut driven => return End::Finished,
        is_cancelled = closed => is_cancelled.unwrap_or_default(),
    };
    match timeout(GOODBYE, driven).await {
        Err(_) if is_cancelled => End::Unfinished,
        _ => End::Finished,
    }
}

/// When a connection may be tried again.
#[derive(Default)]
pub(super) struct Backoff {
    pause: Duration,
    failure: Option<(Instant, String)>,
}

impl Backoff {
    /// Returns an error if it is too early.
    pub(super) fn check(&self) -> Result<(), DatabaseError> {
        let Some((until, error)) = &self.failure else {
            return Ok(());
        };
        match until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Ok(()),
            pause => Err(DatabaseError::Pausing {
                error: error.clone(),
                pause,
            }),
        }
    }

    /// Takes in how an attempt went, and returns the pause before the next one.
    pub(super) fn note<T>(&mut self, attempt: &Result<T, DatabaseError>) -> Duration {
        let Err(error) = attempt else {
            *self = Self::default();
            return Duration::ZERO;
        };
        let (first, most) = PAUSE;
        self.pause = (self.pause * 2).clamp(first, most);
        // Replicas that lost the database together don't come back together.
        let pause = self.pause.mul_f64(0.5 + fastrand::f64() / 2.0);
        let error = match error {
            DatabaseError::Connect(error) => error.clone(),
            error => error.to_string(),
        };
        self.failure = Some((Instant::now() + pause, error));
        pause
    }
}
