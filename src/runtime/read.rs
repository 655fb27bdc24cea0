//! A response on its way in.

use std::mem;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroize;

use super::erased::ErasedBuf;
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
    let mut headers = mem::take(response.headers_mut());
    detach(&mut headers);
    let mut body = ErasedBuf::with_capacity(capacity.min(TRUSTED));
    let mut cause = None;
    let received = loop {
        let room = limit - body.len();
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let is_too_large = chunk.len() > room;
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                erase(chunk);
                if is_too_large {
                    break Received::UpTo(limit);
                }
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
        headers,
        body: body.into_inner(),
        received,
        cause,
        attempts: 1,
    }
}

/// Moves the values of these headers to a block of memory of their own.
///
/// hyper makes them slices of the block that it reads into, which holds the body too. Any of them would
/// keep a key in memory as long as its caller keeps the headers.
fn detach(headers: &mut HeaderMap) {
    let mut block = BytesMut::with_capacity(headers.values().map(HeaderValue::len).sum());
    for value in headers.values() {
        block.extend_from_slice(value.as_bytes());
    }
    let mut block = block.freeze();
    for value in headers.values_mut() {
        // It was a valid value before.
        if let Ok(detached) = HeaderValue::from_maybe_shared(block.split_to(value.len())) {
            *value = detached;
        }
    }
}

/// Overwrites a piece of a body where nobody else has a part of hyper's block, which is freed then.
/// Otherwise hyper frees it, as it is.
fn erase(piece: Bytes) {
    if let Ok(mut piece) = piece.try_into_mut() {
        piece.zeroize();
    }
}
