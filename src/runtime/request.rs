//! A request, kept so that it can be sent more than once.

// Generated code builds it.
#![allow(unreachable_pub)]

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, CONTENT_LENGTH, CONTENT_TYPE};
use http::Method;
use serde::Serialize;
use url::Url;

use super::error::BoxError;
use super::Error;

/// What generated code writes a request with: the part of `reqwest::RequestBuilder` that it uses.
pub struct RequestBuilder {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Result<Option<Bytes>, BoxError>,
}

impl RequestBuilder {
    pub(super) fn new(method: Method, url: String) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Ok(None),
        }
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    pub fn json<T: Serialize>(self, body: &T) -> Self {
        let json = serde_json::to_vec(body).map_err(BoxError::from);
        self.body(HeaderValue::from_static("application/json"), json)
    }

    pub fn form<T: Serialize>(self, body: &T) -> Self {
        let form = serde_urlencoded::to_string(body).map_err(BoxError::from);
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.body(form_type, form.map(String::into_bytes))
    }

    fn body(mut self, media_type: HeaderValue, body: Result<Vec<u8>, BoxError>) -> Self {
        self.headers.insert(CONTENT_TYPE, media_type);
        self.body = body.map(|bytes| Some(bytes.into()));
        self
    }

    pub fn build(mut self) -> Result<Request, Error> {
        // Generated code adds the version of the document, which neither provider asks for.
        self.headers.remove("api-version");
        let body = self.body.map_err(Error::not_built)?;
        if body.is_none() && gives_a_body_a_meaning(&self.method) {
            // RFC 9110, section 8.6: a user agent SHOULD say that there is none. Some gateways
            // answer 411 to one that does not.
            self.headers
                .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(Request {
            url: Url::parse(&self.url).map_err(|error| Error::not_built(error.into()))?,
            method: self.method,
            headers: self.headers,
            body,
        })
    }
}

fn gives_a_body_a_meaning(method: &Method) -> bool {
    matches!(*method, Method::PATCH | Method::POST | Method::PUT)
}

/// A request without its credential, which is another at each attempt.
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
}

impl Request {
    /// One copy, to be sent.
    pub(super) fn copy(&self) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }
}
