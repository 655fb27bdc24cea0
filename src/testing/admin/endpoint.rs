//! Finds the endpoint of a request by its method and path.

use http::Method;

use super::answer::AdminError;

/// The endpoints of the control API. The texts are ids in the path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    Page,
    PageWithoutSlash,
    Health,
    Events,
    Requests,
    ForgetRequests,
    Deliveries,
    ForgetDeliveries,
    Deliver,
    DeliverQueued,
    StartStream,
    Stream(&'a str),
    StopStream(&'a str),
    Faults,
    Inject,
    Fault(&'a str),
    RemoveFault(&'a str),
    Clock,
    AdvanceClock,
    Subscriptions,
    Regenerate(&'a str),
    Reset,
}

impl<'a> Endpoint<'a> {
    /// Returns whether a path is one of the control API.
    pub(super) fn has_path(path: &str) -> bool {
        path.strip_prefix("/__admin")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(super) fn find(method: &Method, path: &'a str) -> Result<Self, AdminError> {
        let segments: Vec<&str> = path.split('/').skip(2).collect();
        let endpoints = at(&segments);
        if endpoints.is_empty() {
            return Err(AdminError::not_found(
                "the control API has no such path; docs/simulator.md lists them",
            ));
        }
        let allowed: Vec<&str> = endpoints.iter().map(|(method, _)| *method).collect();
        let mut endpoints = endpoints.into_iter();
        let found = endpoints.find(|(allowed, _)| *allowed == method.as_str());
        found
            .map(|(_, endpoint)| endpoint)
            .ok_or_else(|| AdminError::method_not_allowed(&allowed))
    }
}

/// Returns the endpoints at a path, each with its method.
fn at<'a>(segments: &[&'a str]) -> Vec<(&'static str, Endpoint<'a>)> {
    match *segments {
        [] => vec![("GET", Endpoint::PageWithoutSlash)],
        [""] => vec![("GET", Endpoint::Page)],
        ["health"] => vec![("GET", Endpoint::Health)],
        ["events"] => vec![("GET", Endpoint::Events)],
        ["requests"] => vec![
            ("GET", Endpoint::Requests),
            ("DELETE", Endpoint::ForgetRequests),
        ],
        ["deliveries"] => vec![
            ("GET", Endpoint::Deliveries),
            ("POST", Endpoint::Deliver),
            ("DELETE", Endpoint::ForgetDeliveries),
        ],
        ["deliveries", "queued"] => vec![("POST", Endpoint::DeliverQueued)],
        ["deliveries", "stream"] => vec![("POST", Endpoint::StartStream)],
        ["deliveries", "stream", id] => vec![
            ("GET", Endpoint::Stream(id)),
            ("DELETE", Endpoint::StopStream(id)),
        ],
        ["faults"] => vec![("GET", Endpoint::Faults), ("POST", Endpoint::Inject)],
        ["faults", id] => vec![
            ("GET", Endpoint::Fault(id)),
            ("DELETE", Endpoint::RemoveFault(id)),
        ],
        ["clock"] => vec![("GET", Endpoint::Clock), ("POST", Endpoint::AdvanceClock)],
        ["subscriptions"] => vec![("GET", Endpoint::Subscriptions)],
        ["subscriptions", id, "regenerate"] => vec![("POST", Endpoint::Regenerate(id))],
        ["reset"] => vec![("POST", Endpoint::Reset)],
        _ => Vec::new(),
    }
}
