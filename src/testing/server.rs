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
use tokio::runtime::Handle;
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
    opening: Mutex<Opening>,
    changed: Notify,
    connections: watch::Sender<usize>,
    /// That of the server: a refusal may end on a thread that has none.
    runtime: Handle,
}

/// Whether there is a way in, and why not.
struct Opening {
    listener: Option<TcpListener>,
    /// Keeps the port from everybody else while nothing listens on it.
    reserved: Option<TcpSocket>,
    refusals: usize,
    /// Whether the server is.
    is_gone: bool,
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
            opening: Mutex::new(Opening {
                listener: Some(listener),
                reserved: None,
                refusals: 0,
                is_gone: false,
            }),
            changed: Notify::new(),
            connections: watch::Sender::new(0),
            runtime: Handle::current(),
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
        self.door.give_up();
        self.task.abort();
        // Either way it is over.
        (&mut self.task).await.ok();
        self.door.all_closed().await;
    }

    /// Lets no connection come about, and ends those that stand.
    pub(super) async fn refuse(&self) -> io::Result<Refusal> {
        let closed = *self.door.connections.borrow();
        self.door.refuse(self.address)?;
        // There before anything is waited for, so that a wait that is given up ends it.
        let refusal = Refusal {
            address: self.address,
            door: self.door.clone(),
            closed,
            over: false,
        };
        self.door.all_closed().await;
        Ok(refusal)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.door.give_up();
        self.task.abort();
    }
}

/// For as long as this lives, connections to a [`Simulator`](super::Simulator) are refused. Where there
/// are several, they are until the last is dropped. None keeps the port of a simulator that is gone.
#[must_use = "connections are refused until this is dropped"]
pub struct Refusal {
    address: SocketAddr,
    door: Arc<Door>,
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

    /// Accepts connections again, unless there is another refusal. Dropping does the same, and cannot
    /// say that it failed.
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
        self.door.readmit(self.address)
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
    /// Closes it until as many ask to have it opened.
    fn refuse(&self, address: SocketAddr) -> io::Result<()> {
        let mut opening = lock(&self.opening);
        if SHARED_PORTS && opening.reserved.is_none() {
            opening.reserved = Some(socket(address)?);
        }
        opening.refusals += 1;
        opening.listener = None;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Opens it, unless another refuses still, or nobody is there to let anyone in.
    fn readmit(&self, address: SocketAddr) -> io::Result<()> {
        let mut opening = lock(&self.opening);
        opening.refusals -= 1;
        if opening.refusals > 0 || opening.is_gone {
            return Ok(());
        }
        // Held until another socket has the port.
        let _reserved = opening.reserved.take();
        let _runtime = self.runtime.enter();
        opening.listener = Some(socket(address)?.listen(BACKLOG)?);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Closes it for good.
    fn give_up(&self) {
        let mut opening = lock(&self.opening);
        opening.is_gone = true;
        opening.listener = None;
        opening.reserved = None;
        self.changed.notify_waiters();
    }

    fn is_closed(&self) -> bool {
        lock(&self.opening).listener.is_none()
    }

    /// The next connection. It counts from the moment it is accepted.
    async fn accept(self: &Arc<Self>) -> io::Result<(TcpStream, Counted)> {
        poll_fn(|context| match &lock(&self.opening).listener {
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
