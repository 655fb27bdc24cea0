//! A request, kept so that it can be sent more than once.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::Method;

use super::base_url::BaseUrl;
use crate::runtime::error::Error;

/// A request without its credential, which may differ between attempts.
pub(crate) struct Request {
    pub(crate) base_url: Arc<BaseUrl>,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Body>,
}

#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) media_type: HeaderValue,
    /// Erased when the last request that has it is gone, since it may hold a secret.
    pub(crate) bytes: Bytes,
}

impl Request {
    /// Returns a copy to send.
    pub(crate) fn copy(&self) -> Result<reqwest::Request, Error> {
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
            // RFC 9110, section 8.6: a user agent SHOULD say that there is no body if the method gives one a
            // meaning. Some gateways answer 411 to a request that doesn't.
            None if matches!(self.method, Method::PATCH | Method::POST | Method::PUT) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            None => {}
        }
        request.headers_mut().extend(self.headers.clone());
        Ok(request)
    }
}
