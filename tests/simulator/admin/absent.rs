//! A simulator has no control API unless it is asked for one.

use crate::receiver::simulator;

#[tokio::test]
async fn without_the_control_api_its_paths_are_unknown_to_pandadoc_like_any_other() {
    let simulator = simulator().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in [
        "/__admin",
        "/__admin/",
        "/__admin/health",
        "/__admin/requests",
    ] {
        let answer = client.get(format!("{}{path}", simulator.base_url()));
        let (status, body) = super::status_and_json(answer.send().await.unwrap()).await;
        assert_eq!(
            (status, body["type"].as_str()),
            (404, Some("request_error"))
        );
    }
}
