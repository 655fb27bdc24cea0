//! Serves HTTP/1.1 on a listener's connections.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::Either;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::task::{JoinHandle, JoinSet};

use super::listener::{Listener, RefusedConnections};
use crate::testing::admin::answer::AdminBody;
use crate::testing::providers::response::ResponseBody;

/// The body of a provider's response, or of the control API's.
pub(super) type ServerBody = Either<ResponseBody, AdminBody>;

/// Tells the server to close a connection without a response.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without a response")]
pub(super) struct CloseConnection;

/// A server on a port of this machine.
///
/// Dropping it frees the port at once. Its tasks end when the runtime next polls them.
pub(super) struct Server {
    listener: Arc<Listener>,
    task: JoinHandle<()>,
}

impl Server {
    /// Binds the port and starts to serve.
    pub(super) fn start<F>(
        address: SocketAddr,
        handler: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    ) -> io::Result<Self>
    where
        F: Future<Output = Result<Response<ServerBody>, CloseConnection>> + Send + 'static,
    {
        let listener = Arc::new(Listener::bind(address)?);
        let task = tokio::spawn(serve(listener.clone(), handler));
        Ok(Self { listener, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Frees the port, ends all connections and waits until all tasks have finished.
    pub(super) async fn stop(mut self) {
        self.listener.free();
        self.task.abort();
        // The task has ended, whether it was aborted or not.
        (&mut self.task).await.ok();
        self.listener.all_closed().await;
    }

    pub(super) async fn refuse_connections(&self) -> io::Result<RefusedConnections> {
        self.listener.refuse().await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listener.free();
        self.task.abort();
    }
}

async fn serve<F>(
    listener: Arc<Listener>,
    handler: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = Result<Response<ServerBody>, CloseConnection>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        // Created before the check, so that no change is missed.
        let changed = listener.changed();
        if !listener.is_listening() {
            connections.abort_all();
            changed.await;
            continue;
        }
        let (stream, open_connection) = tokio::select! {
            () = changed => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    // For example, no file descriptor is free; another connection may release one.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                }
            }
        };
        while connections.try_join_next().is_some() {}
        // Responses are small and mustn't wait for the acknowledgement of an earlier one.
        stream.set_nodelay(true).ok();
        let handler = handler.clone();
        connections.spawn(async move {
            let _open_connection = open_connection;
            let http = hyper::server::conn::http1::Builder::new();
            let serving = http.serve_connection(TokioIo::new(stream), service_fn(handler));
            // It fails if the client or a fault closed the connection.
            serving.await.ok();
        });
    }
}
