//! The example `rotation` shows an operator a rotation, changes it once the service has ended, and prints no key.

use super::Subscriptions;

#[tokio::test]
async fn the_status_and_the_plan_are_json_while_the_service_uses_the_folder() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    let _service = subscriptions.pandadoc().await;
    for (command, phase) in [("status", "steady"), ("plan", "steady")] {
        let told = subscriptions.rotation(&[command, "--json"]).await.unwrap();
        let json: serde_json::Value = serde_json::from_str(&told.text).unwrap();
        assert_eq!(json["phase"], phase);
    }
}

#[tokio::test]
async fn a_change_is_refused_while_the_service_uses_the_folder() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    let _service = subscriptions.pandadoc().await;
    for arguments in [&["now"][..], &["resume"], &["revoke", "1"]] {
        let error = subscriptions.rotation(arguments).await.err().unwrap();
        assert!(error.contains("is in use"), "{error}");
        assert!(
            error.contains("have it call `rotate_now`, `resume` or `revoke`"),
            "{error}"
        );
    }
    assert_eq!(subscriptions.changes(), 0);
}

#[tokio::test]
async fn an_operator_rotates_and_revokes_once_the_service_has_ended() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    drop(subscriptions.pandadoc().await);
    for (arguments, text) in [
        (&["now"][..], "rotated: key 2 is the current one"),
        (
            &["revoke", "1"],
            "revoked: key 1; no request was needed, because there is a newer key\nkey 1 is no longer accepted",
        ),
    ] {
        let told = subscriptions.rotation(arguments).await.unwrap();
        assert_eq!((told.text.as_str(), told.is_success), (text, true));
    }
}

#[tokio::test]
async fn the_end_of_a_command_is_json() {
    let subscriptions = Subscriptions::new().await.without("PANDADOC");
    drop(subscriptions.ratepay().await);
    let told = subscriptions.rotation(&["--json", "now"]).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"ended": "rotated", "generation": 2})
    );
}

#[tokio::test]
async fn an_operator_is_shown_no_key() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    drop(subscriptions.pandadoc().await);
    let before = subscriptions.keys();
    let mut told = String::new();
    for arguments in [["now"], ["status"], ["plan"]] {
        told += &subscriptions.rotation(&arguments).await.unwrap().text;
        told += &subscriptions
            .rotation(&["--json", arguments[0]])
            .await
            .unwrap()
            .text;
    }
    let keys = before.into_iter().chain(subscriptions.keys());
    let mut shown = keys.filter(|key| told.contains(key.expose_secret()));
    assert_eq!(shown.next(), None);
}

#[tokio::test]
async fn wrong_arguments_of_an_operator_are_named_and_answered_with_the_usage() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    for (arguments, wrong) in [
        (&[][..], "a command is missing"),
        (&["rotate"], "`rotate` isn't a command"),
        (&["status", "all"], "`status all` isn't a command"),
        (&["revoke"], "`revoke` isn't a command"),
        (
            &["revoke", "two"],
            "`two` isn't the number of a key, such as 3; `status` shows them",
        ),
    ] {
        let error = subscriptions.rotation(arguments).await.err().unwrap();
        let usage = format!("{wrong}\n\nusage: rotation [--json] COMMAND");
        assert!(error.starts_with(&usage), "{error}");
    }
}

#[tokio::test]
async fn an_operator_names_exactly_one_provider() {
    let both = Subscriptions::new().await;
    let none = Subscriptions::new()
        .await
        .without("RATEPAY")
        .without("PANDADOC");
    for (subscriptions, wrong) in [
        (both, "the variables of both providers are set"),
        (none, "the variables of no provider are set"),
    ] {
        let error = subscriptions.rotation(&["status"]).await.err().unwrap();
        assert!(error.starts_with(wrong), "{error}");
    }
}

#[tokio::test]
async fn a_folder_without_a_record_is_named() {
    let subscriptions = Subscriptions::new().await.without("RATEPAY");
    let error = subscriptions.rotation(&["status"]).await.err().unwrap();
    assert!(error.contains("start the service first"), "{error}");
}
