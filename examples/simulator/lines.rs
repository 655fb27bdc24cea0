//! The lines that the program prints.

use serde_json::{json, Map};
use webhook_subscriptions::testing::{RecordedDelivery, RecordedRequest, Simulator};

/// Ratepay's token is valid as long as PandaDoc's, because this program may run for long.
const A_YEAR: std::time::Duration = std::time::Duration::from_secs(365 * 24 * 60 * 60);

/// Turns what happens into lines: into text, or into one JSON object each.
#[derive(Clone, Copy)]
pub struct Lines {
    pub json: bool,
}

impl Lines {
    /// The base URLs and the credentials. As text, an empty line ends them.
    pub fn started(self, simulator: &Simulator) -> String {
        let settings = settings(simulator);
        if self.json {
            let settings = settings.map(|(name, value)| (name.to_owned(), value.into()));
            return json!({"started": Map::from_iter(settings)}).to_string();
        }
        String::from_iter(settings.map(|(name, value)| format!("{name}={value}\n")))
    }

    pub fn request(self, request: &RecordedRequest) -> String {
        if !self.json {
            return request.to_string();
        }
        let request = json!({
            "method": request.method.as_str(),
            "path": request.path,
            "operation": request.operation.map(|operation| operation.id()),
            "status": request.status.map(|status| status.as_u16()),
            "fault": request.fault.map(|fault| fault.to_string()),
        });
        json!({ "request": request }).to_string()
    }

    pub fn delivery(self, delivery: &RecordedDelivery) -> String {
        if !self.json {
            return delivery.to_string();
        }
        let attempt = &delivery.attempt;
        let delivery = json!({
            "id": delivery.id,
            "provider": delivery.provider.to_string().to_lowercase(),
            "subscription": delivery.subscription,
            "event": delivery.event,
            "key_generation": attempt.key_generation,
            "status": attempt.status().map(|status| status.as_u16()),
            "failure": attempt.result.as_ref().err().map(ToString::to_string),
        });
        json!({ "delivery": delivery }).to_string()
    }
}

fn settings(simulator: &Simulator) -> impl Iterator<Item = (&'static str, String)> {
    let (pandadoc, ratepay) = (simulator.pandadoc(), simulator.ratepay());
    let secrets = [
        ("PANDADOC_API_KEY", pandadoc.api_key()),
        ("PANDADOC_SANDBOX_API_KEY", pandadoc.sandbox_api_key()),
        ("PANDADOC_MEMBER_API_KEY", pandadoc.member_api_key()),
        ("PANDADOC_CLIENT_SECRET", pandadoc.client_secret()),
        ("PANDADOC_REFRESH_TOKEN", pandadoc.refresh_token()),
        ("PANDADOC_ACCESS_TOKEN", pandadoc.access_token()),
        ("RATEPAY_CLIENT_SECRET", ratepay.client_secret()),
        ("RATEPAY_ACCESS_TOKEN", ratepay.access_token_for(A_YEAR)),
    ];
    let texts = [
        ("PANDADOC_BASE_URL", pandadoc.base_url().to_owned()),
        ("PANDADOC_CLIENT_ID", pandadoc.client_id()),
        ("RATEPAY_BASE_URL", ratepay.base_url().to_owned()),
        ("RATEPAY_CLIENT_ID", ratepay.client_id()),
    ];
    let secrets = secrets.map(|(name, secret)| (name, secret.expose_secret().to_owned()));
    texts.into_iter().chain(secrets)
}
