//! A call: as many attempts as are right, and one result.

use std::future::Future;
use std::time::Duration;

use http::StatusCode;
use tokio::time::{sleep, timeout_at, Instant};

use super::connection::{Connection, Credentials};
use super::credential::{Credential, CredentialError};
use super::http_client::Client;
use super::operation::Operation;
use super::outcome::Outcome;
use super::request::Request;
use super::response::Response;
use super::send::Outgoing;
use super::throttle::Turn;
use super::trace::Trace;
use super::{Error, ErrorKind};

/// Sends a request until it is answered with success, or until no more may be done.
pub(super) async fn call(
    client: &Client,
    connection: &Connection,
    request: &Request,
    operation: Operation,
) -> Result<Response, Error> {
    let trace = Trace::new(operation, &request.method, connection);
    let call = Call {
        client,
        connection,
        request,
        operation,
        deadline: connection.policy.deadline_from_now(),
        trace: &trace,
    };
    trace.wrap(call.run()).await
}

/// What stays the same in all attempts.
struct Call<'a> {
    client: &'a Client,
    connection: &'a Connection,
    request: &'a Request,
    operation: Operation,
    deadline: Instant,
    trace: &'a Trace,
}

/// What the attempts so far amount to.
#[derive(Default)]
struct Progress {
    /// How often the request was sent, or tried to be.
    attempts: u32,
    /// Whether one of the attempts may have been acted on. Stays so, whatever a later one says.
    perhaps_applied: bool,
    /// Whether a credential was refused, and what came in its place.
    refused: bool,
    renewed: Option<Credential>,
}

impl Call<'_> {
    async fn run(&self) -> Result<Response, Error> {
        self.connection.shared.begin();
        let mut progress = Progress::default();
        loop {
            // The permit is held until the answer has taught the limiter what other calls must know.
            let wait = {
                let (turn, credential) = match self.turn(&mut progress).await {
                    Ok(turn) => turn,
                    Err(error) => return self.end(error, &progress),
                };
                let error = match self.send(credential.as_ref(), &mut progress).await {
                    Ok(response) => {
                        self.connection.shared.throttle.calm();
                        match self.whole(response) {
                            Ok(response) => return Ok(self.succeed(response, &progress)),
                            Err(error) => error,
                        }
                    }
                    Err(error) => error,
                };
                let error = match self.removed_before(error, &progress) {
                    Ok(response) => return Ok(self.succeed(response, &progress)),
                    Err(error) => error,
                };
                progress.perhaps_applied |= error.outcome() == Outcome::Unknown;
                let error = error.after(progress.attempts, progress.perhaps_applied);
                let wait = self.wait_after(&error, &turn, progress.attempts);
                drop(turn);
                if error.rejects_the_credential() && !progress.refused {
                    progress.refused = true;
                    match self.renew(credential.as_ref()).await {
                        Ok(None) => return self.end(error, &progress),
                        Err(cause) => return self.end(error.because(cause), &progress),
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

    /// The error that the call ends with.
    fn end(&self, error: Error, progress: &Progress) -> Result<Response, Error> {
        let error = error.after(progress.attempts, progress.perhaps_applied);
        self.trace.failure(&error, None);
        Err(error)
    }

    /// Waits for this call's turn to send, and has a credential that is good at that time.
    async fn turn(&self, progress: &mut Progress) -> Result<(Turn<'_>, Option<Credential>), Error> {
        let throttle = &self.connection.shared.throttle;
        // Before the credential is asked for: its source may send a request for it.
        self.check_time()?;
        // Asked for before the queue, so that all calls wait for one renewal together.
        let mut credential = match progress.renewed.take() {
            Some(renewed) => Some(renewed),
            None => self.credential().await?,
        };
        loop {
            let turn = throttle.turn(self.deadline).await;
            let turn = turn.map_err(|left| Error::held_back(self.operation, left))?;
            if !turn.at_once {
                // Time has passed: it may have expired.
                credential = self.credential().await?;
            }
            self.check_time()?;
            // Another call may have been told to wait while this one got its credential.
            if throttle.left().is_none() {
                return Ok((turn, credential));
            }
        }
    }

    async fn send(
        &self,
        credential: Option<&Credential>,
        progress: &mut Progress,
    ) -> Result<Response, Error> {
        progress.attempts += 1;
        let outgoing = Outgoing {
            operation: self.operation,
            request: self.request,
            credential,
            timeout: self.left().min(self.connection.timeout),
            response_limit: self.connection.response_limit,
        };
        outgoing.send(self.client).await
    }

    /// The response of a success, or an error where nothing but its body was wanted and that didn't come
    /// whole. Such a call is worth another attempt. Any other has changed what it was to change.
    fn whole(&self, response: Response) -> Result<Response, Error> {
        match self.operation.reads {
            true => response.whole_json(),
            false => Ok(response),
        }
    }

    async fn credential(&self) -> Result<Option<Credential>, Error> {
        let found = match &self.connection.shared.credentials {
            Credentials::None => return Ok(None),
            Credentials::Fixed(credential) => return Ok(Some(credential.clone())),
            Credentials::Source(source) => self.in_time(source.credential()).await,
        };
        found
            .map(Some)
            .map_err(|cause| Error::no_credential(self.operation, cause))
    }

    async fn renew(
        &self,
        refused: Option<&Credential>,
    ) -> Result<Option<Credential>, CredentialError> {
        match (&self.connection.shared.credentials, refused) {
            (Credentials::Source(source), Some(refused)) => {
                self.in_time(source.renew(refused)).await
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

    /// Turns a 404 into a success where an earlier attempt may have removed what is now missing.
    ///
    /// A gateway's 404 doesn't count: it may know no such path, and the deletion never happened.
    fn removed_before(&self, error: Error, progress: &Progress) -> Result<Response, Error> {
        if !(self.operation.removes && progress.perhaps_applied && error.is_own_not_found()) {
            return Err(error);
        }
        let mut response = error.into_response()?;
        response.status = StatusCode::NO_CONTENT;
        // It tells of the error.
        response.body.clear();
        Ok(response)
    }

    /// How long to wait before the next attempt, or none if this error is the result of the call.
    fn wait_after(&self, error: &Error, turn: &Turn<'_>, attempts: u32) -> Option<Duration> {
        let Connection { policy, shared, .. } = self.connection;
        let named = error.retry_after();
        let wait = named.unwrap_or_else(|| shared.jitter(policy.backoff(attempts)));
        if error.is_throttled() {
            turn.close_for(wait);
        } else if error.status().is_some() {
            shared.throttle.calm();
        }
        let fits = wait.saturating_add(self.least()) < self.left();
        (self.may_retry(error) && attempts < policy.attempts && fits && shared.may_repeat())
            .then_some(wait)
    }

    /// What is retried, which is no matter of policy; see [`RetryPolicy`](crate::RetryPolicy).
    fn may_retry(&self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::NotConnected => true,
            ErrorKind::NoResponse => self.operation.idempotent,
            ErrorKind::ErrorStatus => match error.status() {
                Some(StatusCode::TOO_MANY_REQUESTS) => true,
                // The next answer would be the same.
                Some(status) if status.is_redirection() => false,
                _ => error.is_left_open() && self.operation.idempotent,
            },
            ErrorKind::UnusableSuccess => self.operation.reads,
            ErrorKind::NotBuilt
            | ErrorKind::NoCredential
            | ErrorKind::HeldBack
            | ErrorKind::ProxyAuthRequired => false,
        }
    }

    /// Fails if too little time is left for another attempt.
    fn check_time(&self) -> Result<(), Error> {
        // "Or equal", so that a deadline of zero sends nothing.
        if self.left() <= self.least() {
            let left = self.connection.shared.throttle.left();
            return Err(Error::held_back(self.operation, left));
        }
        Ok(())
    }

    /// With less time than this, an attempt that runs out of it could not tell whether it left.
    fn least(&self) -> Duration {
        let Connection {
            policy,
            connect_timeout,
            ..
        } = self.connection;
        (policy.deadline / 2).min(*connect_timeout)
    }

    /// How much of the call's time is left.
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
