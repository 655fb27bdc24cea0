//! The provider's own explanation of an error reaches the caller, in every shape that its documents allow.

use std::collections::BTreeMap;

use crate::support::{response, Operation};
use webhook_subscriptions::Problem;

async fn problem(status: u16, body: &str) -> Problem {
    Operation::SharedKey
        .error(response(status, &[], body))
        .await
        .problem()
}

/// A 403 as PandaDoc documents it, `links` and all.
async fn permission_error() -> Problem {
    let body = r#"{
        "type": "permissions_error",
        "detail": "You do not have permission to perform this action.",
        "info_message": "Ask an admin of the workspace.",
        "links": [
            {"rel": "status", "href": "https://api.pandadoc.com/public/v1/documents/1", "type": "POST"},
            {"rel": "help", "href": "https://developers.pandadoc.com/"},
            "no link"
        ]
    }"#;
    problem(403, body).await
}

#[tokio::test]
async fn pandadocs_type_is_the_name() {
    assert_eq!(permission_error().await.name(), Some("permissions_error"));
}

#[tokio::test]
async fn pandadocs_detail_is_the_message() {
    let expected = "You do not have permission to perform this action.";
    assert_eq!(permission_error().await.message(), Some(expected));
}

#[tokio::test]
async fn pandadocs_info_message_is_there() {
    let expected = Some("Ask an admin of the workspace.");
    assert_eq!(permission_error().await.info_message(), expected);
}

#[tokio::test]
async fn every_link_is_there() {
    let problem = permission_error().await;
    let links: Vec<_> = problem
        .links()
        .iter()
        .map(|link| (link.rel(), link.href(), link.method()))
        .collect();
    let expected = [
        (
            Some("status"),
            Some("https://api.pandadoc.com/public/v1/documents/1"),
            Some("POST"),
        ),
        (Some("help"), Some("https://developers.pandadoc.com/"), None),
    ];
    assert_eq!(links, expected);
}

#[tokio::test]
async fn a_detail_that_is_an_object_is_messages_per_field() {
    let body = r#"{"type":"request_error","detail":{"url":["Enter a valid URL.","Too long."],"name":"Required.","n":7}}"#;
    let expected = BTreeMap::from([
        (
            "url".to_owned(),
            vec!["Enter a valid URL.".to_owned(), "Too long.".to_owned()],
        ),
        ("name".to_owned(), vec!["Required.".to_owned()]),
        ("n".to_owned(), vec!["7".to_owned()]),
    ]);
    assert_eq!(problem(400, body).await.fields(), &expected);
}

#[tokio::test]
async fn ratepays_name_and_message_are_there() {
    let body = r#"{"name":"ValidationError","message":"Error while validating the JWT token."}"#;
    let headers = [("content-type", "application/problem+json")];
    let problem = Operation::Subscription
        .error(response(400, &headers, body))
        .await
        .problem();
    let expected = (
        Some("ValidationError"),
        Some("Error while validating the JWT token."),
    );
    assert_eq!((problem.name(), problem.message()), expected);
}

#[tokio::test]
async fn a_message_alone_is_there() {
    let problem = problem(405, r#"{"message":"Method not allowed"}"#).await;
    assert_eq!(
        (problem.name(), problem.message()),
        (None, Some("Method not allowed"))
    );
}

#[tokio::test]
async fn members_of_another_kind_are_as_if_absent() {
    let body = r#"{"type":1,"detail":[2],"info_message":{},"links":"none"}"#;
    assert_eq!(problem(403, body).await, Problem::default());
}
