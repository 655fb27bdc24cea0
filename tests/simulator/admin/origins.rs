//! A page of another origin can't drive the control API.

use super::World;
use reqwest::Method;
use webhook_subscriptions::testing::Simulator;

/// The status of a request with these headers, in which `HOST` stands for the address.
async fn status(world: &World, headers: &[(&str, &str)]) -> u16 {
    let (_, address) = world.simulator.base_url().split_once("//").unwrap();
    let mut request = world.request(Method::POST, "/__admin/reset");
    for (name, value) in headers {
        request = request.header(*name, value.replace("HOST", address));
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn only_requests_for_this_machine_from_pages_of_the_simulator_are_answered() {
    let world = World::new().await;
    for (headers, expected) in [
        (&[][..], 204),
        (&[("host", "localhost")], 204),
        (&[("host", "LocalHost:8080")], 204),
        (&[("host", "[::1]:8080")], 204),
        (&[("host", "192.0.2.1")], 204),
        (&[("origin", "http://HOST")], 204),
        // A name that its owner has pointed to this machine.
        (&[("host", "evil.example")], 403),
        (
            &[("host", "evil.example"), ("origin", "http://evil.example")],
            403,
        ),
        (&[("host", "localhost.evil.example")], 403),
        (&[("host", "localhost@evil.example")], 403),
        (&[("host", "")], 403),
        // Pages of other origins.
        (&[("origin", "http://evil.example")], 403),
        (&[("origin", "https://HOST")], 403),
        (&[("origin", "http://HOST.evil.example")], 403),
        (&[("origin", "http://localhost")], 403),
        (&[("origin", "null")], 403),
    ] {
        assert_eq!(status(&world, headers).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_name_that_the_simulator_was_told_is_allowed_and_no_other() {
    let mut world = World::new().await;
    let simulator = Simulator::builder().admin_host("simulator");
    world.simulator = simulator.start().await.unwrap();
    let hosts = ["simulator", "simulator.example"].map(|name| [("host", name)]);
    let statuses = [
        status(&world, &hosts[0]).await,
        status(&world, &hosts[1]).await,
    ];
    assert_eq!(statuses, [204, 403]);
}

#[tokio::test]
async fn no_answer_allows_a_page_of_another_origin_to_read_it() {
    let world = World::new().await;
    for (method, path) in [(Method::GET, "health"), (Method::OPTIONS, "reset")] {
        let request = world.request(method, &format!("/__admin/{path}"));
        let answer = request.header("origin", "http://evil.example").send().await;
        let answer = answer.unwrap();
        let mut headers = answer.headers().keys();
        let cors = headers.find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!((answer.status().as_u16(), cors), (403, None));
    }
}

#[tokio::test]
async fn the_providers_answer_whatever_the_host_is() {
    let world = World::new().await;
    let request = world.request(Method::GET, "/public/v1/webhook-subscriptions");
    let answer = request.header("host", "api.pandadoc.com").send().await;
    assert_eq!(answer.unwrap().status(), 401);
}
