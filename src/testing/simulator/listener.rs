//! The port of a simulator: accepts connections, or refuses them.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::futures::Notified;
use tokio::sync::{watch, Notify};

use crate::testing::lock::lock;

/// The most connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// Whether two sockets can be bound to one port.
const CAN_SHARE_PORTS: bool = cfg!(any(target_os = "linux", target_os = "macos"));

/// A port of this machine.
///
/// The server's task accepts from it. Its handles can free the port without that task.
pub(super) struct Listener {
    address: SocketAddr,
    socket: Mutex<ListenerSocket>,
    changed: Notify,
    connections: watch::Sender<usize>,
    /// The server's runtime. A refusal can end on a thread without one.
    runtime: Handle,
}

struct ListenerSocket {
    /// `None` while connections are refused, and after the port was freed.
    listener: Option<TcpListener>,
    /// Keeps other processes from the port while nothing listens on it.
    reserved: Option<TcpSocket>,
    refusals: usize,
    is_freed: bool,
}

impl Listener {
    pub(super) fn bind(address: SocketAddr) -> io::Result<Self> {
        if address.port() != 0 {
            check_free(address)?;
        }
        let listener = bound_socket(address)?.listen(BACKLOG)?;
        Ok(Self {
            address: listener.local_addr()?,
            socket: Mutex::new(ListenerSocket {
                listener: Some(listener),
                reserved: None,
                refusals: 0,
                is_freed: false,
            }),
            changed: Notify::new(),
            connections: watch::Sender::new(0),
            runtime: Handle::current(),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the next time that the listener starts or stops to listen.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub(super) fn is_listening(&self) -> bool {
        lock(&self.socket).listener.is_some()
    }

    /// Accepts the next connection. It counts as open from this moment.
    pub(super) async fn accept(self: &Arc<Self>) -> io::Result<(TcpStream, OpenConnection)> {
        poll_fn(|context| match &lock(&self.socket).listener {
            Some(listener) => listener
                .poll_accept(context)
                .map_ok(|(stream, _)| (stream, OpenConnection::new(self.clone()))),
            None => Poll::Pending,
        })
        .await
    }

    pub(super) async fn all_closed(&self) {
        let mut connections = self.connections.subscribe();
        // This can't fail: `self` owns the sender.
        connections.wait_for(|count| *count == 0).await.ok();
    }

    /// Refuses connections, and waits until the open ones are closed.
    pub(super) async fn refuse(self: &Arc<Self>) -> io::Result<RefusedConnections> {
        let closed_connections = *self.connections.borrow();
        self.start_refusing()?;
        // Created before the wait, so that dropping this future ends the refusal.
        let refused = RefusedConnections {
            listener: self.clone(),
            closed_connections,
            has_ended: false,
        };
        self.all_closed().await;
        Ok(refused)
    }

    fn start_refusing(&self) -> io::Result<()> {
        let mut socket = lock(&self.socket);
        if CAN_SHARE_PORTS && socket.reserved.is_none() {
            socket.reserved = Some(bound_socket(self.address)?);
        }
        socket.refusals += 1;
        socket.listener = None;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Listens again, unless another refusal continues or the port was freed.
    fn stop_refusing(&self) -> io::Result<()> {
        let mut socket = lock(&self.socket);
        socket.refusals -= 1;
        if socket.refusals > 0 || socket.is_freed {
            return Ok(());
        }
        // Held until another socket has the port.
        let _reserved = socket.reserved.take();
        let _runtime = self.runtime.enter();
        socket.listener = Some(bound_socket(self.address)?.listen(BACKLOG)?);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Frees the port for good.
    pub(super) fn free(&self) {
        let mut socket = lock(&self.socket);
        socket.is_freed = true;
        socket.listener = None;
        socket.reserved = None;
        self.changed.notify_waiters();
    }
}

/// Fails if something listens on this address. [`bound_socket`] would share it with another simulator.
fn check_free(address: SocketAddr) -> io::Result<()> {
    std::net::TcpListener::bind(address).map(drop)
}

/// Returns a socket bound to this address. A second socket can be bound to it.
fn bound_socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        socket.set_reuseaddr(true)?;
        socket.set_reuseport(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}

/// Counts one connection for as long as it is open.
pub(super) struct OpenConnection(Arc<Listener>);

impl OpenConnection {
    fn new(listener: Arc<Listener>) -> Self {
        listener.connections.send_modify(|count| *count += 1);
        Self(listener)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.connections.send_modify(|count| *count -= 1);
    }
}

/// Refuses connections to a [`Simulator`](crate::testing::Simulator) until this is dropped.
///
/// If there are several, connections are refused until the last one is dropped. A refusal doesn't keep
/// the port of a simulator that was stopped or dropped.
#[must_use = "connections are refused until this is dropped"]
pub struct RefusedConnections {
    listener: Arc<Listener>,
    closed_connections: usize,
    has_ended: bool,
}

impl RefusedConnections {
    /// Returns the number of open connections that were closed at the start.
    ///
    /// The number of refused connections is unknown, because the operating system refuses them.
    #[must_use]
    pub fn closed_connections(&self) -> usize {
        self.closed_connections
    }

    /// Accepts connections again, unless another refusal continues.
    ///
    /// Dropping does the same, but can't report an error.
    ///
    /// # Errors
    ///
    /// Returns an error if another process has taken the port.
    pub fn end(mut self) -> io::Result<()> {
        self.end_once()
    }

    fn end_once(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.has_ended, true) {
            true => Ok(()),
            false => self.listener.stop_refusing(),
        }
    }
}

impl Drop for RefusedConnections {
    fn drop(&mut self) {
        self.end_once().ok();
    }
}

impl fmt::Debug for RefusedConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedConnections")
            .field("address", &self.listener.address)
            .field("closed_connections", &self.closed_connections)
            .finish()
    }
}
