//! The bodies of requests and responses that pass a [`VerifyLayer`](super::VerifyLayer).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;

/// The body of a verified delivery, in memory, as the service behind the layer receives it.
///
/// Needs the feature `tower`.
#[derive(Debug, Clone, Default)]
pub struct DeliveryBody(Full<Bytes>);

impl DeliveryBody {
    pub(super) fn new(body: Bytes) -> Self {
        Self(Full::new(body))
    }
}

impl Body for DeliveryBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

pin_project! {
    /// The body of a response: that of the service behind the layer, or the layer's own refusal.
    ///
    /// Needs the feature `tower`.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: Inner<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = Projection]
    enum Inner<B> {
        Service { #[pin] body: B },
        Refusal { body: Full<Bytes> },
    }
}

impl<B> ResponseBody<B> {
    pub(super) fn of_service(body: B) -> Self {
        Self {
            inner: Inner::Service { body },
        }
    }

    pub(super) fn of_refusal(text: &'static str) -> Self {
        Self {
            inner: Inner::Refusal {
                body: Full::from(text),
            },
        }
    }
}

impl<B: Body<Data = Bytes>> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().inner.project() {
            Projection::Service { body } => body.poll_frame(context),
            Projection::Refusal { body } => Pin::new(body)
                .poll_frame(context)
                .map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::Service { body } => body.is_end_stream(),
            Inner::Refusal { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::Service { body } => body.size_hint(),
            Inner::Refusal { body } => body.size_hint(),
        }
    }
}
