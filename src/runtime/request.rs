//! A request, kept so that it can be sent more than once.

// Generated code builds it.
#![allow(unreachable_pub)]

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::Method;
use serde::Serialize;
use url::form_urlencoded;
use zeroize::{Zeroize, Zeroizing};

use super::base_url::BaseUrl;
use super::erased::ErasedBuf;
use super::error::BoxError;
use super::query::QueryParam;
use super::Error;

/// The bytes of most bodies, so that few of them grow.
const USUAL_BODY: usize = 256;

/// What generated code writes a request with: the part of `reqwest::RequestBuilder` that it uses.
pub struct RequestBuilder {
    base_url: Arc<BaseUrl>,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Result<Option<Body>, BoxError>,
}

#[derive(Clone)]
struct Body {
    media_type: HeaderValue,
    /// Erased when the last request that has it is gone: it may hold a secret.
    bytes: Bytes,
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

    // A document may describe header parameters. Those of the package have none.
    #[allow(dead_code)]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
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

/// The encoder writes to a `String`, which would leave copies behind if it grew. So it gets one that is
/// large enough: the encoder makes three bytes of one at the most, and JSON has no fewer than the text.
fn form<T: Serialize>(body: &T) -> Result<Zeroizing<String>, BoxError> {
    let most = 3 * json(body)?.len();
    let mut form = Zeroizing::new(String::with_capacity(most));
    let mut encoder = form_urlencoded::Serializer::new(&mut *form);
    body.serialize(serde_urlencoded::Serializer::new(&mut encoder))?;
    Ok(form)
}

/// A request without its credential, which is another at each attempt.
pub struct Request {
    base_url: Arc<BaseUrl>,
    pub(super) method: Method,
    url: String,
    headers: HeaderMap,
    body: Option<Body>,
}

impl Request {
    /// One copy, to be sent.
    pub(super) fn copy(&self) -> Result<reqwest::Request, Error> {
        let url = self.base_url.url_of_request(&self.url);
        let url = url.map_err(Error::not_built)?;
        let mut request = reqwest::Request::new(self.method.clone(), url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        match &self.body {
            Some(body) => {
                headers.insert(CONTENT_TYPE, body.media_type.clone());
                *request.body_mut() = Some(body.bytes.clone().into());
            }
            // RFC 9110, section 8.6: a user agent SHOULD say that there is no body where the method
            // gives one a meaning. Some gateways answer 411 to one that does not.
            None if matches!(self.method, Method::PATCH | Method::POST | Method::PUT) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            None => {}
        }
        request.headers_mut().extend(self.headers.clone());
        Ok(request)
    }
}
