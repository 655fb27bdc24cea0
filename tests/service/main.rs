//! How a service that uses this crate tests itself, and what the examples do.

mod service;

mod a_service_of_your_own;
mod examples;
mod mocks;
mod with_httpmock;
