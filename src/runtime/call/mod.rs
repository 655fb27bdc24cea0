//! A call: as many attempts as its operation allows, and one result.

mod attempt;
mod retry;
mod trace;

use std::future::Future;
use std::time::Duration;

use http::StatusCode;
use tokio::time::{sleep, timeout_at, Instant};

use super::client::{ClientState, Credentials, HttpClients, Permit, Request, Transport};
use super::error::{Error, Outcome, Unusable};
use super::exchange::{Operation, Response};
use crate::auth::{Credential, CredentialError};
use attempt::{why_unusable, Attempt};
use retry::may_retry;
use trace::Trace;

pub(crate) use trace::trace_unusable;

/// Sends a request until it is answered with success, or until it may not be sent again.
pub(crate) async fn call(
    transport: &Transport,
    state: &ClientState,
    request: &Request,
    operation: Operation,
) -> Result<Response, Error> {
    let http = transport.http_or_record(request, operation)?;
    let trace = Trace::new(operation, &request.method, state);
    let call = Call {
        http,
        state,
        request,
        operation,
        deadline: state.policy.deadline_from_now(),
        trace: &trace,
    };
    trace.wrap(call.run()).await
}

/// The parts that stay the same in all attempts.
struct Call<'a> {
    http: &'a HttpClients,
    state: &'a ClientState,
    request: &'a Request,
    operation: Operation,
    deadline: Instant,
    trace: &'a Trace,
}

/// The attempts so far.
#[derive(Default)]
struct Progress {
    /// How often the request was sent, or an attempt was made to send it.
    attempts: u32,
    /// Whether the server may have acted on one of the attempts. No later attempt changes that back.
    perhaps_applied: bool,
    /// Whether a credential was rejected, and the one that replaces it.
    rejected: bool,
    renewed: Option<Credential>,
}

impl Call<'_> {
    async fn run(&self) -> Result<Response, Error> {
        self.state.shared.deposit();
        let mut progress = Progress::default();
        loop {
            // The permit is held until the limiter has learned from the answer what other calls must know.
            let wait = {
                let (permit, credential) = match self.permit(&mut progress).await {
                    Ok(permit) => permit,
                    Err(error) => return self.end(error, &progress),
                };
                let error = match self.send(credential.as_ref(), &mut progress).await {
                    Ok(response) => {
                        self.state.shared.limiter.record_success();
                        match self.why_unusable(&response) {
                            None => return Ok(self.succeed(response, &progress)),
                            Some(why) => Error::unusable_success(response, why),
                        }
                    }
                    Err(error) => error,
                };
                let error = match self.removed_before(error, &progress) {
                    Ok(response) => return Ok(self.succeed(response, &progress)),
                    Err(error) => error,
                };
                progress.perhaps_applied |= error.outcome() == Outcome::Unknown;
                let error = error.with_attempts(progress.attempts, progress.perhaps_applied);
                let wait = self.wait_after(&error, &permit, progress.attempts);
                drop(permit);
                if error.rejects_the_credential() && !progress.rejected {
                    progress.rejected = true;
                    match self.renew(credential.as_ref()).await {
                        Ok(None) => return self.end(error, &progress),
                        Err(source) => return self.end(error.with_source(source), &progress),
                        Ok(renewed) => progress.renewed = renewed,
                    }
                    self.trace.failure(&error, Some(Duration::ZERO));
                    continue;
                }
                let Some(wait) = wait else {
                    return self.end(error, &progress);
                };
                self.trace.failure(&error, Some(wait));
                wait
            };
            sleep(wait).await;
        }
    }

    fn succeed(&self, mut response: Response, progress: &Progress) -> Response {
        response.attempts = progress.attempts;
        self.trace.success(&response);
        response
    }

    /// Makes this error the result of the call.
    fn end(&self, error: Error, progress: &Progress) -> Result<Response, Error> {
        let error = error.with_attempts(progress.attempts, progress.perhaps_applied);
        self.trace.failure(&error, None);
        Err(error)
    }

    /// Waits for a permit to send, and returns it with a credential that is valid at that time.
    async fn permit(
        &self,
        progress: &mut Progress,
    ) -> Result<(Permit<'_>, Option<Credential>), Error> {
        let limiter = &self.state.shared.limiter;
        // Before the queue, so that all calls wait for one renewal together.
        let mut credential = match progress.renewed.take() {
            Some(renewed) => Some(renewed),
            None => self.credential().await?,
        };
        loop {
            let permit = limiter.acquire(self.deadline).await;
            let permit =
                permit.map_err(|remaining| Error::rate_limited(self.operation, remaining))?;
            if !permit.immediate {
                // Time has passed, so the credential may have expired.
                credential = self.credential().await?;
            }
            self.check_time()?;
            // Another call may have been told to wait while this one got its credential.
            if limiter.remaining().is_none() {
                return Ok((permit, credential));
            }
        }
    }

    async fn send(
        &self,
        credential: Option<&Credential>,
        progress: &mut Progress,
    ) -> Result<Response, Error> {
        progress.attempts += 1;
        let remaining = self.remaining();
        let attempt = Attempt {
            operation: self.operation,
            request: self.request,
            credential,
            timeout: (remaining < self.state.timeout).then_some(remaining),
            response_limit: self.state.response_limit,
        };
        attempt.send(self.http).await
    }

    /// Returns why a success isn't one if the operation only reads and the body didn't come whole. Another
    /// attempt can then help. Every other operation has changed what it was to change.
    fn why_unusable(&self, response: &Response) -> Option<Unusable> {
        match self.operation.reads {
            true => why_unusable(response),
            false => None,
        }
    }

    async fn credential(&self) -> Result<Option<Credential>, Error> {
        let found = match &self.state.shared.credentials {
            Credentials::None => return Ok(None),
            Credentials::Fixed(credential) => return Ok(Some(credential.clone())),
            Credentials::Source(source) => {
                // The source may send a request of its own.
                self.check_time()?;
                self.in_time(source.credential()).await
            }
        };
        found
            .map(Some)
            .map_err(|source| Error::no_credential(self.operation, source))
    }

    async fn renew(
        &self,
        rejected: Option<&Credential>,
    ) -> Result<Option<Credential>, CredentialError> {
        match (&self.state.shared.credentials, rejected) {
            (Credentials::Source(source), Some(rejected)) => {
                self.in_time(source.renew(rejected)).await
            }
            _ => Ok(None),
        }
    }

    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, CredentialError>>,
    ) -> Result<T, CredentialError> {
        timeout_at(self.deadline, asked)
            .await
            .unwrap_or_else(|_| Err(CredentialError::new("it did not come before the deadline")))
    }

    /// Turns a 404 into a success if an earlier attempt may have deleted the resource.
    ///
    /// A gateway's 404 doesn't count: it may know no such path, and the deletion never happened.
    fn removed_before(&self, error: Error, progress: &Progress) -> Result<Response, Error> {
        if !(self.operation.removes && progress.perhaps_applied && error.is_own_not_found()) {
            return Err(error);
        }
        let mut response = error.into_response()?;
        response.status = StatusCode::NO_CONTENT;
        // The body describes the error.
        response.body.clear();
        Ok(response)
    }

    /// Returns how long to wait before the next attempt, or `None` if this error is the result of the call.
    fn wait_after(&self, error: &Error, permit: &Permit<'_>, attempts: u32) -> Option<Duration> {
        let ClientState { policy, shared, .. } = self.state;
        let named = error.retry_after();
        let wait = named.unwrap_or_else(|| shared.jitter(policy.backoff(attempts)));
        if error.is_throttled() {
            permit.throttle_for(wait);
        } else if error.status().is_some() {
            shared.limiter.record_success();
        }
        let fits = wait.saturating_add(self.min_attempt_time()) < self.remaining();
        (may_retry(error, self.operation)
            && attempts < policy.attempts
            && fits
            && shared.withdraw())
        .then_some(wait)
    }

    /// Fails if too little time is left for another attempt.
    fn check_time(&self) -> Result<(), Error> {
        // "Or equal", so that a deadline of zero sends nothing.
        if self.remaining() <= self.min_attempt_time() {
            let remaining = self.state.shared.limiter.remaining();
            return Err(Error::rate_limited(self.operation, remaining));
        }
        Ok(())
    }

    /// Returns the least time for an attempt. With less, an attempt that times out couldn't tell whether its
    /// request was sent.
    fn min_attempt_time(&self) -> Duration {
        let ClientState {
            policy,
            connect_timeout,
            ..
        } = self.state;
        (policy.deadline / 2).min(*connect_timeout)
    }

    /// Returns the time until the deadline of the call.
    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
