//! A response on its way in.

use std::mem;

use zeroize::Zeroizing;

use super::operation::Operation;
use super::response::{Received, Response};

/// How much memory is set aside on a server's word alone, in bytes.
const TRUSTED: usize = 16 * 1024;

/// Reads the body whole, or as far as it comes, or as far as `limit` bytes.
///
/// Never fails: the status is known by now, and what the caller may conclude depends on it more than
/// on how much of the body arrived.
pub(super) async fn read(
    mut response: reqwest::Response,
    limit: usize,
    operation: Operation,
) -> Response {
    let announced = response.content_length().unwrap_or_default();
    let capacity = usize::try_from(announced).unwrap_or(limit).min(limit);
    let mut body = Zeroizing::new(Vec::with_capacity(capacity.min(TRUSTED)));
    let mut cause = None;
    let received = loop {
        let room = limit - body.len();
        match response.chunk().await {
            Ok(Some(chunk)) if chunk.len() <= room => body.extend_from_slice(&chunk),
            Ok(Some(chunk)) => {
                body.extend_from_slice(&chunk[..room]);
                break Received::UpTo(limit);
            }
            Ok(None) => break Received::Whole,
            Err(error) => {
                cause = Some(error.without_url());
                break Received::Cut;
            }
        }
    };
    Response {
        operation,
        status: response.status(),
        headers: mem::take(response.headers_mut()),
        body,
        received,
        cause,
        attempts: 1,
    }
}
