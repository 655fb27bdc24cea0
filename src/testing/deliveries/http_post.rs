//! One HTTP POST over a connection of its own.

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Position, Url};

use super::report::{DeliveryFailure, ReceiverResponse};

/// The most bytes that are read of a response body.
const MAX_RESPONSE_BODY: usize = 1024 * 1024;

pub(super) async fn post(
    url: &Url,
    headers: HeaderMap,
    body: Bytes,
) -> Result<ReceiverResponse, DeliveryFailure> {
    let broken = |error: &dyn std::fmt::Display| DeliveryFailure::Broken(error.to_string());
    let stream = connect(url)
        .await
        .map_err(|error| DeliveryFailure::NotConnected(error.to_string()))?;
    let request = request(url, headers, body).map_err(|error| broken(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    // Owns the sender, which is dropped with the response complete. That closes the connection.
    let response = async move {
        let (head, body) = sender
            .send_request(request)
            .await
            .map_err(|error| broken(&error))?
            .into_parts();
        let body = Limited::new(body, MAX_RESPONSE_BODY).collect().await;
        Ok(ReceiverResponse {
            status: head.status,
            headers: head.headers,
            body: body.map_err(|error| broken(&error))?.to_bytes(),
        })
    };
    tokio::join!(response, connection).0
}

async fn connect(url: &Url) -> std::io::Result<TcpStream> {
    let port = url.port_or_known_default().unwrap_or_default();
    match url.host() {
        Some(Host::Ipv4(address)) => TcpStream::connect((address, port)).await,
        Some(Host::Ipv6(address)) => TcpStream::connect((address, port)).await,
        Some(Host::Domain(name)) => TcpStream::connect((name, port)).await,
        None => Err(std::io::Error::other("the URL has no host")),
    }
}

fn request(
    url: &Url,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .body(Full::new(body))?;
    let host = HeaderValue::try_from(&url[Position::BeforeHost..Position::AfterPort])?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(HOST, host);
    Ok(request)
}
