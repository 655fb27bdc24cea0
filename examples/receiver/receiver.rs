//! The server.

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
use webhook_subscriptions::pandadoc::delivery::{self, Delivered, DeliveryError};
use webhook_subscriptions::ratepay::delivery::Delivery;
use webhook_subscriptions::verify::{KeyRing, PandaDoc, Ratepay, Refusal, Verified, VerifyLayer};

/// What a receiver remembers. A real one keeps it where its data is, the ids in one transaction with the
/// work.
#[derive(Default)]
struct Memory {
    /// The ids of PandaDoc's deliveries that have been dealt with.
    dealt_with: HashSet<Uuid>,
    /// Deliveries that are genuine and could not be read, for someone to look at.
    unread: Vec<Bytes>,
}

type Shared = Arc<Mutex<Memory>>;

pub fn app(pandadoc: &KeyRing<PandaDoc>, ratepay: &KeyRing<Ratepay>) -> Router {
    let from_pandadoc = post(from_pandadoc).layer(VerifyLayer::new(pandadoc));
    let from_ratepay = post(from_ratepay).layer(VerifyLayer::new(ratepay));
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
    if let Some(id) = id.filter(|id| memory(&shared).dealt_with.contains(id)) {
        println!("  dealt with before: {id}");
        return StatusCode::OK;
    }
    match delivery::events(&body) {
        Ok(events) => {
            for delivered in events {
                match delivered {
                    Delivered::Event(event) => println!("  {}: {}", event.event, event.data["id"]),
                    Delivered::Other(json) => println!("  not as documented: {json}"),
                }
            }
        }
        Err(error) => keep_unread(&shared, body, &error),
    }
    print_key(&verified);
    // After the work: what fails before this is not taken for done when it is sent again.
    memory(&shared).dealt_with.extend(id);
    StatusCode::OK
}

async fn from_ratepay(
    State(shared): State<Shared>,
    Extension(verified): Extension<Verified>,
    body: Bytes,
) -> StatusCode {
    match Delivery::from_slice(&body) {
        Ok(Delivery::Invoice(invoice)) => println!("  invoice: {:?}", invoice.invoice_id),
        Ok(Delivery::Dispute(dispute)) => println!("  dispute: {:?}", dispute.ratepay_dispute_id),
        Ok(other) => println!("  another payload: {other:?}"),
        Err(error) => keep_unread(&shared, body, &error),
    }
    print_key(&verified);
    StatusCode::OK
}

fn memory(shared: &Shared) -> MutexGuard<'_, Memory> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a body before it is answered with 200, after which nobody sends it again.
fn keep_unread(shared: &Shared, body: Bytes, error: &DeliveryError) {
    memory(shared).unread.push(body);
    println!("  {error}");
}

/// A real receiver counts this: when the old key has fallen silent, it can go.
fn print_key(verified: &Verified) {
    print!("  signed with the {} key", verified.key_id());
    match verified.valid_for() {
        Some(left) => println!(", which is valid for {} hours more", left.as_secs() / 3600),
        None => println!(),
    }
}

async fn log_refusal(response: Response) -> Response {
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        println!("  refused: {refusal}");
    }
    response
}
