//! A load balancer: hands each connection to the next replica.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Works until it is dropped. A replica that doesn't take a connection is passed over.
pub async fn balance(
    listener: TcpListener,
    mut replicas: Vec<SocketAddr>,
) -> io::Result<Infallible> {
    loop {
        let (mut client, _) = listener.accept().await?;
        replicas.rotate_left(1);
        let replicas = replicas.clone();
        tokio::spawn(async move {
            for replica in replicas {
                if let Ok(mut replica) = TcpStream::connect(replica).await {
                    return copy_bidirectional(&mut client, &mut replica)
                        .await
                        .map(drop);
                }
            }
            // The client sees that the connection is closed.
            Ok(())
        });
    }
}
