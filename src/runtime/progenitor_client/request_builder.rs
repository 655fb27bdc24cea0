//! The builder that generated code writes a request with.

// Generated code calls these methods.
#![allow(unreachable_pub)]

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, ACCEPT};
use http::Method;
use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;
use zeroize::{Zeroize, Zeroizing};

use crate::runtime::client::{BaseUrl, Body, Request};
use crate::runtime::error::{BoxError, Error};
use crate::runtime::exchange::ErasedBuf;

/// The size of the buffer for a body, in bytes: large enough that few bodies grow.
const USUAL_BODY: usize = 256;

/// The part of `reqwest::RequestBuilder` that generated code uses.
pub struct RequestBuilder {
    base_url: Arc<BaseUrl>,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Result<Option<Body>, BoxError>,
}

impl RequestBuilder {
    pub(super) fn new(base_url: &Arc<BaseUrl>, method: Method, url: String) -> Self {
        Self {
            base_url: base_url.clone(),
            method,
            url,
            headers: HeaderMap::new(),
            body: Ok(None),
        }
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        // Every request has the same `Accept`; see `Request::copy`.
        if name != ACCEPT {
            self.headers.insert(name, value);
        }
        self
    }

    pub fn query<T: Serialize>(mut self, parameter: &QueryParam<'_, T>) -> Self {
        let pairs = parameter.pairs().map_err(BoxError::from);
        let query = pairs.and_then(|pairs| Ok(serde_urlencoded::to_string(pairs)?));
        match query {
            Ok(query) if query.is_empty() => {}
            Ok(query) => {
                self.url
                    .push(if self.url.contains('?') { '&' } else { '?' });
                self.url.push_str(&query);
            }
            Err(error) => self.body = Err(error),
        }
        self
    }

    pub fn json<T: Serialize>(self, body: &T) -> Self {
        self.body("application/json", json(body))
    }

    pub fn form<T: Serialize>(self, body: &T) -> Self {
        self.body("application/x-www-form-urlencoded", form(body))
    }

    fn body<B>(mut self, media_type: &'static str, body: Result<Zeroizing<B>, BoxError>) -> Self
    where
        B: AsRef<[u8]> + Zeroize + Send + 'static,
    {
        self.body = body.map(|bytes| {
            Some(Body {
                media_type: HeaderValue::from_static(media_type),
                bytes: Bytes::from_owner(bytes),
            })
        });
        self
    }

    pub fn build(self) -> Result<Request, Error> {
        Ok(Request {
            base_url: self.base_url,
            url: self.url,
            method: self.method,
            headers: self.headers,
            body: self.body.map_err(Error::not_built)?,
        })
    }
}

fn json<T: Serialize>(body: &T) -> Result<Zeroizing<Vec<u8>>, BoxError> {
    let mut json = ErasedBuf::with_capacity(USUAL_BODY);
    serde_json::to_writer(&mut json, body)?;
    Ok(json.into_inner())
}

/// The encoder writes to a `String`, which would leave copies behind if it grew. So it gets one that is large
/// enough. The encoder turns one byte into three at the most, and the JSON has no fewer bytes than the text.
fn form<T: Serialize>(body: &T) -> Result<Zeroizing<String>, BoxError> {
    let most = 3 * json(body)?.len();
    let mut form = Zeroizing::new(String::with_capacity(most));
    let mut encoder = form_urlencoded::Serializer::new(&mut *form);
    body.serialize(serde_urlencoded::Serializer::new(&mut encoder))?;
    Ok(form)
}

/// A query parameter in OpenAPI's default style: `form`, exploded.
pub struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T: Serialize> QueryParam<'a, T> {
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }

    /// Returns no pair for an absent value, one for each item of a list, and one for anything else.
    fn pairs(&self) -> serde_json::Result<Vec<(&'a str, String)>> {
        let values = match serde_json::to_value(self.value)? {
            Value::Null => Vec::new(),
            Value::Array(values) => values,
            value => vec![value],
        };
        let text = |value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(values
            .into_iter()
            .map(|value| (self.name, text(value)))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::error::ErrorKind;

    #[test]
    fn a_request_to_another_server_is_never_made() {
        let base = BaseUrl::parse("https://api.example").unwrap_or_else(|e| panic!("{e}"));
        let url = "https://api.example.evil.example/v1".to_owned();
        let request = RequestBuilder::new(&Arc::new(base), Method::GET, url).build();
        let copy = request.and_then(|request| request.copy());
        let kind = copy.err().map(|error| error.kind());
        assert_eq!(kind, Some(ErrorKind::NotBuilt));
    }
}
