//! A port, and the connections to it.

use std::future::{poll_fn, Future};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{watch, Notify};
use tokio::task::{JoinHandle, JoinSet};

use super::answer::AnswerBody;
use super::lock;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Closes a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is to be closed without an answer")]
pub(super) struct Closed;

/// A server on a free port of the loopback address. Dropping it frees the port at once, and ends its
/// tasks as soon as the runtime comes to them.
pub(super) struct Server {
    address: SocketAddr,
    door: Arc<Door>,
    task: JoinHandle<()>,
}

/// What the task accepts from. Held outside it too, so that the port can be freed without it.
struct Door {
    listener: Mutex<Option<TcpListener>>,
    changed: Notify,
    connections: watch::Sender<usize>,
}

impl Server {
    /// Binds the port and starts to serve.
    pub(super) fn start<F>(
        answer: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    ) -> io::Result<Self>
    where
        F: Future<Output = Result<Response<AnswerBody>, Closed>> + Send + 'static,
    {
        let listener = socket((Ipv4Addr::LOCALHOST, 0).into())?.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let door = Arc::new(Door {
            listener: Mutex::new(Some(listener)),
            changed: Notify::new(),
            connections: watch::Sender::new(0),
        });
        let task = tokio::spawn(serve(door.clone(), answer));
        Ok(Self {
            address,
            door,
            task,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Frees the port and ends all connections. Done when nothing of the server is left.
    pub(super) async fn stop(mut self) {
        self.door.close();
        self.task.abort();
        // Either way it is over.
        (&mut self.task).await.ok();
        self.door.all_closed().await;
    }

    /// Lets no connection come about, and ends those that stand.
    pub(super) async fn refuse(&self) -> io::Result<Refusal> {
        let closed = *self.door.connections.borrow();
        // Keeps the port from everybody else while nothing listens on it.
        let reserved = SHARED_PORTS.then(|| socket(self.address)).transpose()?;
        // There before anything is waited for, so that a wait that is given up ends it.
        let refusal = Refusal {
            address: self.address,
            door: self.door.clone(),
            reserved,
            closed,
            over: false,
        };
        self.door.close();
        self.door.all_closed().await;
        Ok(refusal)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.door.close();
        self.task.abort();
    }
}

/// For as long as this lives, connections to a [`Simulator`](super::Simulator) are refused.
#[must_use = "connections are refused until this is dropped"]
pub struct Refusal {
    address: SocketAddr,
    door: Arc<Door>,
    reserved: Option<TcpSocket>,
    closed: usize,
    over: bool,
}

impl Refusal {
    /// How many connections stood when it began, and were closed. How many were refused since then
    /// only the operating system knows, which refuses them.
    #[must_use]
    pub fn closed_connections(&self) -> usize {
        self.closed
    }

    /// Accepts connections again. Dropping does the same, and cannot say that it failed.
    ///
    /// # Errors
    ///
    /// The port cannot be had again, since another process has taken it.
    pub fn end(mut self) -> io::Result<()> {
        self.reopen()
    }

    fn reopen(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.over, true) {
            return Ok(());
        }
        let listener = socket(self.address)?.listen(BACKLOG)?;
        drop(self.reserved.take());
        *lock(&self.door.listener) = Some(listener);
        self.door.changed.notify_waiters();
        Ok(())
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        self.reopen().ok();
    }
}

impl std::fmt::Debug for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refusal")
            .field("address", &self.address)
            .field("closed_connections", &self.closed)
            .finish()
    }
}

/// Whether two sockets may be bound to one port.
const SHARED_PORTS: bool = cfg!(any(target_os = "linux", target_os = "macos"));

/// A socket bound to this address, which a second one may be bound to.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        socket.set_reuseaddr(true)?;
        socket.set_reuseport(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}

impl Door {
    fn close(&self) {
        drop(lock(&self.listener).take());
        self.changed.notify_waiters();
    }

    fn is_closed(&self) -> bool {
        lock(&self.listener).is_none()
    }

    /// The next connection. It counts from the moment it is accepted.
    async fn accept(self: &Arc<Self>) -> io::Result<(TcpStream, Counted)> {
        poll_fn(|context| match &*lock(&self.listener) {
            Some(listener) => listener
                .poll_accept(context)
                .map_ok(|(stream, _)| (stream, Counted::new(self.clone()))),
            None => Poll::Pending,
        })
        .await
    }

    async fn all_closed(&self) {
        let mut connections = self.connections.subscribe();
        // Its sender is in `self`.
        connections.wait_for(|count| *count == 0).await.ok();
    }
}

async fn serve<F>(
    door: Arc<Door>,
    answer: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = Result<Response<AnswerBody>, Closed>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        // Before the door is looked at, so that no change goes unnoticed.
        let changed = door.changed.notified();
        if door.is_closed() {
            connections.abort_all();
            changed.await;
            continue;
        }
        let (stream, counted) = tokio::select! {
            () = changed => continue,
            accepted = door.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    // No file descriptor to be had, for example: others may give theirs back.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                }
            }
        };
        while connections.try_join_next().is_some() {}
        // Answers are small: none is to wait for another's acknowledgement.
        stream.set_nodelay(true).ok();
        let answer = answer.clone();
        connections.spawn(async move {
            let _counted = counted;
            let http = hyper::server::conn::http1::Builder::new();
            let serving = http.serve_connection(TokioIo::new(stream), service_fn(answer));
            // A failure is a client that went away, or a fault.
            serving.await.ok();
        });
    }
}

/// One connection, as long as it stands.
struct Counted(Arc<Door>);

impl Counted {
    fn new(door: Arc<Door>) -> Self {
        door.connections.send_modify(|count| *count += 1);
        Self(door)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.send_modify(|count| *count -= 1);
    }
}
