//! How a document says that a client shows who it is.

use openapiv3::{OpenAPI, SecurityRequirement, SecurityScheme};
use serde_json::json;

/// What a client may show of itself, each way with where it goes.
pub fn credentials(
    openapi: &OpenAPI,
    requirements: Option<&Vec<SecurityRequirement>>,
) -> Vec<String> {
    let schemes = openapi.components.as_ref().map(|all| &all.security_schemes);
    let scheme = |name: &String| match schemes?.get(name)?.as_item()? {
        SecurityScheme::APIKey { location, name, .. } => Some(format!(
            "{} {name}",
            json!(location).as_str().unwrap_or_default()
        )),
        SecurityScheme::HTTP { scheme, .. } => Some(format!("http {scheme}")),
        SecurityScheme::OAuth2 { .. } => Some("OAuth 2.0".to_owned()),
        SecurityScheme::OpenIDConnect { .. } => Some("OpenID Connect".to_owned()),
    };
    let described = |name: &String| match scheme(name) {
        Some(scheme) => format!("{name} ({scheme})"),
        None => name.clone(),
    };
    let requirements = requirements.into_iter().flatten();
    requirements
        .map(|requirement| {
            let schemes: Vec<_> = requirement.keys().map(described).collect();
            match schemes.is_empty() {
                true => "credential none".to_owned(),
                false => format!("credential {}", schemes.join(" and ")),
            }
        })
        .collect()
}
