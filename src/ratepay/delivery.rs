//! What Ratepay delivers to the URL of a subscription.
//!
//! Read it once it is [verified](crate::verify), and answer with 200. No payload names its event type, and no
//! header does: give each subscription a URL of its own where that matters. Nothing here marks a member
//! as one that must be there, since the documentation does not. Texts are as they came; dates are in the
//! form of ISO 8601.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

pub use crate::delivery_error::DeliveryError;

/// A payload, told from others by the id that it has.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// It has an `invoice_id`.
    Invoice(Box<Invoice>),
    /// It has a `ratepay_dispute_id`.
    Dispute(Box<Dispute>),
    /// It has neither, or is not as documented: any JSON.
    Other(Value),
}

impl Delivery {
    /// Reads a delivery.
    ///
    /// ```
    /// use webhook_subscriptions::ratepay::delivery::{Delivery, DeliveryError};
    ///
    /// let body = br#"{"id":92,"invoice_id":"DG0627731Z7-001"}"#;
    /// match Delivery::from_slice(body)? {
    ///     Delivery::Invoice(invoice) => assert_eq!(invoice.id, Some(92.into())),
    ///     Delivery::Dispute(dispute) => println!("{:?}", dispute.ratepay_dispute_id),
    ///     other => println!("another payload: {other:?}"),
    /// }
    /// # Ok::<(), DeliveryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The body is no JSON, or JSON beyond what is read (see [`DeliveryError`]).
    pub fn from_slice(body: &[u8]) -> Result<Self, DeliveryError> {
        let payload: Value = serde_json::from_slice(body)?;
        let has = |member| payload.get(member).is_some_and(Value::is_string);
        let known = if has("ratepay_dispute_id") {
            Dispute::deserialize(&payload).map(|dispute| Self::Dispute(Box::new(dispute)))
        } else if has("invoice_id") {
            Invoice::deserialize(&payload).map(|invoice| Self::Invoice(Box::new(invoice)))
        } else {
            return Ok(Self::Other(payload));
        };
        Ok(known.unwrap_or(Self::Other(payload)))
    }
}

/// There are documents for a buyer.
///
/// Source: <https://docs.ratepay.com/apis/webhooks/invoice/openapi/invoice_webhooks/other/invoicewebhookcall>.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(default)]
pub struct Invoice {
    /// The id of the event. One that does not fit into 64 bits is an [`f64`], and is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Number>,
    /// The shop's id of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop_transaction_id: Option<String>,
    /// What the buyer is to name in the bank transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratepay_payment_reference: Option<String>,
    /// Ratepay's id of the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratepay_transaction_id: Option<String>,
    /// The id of the order's bill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_id: Option<String>,
    /// Where the e-mail can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eml_url: Option<String>,
    /// Where the PDF can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdf_url: Option<String>,
    /// Members that are not documented.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Ratepay asks for information that a dispute with a buyer needs, or says how it ended.
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
    /// Ratepay's id of the dispute, which the request for information and the outcome share: an outcome
    /// has a `resolution_date` besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratepay_dispute_id: Option<String>,
    /// The partner's id of the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_transaction_id: Option<String>,
    /// When the request for information was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication_date: Option<String>,
    /// What the buyer disputes, in units of `currency`, with two decimals at the most. With decimals it is
    /// an [`f64`], which tells amounts of up to 15 digits apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    /// The currency's code of ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// `REQUEST_FOR_INFORMATION`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// More on what the buyer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// `DEFEND`, `ITEM_NOT_RECEIVED`, `FRAUD` or `ITEM_RETURNED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when evidence can be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_due_date: Option<String>,
    /// When the outcome was made known; of an outcome only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution_date: Option<String>,
    /// `CLOSED`; of an outcome only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution_reason: Option<String>,
    /// Other members, `items` among them: the documentation calls them objects and says no more.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
