//! The deliveries that Ratepay posts to the URL of a subscription.
//!
//! Read a delivery once it is [verified](crate::verify), and answer with 200.
//!
//! Neither a payload nor a header names the event type. If you need it, give each subscription a URL of its own.
//! The documentation doesn't say which members are required, so every member is optional here. Texts are as they
//! came, and dates are in ISO 8601.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

pub use crate::parse_error::ParseError;

/// The payload of a delivery. The id in it tells which of the variants it is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Payload {
    /// The payload has an `invoice_id`.
    Invoice(Box<Invoice>),
    /// The payload has a `ratepay_dispute_id`.
    Dispute(Box<Dispute>),
    /// The payload has neither, or isn't as documented. It can be any JSON.
    Other(Value),
}

/// Reads the payload of a delivery.
///
/// ```
/// use webhook_subscriptions::ratepay::delivery::{self, Payload};
///
/// let body = br#"{"id":92,"invoice_id":"DG0627731Z7-001"}"#;
/// match delivery::parse(body)? {
///     Payload::Invoice(invoice) => assert_eq!(invoice.id, Some(92.into())),
///     Payload::Dispute(dispute) => println!("{:?}", dispute.ratepay_dispute_id),
///     other => println!("not as documented: {other:?}"),
/// }
/// # Ok::<(), delivery::ParseError>(())
/// ```
///
/// # Errors
///
/// Returns an error if the body isn't JSON, or exceeds the limits that [`ParseError`] names.
pub fn parse(body: &[u8]) -> Result<Payload, ParseError> {
    let read = serde_json::from_slice(body);
    let payload: Value = read.map_err(ParseError::new)?;
    let has = |member| payload.get(member).is_some_and(Value::is_string);
    let known = if has("ratepay_dispute_id") {
        Dispute::deserialize(&payload).map(|dispute| Payload::Dispute(Box::new(dispute)))
    } else if has("invoice_id") {
        Invoice::deserialize(&payload).map(|invoice| Payload::Invoice(Box::new(invoice)))
    } else {
        return Ok(Payload::Other(payload));
    };
    Ok(known.unwrap_or(Payload::Other(payload)))
}

/// An invoice: documents for a buyer are available.
///
/// Source: <https://docs.ratepay.com/apis/webhooks/invoice/openapi/invoice_webhooks/other/invoicewebhookcall>.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(default)]
pub struct Invoice {
    /// The id of the event. An id that doesn't fit into 64 bits is an [`f64`], and isn't exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Number>,
    /// The shop's id of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop_transaction_id: Option<String>,
    /// The reference that the buyer must name in the bank transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratepay_payment_reference: Option<String>,
    /// Ratepay's id of the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratepay_transaction_id: Option<String>,
    /// The id of the order's bill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_id: Option<String>,
    /// The URL of the e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eml_url: Option<String>,
    /// The URL of the PDF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdf_url: Option<String>,
    /// Members that aren't documented.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A dispute with a buyer: Ratepay requests information about it, or reports its outcome.
///
/// Sources: <https://docs.ratepay.com/apis/webhooks/dispute/openapi/dispute_webhooks/other/defend>,
/// <https://ratepay.redoc.ly/apis/webhooks/dispute/openapi/dispute_webhooks/operation/OutcomeForFraud>.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(default)]
pub struct Dispute {
    /// Ratepay's id of the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratepay_transaction_id: Option<String>,
    /// Ratepay's id of the dispute. The request for information and the outcome share it. Only an outcome has
    /// a `resolution_date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratepay_dispute_id: Option<String>,
    /// The partner's id of the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_transaction_id: Option<String>,
    /// When the request for information was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication_date: Option<String>,
    /// The disputed amount in units of `currency`, with two decimals at the most. With decimals it is an
    /// [`f64`], which tells amounts of up to 15 digits apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    /// The ISO 4217 code of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// `REQUEST_FOR_INFORMATION`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Details of the buyer's claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// `DEFEND`, `ITEM_NOT_RECEIVED`, `FRAUD` or `ITEM_RETURNED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The date until which evidence is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_due_date: Option<String>,
    /// When the outcome was announced. Only an outcome has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution_date: Option<String>,
    /// `CLOSED`. Only an outcome has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution_reason: Option<String>,
    /// Other members, `items` among them. The documentation says only that the items are objects.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
