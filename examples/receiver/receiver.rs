//! The server, with one handler for each provider.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::post;
use axum::Router;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::delivery::{self, EventOrOther, ParseError};
use webhook_subscriptions::ratepay;
use webhook_subscriptions::ratepay::delivery::Payload;
use webhook_subscriptions::verify::{KeyRing, PandaDoc, Ratepay, Refusal, Verified, VerifyLayer};

/// The state of the receiver. A real one stores it in its database, the ids in the transaction of the
/// work.
#[derive(Default)]
struct Memory {
    /// The ids of PandaDoc's deliveries that were processed.
    processed: HashSet<Uuid>,
    /// Genuine deliveries that couldn't be parsed, for a person to look at.
    unread: Vec<Bytes>,
}

type Shared = Arc<Mutex<Memory>>;

pub fn app(pandadoc: &KeyRing<PandaDoc>, ratepay: &KeyRing<Ratepay>) -> Router {
    let from_pandadoc = post(from_pandadoc).layer(VerifyLayer::new(pandadoc.clone()));
    let from_ratepay = post(from_ratepay).layer(VerifyLayer::new(ratepay.clone()));
    Router::new()
        .route("/pandadoc", from_pandadoc)
        .route("/ratepay", from_ratepay)
        .layer(map_response(log_refusal))
        .with_state(Shared::default())
}

async fn from_pandadoc(
    State(shared): State<Shared>,
    Extension(verified): Extension<Verified>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let id = delivery::event_id(&headers);
    if let Some(id) = id.filter(|id| memory(&shared).processed.contains(id)) {
        println!("  processed before: {id}");
        return StatusCode::OK;
    }
    match delivery::parse(&body) {
        Ok(events) => {
            for element in events {
                match element {
                    EventOrOther::Event(event) => {
                        let id = event.data["id"].as_str().unwrap_or("without an id");
                        println!("  {}: {id}", event.event);
                    }
                    other => println!("  not as documented: {other:?}"),
                }
            }
        }
        Err(error) => keep_unread(&shared, body, &error),
    }
    print_key(&verified);
    // Recorded after the work, so that a retry of a failed delivery is processed.
    memory(&shared).processed.extend(id);
    StatusCode::OK
}

async fn from_ratepay(
    State(shared): State<Shared>,
    Extension(verified): Extension<Verified>,
    body: Bytes,
) -> StatusCode {
    match ratepay::delivery::parse(&body) {
        Ok(Payload::Invoice(invoice)) => println!("  invoice: {}", shown(&invoice.invoice_id)),
        Ok(Payload::Dispute(dispute)) => {
            println!("  dispute: {}", shown(&dispute.ratepay_dispute_id));
        }
        Ok(other) => println!("  another payload: {other:?}"),
        Err(error) => keep_unread(&shared, body, &error),
    }
    print_key(&verified);
    StatusCode::OK
}

fn shown(id: &Option<String>) -> &str {
    id.as_deref().unwrap_or("without an id")
}

fn memory(shared: &Shared) -> MutexGuard<'_, Memory> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a body before it is answered with 200, after which the provider doesn't send it again.
fn keep_unread(shared: &Shared, body: Bytes, error: &ParseError) {
    memory(shared).unread.push(body);
    println!("  {error}");
}

/// Prints the key of a delivery. A real receiver counts these, and removes an old key that is unused.
fn print_key(verified: &Verified) {
    print!("  verified with the {} key", verified.key_id());
    match verified.valid_for() {
        Some(left) => println!(", which is valid for {} more hours", left.as_secs() / 3600),
        None => println!(),
    }
}

async fn log_refusal(response: Response) -> Response {
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        println!("  rejected: {refusal}");
    }
    response
}
