//! Reads the environment variables.

use std::env::VarError;
use std::error::Error;
use std::path::PathBuf;

use webhook_subscriptions::ratepay::types::SubscriptionRequest;
use webhook_subscriptions::ratepay::{Environment, SigningSecret};
use webhook_subscriptions::rotate::{
    FileStore, Rotatable, RotationBuilder, SealingKey, StartError,
};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::{pandadoc, ratepay, Rotation};

/// Reads an environment variable. Tests pass their own.
pub type Variables<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

type Read<T> = Result<T, Box<dyn Error>>;

/// The settings of a rotation, for each provider whose variables are set.
pub struct Settings {
    pub pandadoc: Option<RotationBuilder<PandaDoc>>,
    pub ratepay: Option<RotationBuilder<Ratepay>>,
    /// The folder with the keys, and the key that seals them.
    pub store: Option<(PathBuf, Option<SealingKey>)>,
}

impl Settings {
    /// Reads the variables, and changes nothing.
    pub fn read(variables: Variables<'_>) -> Read<Self> {
        Ok(Self {
            pandadoc: pandadoc(variables)?,
            ratepay: ratepay(variables)?,
            store: store(variables)?,
        })
    }
}

/// Starts a rotation whose record is in this store.
pub async fn start<S: Rotatable>(
    rotation: RotationBuilder<S>,
    store: FileStore,
    sealing_key: Option<SealingKey>,
) -> Result<Rotation<S>, StartError> {
    match sealing_key {
        Some(key) => rotation.store(store.sealed(key)).start().await,
        None => rotation.store(store).start().await,
    }
}

fn pandadoc(variables: Variables<'_>) -> Read<Option<RotationBuilder<PandaDoc>>> {
    let names = ["PANDADOC_API_KEY", "PANDADOC_SUBSCRIPTION_ID"];
    let Some([key, id]) = all_or_none(variables, names)? else {
        return Ok(None);
    };
    let mut client = pandadoc::Client::builder().api_key(key);
    if let Some(url) = optional(variables, "PANDADOC_BASE_URL")? {
        client = client.base_url(url);
    }
    let id = named("PANDADOC_SUBSCRIPTION_ID", id.parse())?;
    Ok(Some(Rotation::pandadoc(client.build()?, id)))
}

fn ratepay(variables: Variables<'_>) -> Read<Option<RotationBuilder<Ratepay>>> {
    let names = [
        "RATEPAY_ACCESS_TOKEN",
        "RATEPAY_SUBSCRIPTION_ID",
        "RATEPAY_URL",
        "RATEPAY_EVENT_TYPE",
        "RATEPAY_SECRET",
    ];
    let Some([token, id, url, event_type, secret]) = all_or_none(variables, names)? else {
        return Ok(None);
    };
    let environment = match optional(variables, "RATEPAY_ENVIRONMENT")?.as_deref() {
        Some("production") => Environment::Production,
        Some("integration") | None => Environment::Integration,
        _ => return Err("RATEPAY_ENVIRONMENT is neither `integration` nor `production`".into()),
    };
    // A token is valid for 30 minutes. A service that runs for longer gives `ratepay::oauth::ClientCredentials` as
    // `credential_source`.
    let mut client = ratepay::Client::builder()
        .environment(environment)
        .access_token(token);
    if let Some(url) = optional(variables, "RATEPAY_BASE_URL")? {
        client = client.base_url(url);
    }
    let id = named("RATEPAY_SUBSCRIPTION_ID", id.parse())?;
    let subscription = SubscriptionRequest {
        url: named("RATEPAY_URL", url.parse())?,
        event_type,
        secret: named("RATEPAY_SECRET", SigningSecret::new(secret))?,
    };
    let rotation = Rotation::ratepay(client.build()?, id, subscription);
    Ok(Some(rotation))
}

fn store(variables: Variables<'_>) -> Read<Option<(PathBuf, Option<SealingKey>)>> {
    let Some(folder) = optional(variables, "WEBHOOK_KEYS")? else {
        return Ok(None);
    };
    let key = optional(variables, "WEBHOOK_SEALING_KEY")?;
    let key = key.map(|key| named("WEBHOOK_SEALING_KEY", key.parse()));
    Ok(Some((folder.into(), key.transpose()?)))
}

/// Returns the values of these variables, or `None` if none is set.
fn all_or_none<const N: usize>(
    variables: Variables<'_>,
    names: [&str; N],
) -> Result<Option<[String; N]>, String> {
    let mut values = [const { String::new() }; N];
    let mut missing = Vec::new();
    for (value, name) in values.iter_mut().zip(names) {
        match optional(variables, name)? {
            Some(given) => *value = given,
            None => missing.push(name),
        }
    }
    match missing.first() {
        None => Ok(Some(values)),
        Some(_) if missing.len() == N => Ok(None),
        Some(name) => Err(format!("{name} isn't set; set it as well")),
    }
}

pub fn optional(variables: Variables<'_>, name: &str) -> Result<Option<String>, String> {
    match variables(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        // The value isn't printed, because it may be a key.
        Err(VarError::NotUnicode(_)) => Err(format!("{name} isn't UTF-8")),
    }
}

/// Adds the name of a variable to an error about its value.
fn named<T>(name: &str, value: Result<T, impl Error>) -> Result<T, String> {
    value.map_err(|error| format!("{name}: {error}"))
}
