//! The clients of both providers: what they send, what they read, and how they fail.

#[path = "../support/recorded.rs"]
mod recorded;
#[path = "../support/mod.rs"]
mod support;

mod answers;
mod at_most_once;
mod canary;
mod defaults;
mod error_answers;
mod http_settings;
mod independence;
#[cfg(feature = "schemars")]
mod json_schema;
mod lost_results;
mod no_answer;
mod operations;
mod provider_words;
mod public_face;
mod rate_limit;
mod refused_before_sending;
mod response_limit;
mod retries;
mod reused_connections;
mod secrets;
mod sentences;
mod server_waits;
mod tokens;
#[cfg(feature = "tracing")]
mod traces;
mod wire;
