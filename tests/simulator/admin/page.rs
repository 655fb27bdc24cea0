//! The page needs nothing but the simulator, and allows nothing else.

use super::World;
use reqwest::Method;

#[tokio::test]
async fn the_page_has_a_policy_that_allows_its_own_script_and_style_only() {
    let world = World::new().await;
    let answer = world
        .request(Method::GET, "/__admin/")
        .send()
        .await
        .unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    let mut directives = Vec::from_iter(policy.split("; ").map(|directive| {
        let (name, source) = directive.split_once(' ').unwrap();
        (name, source.split('-').next().unwrap())
    }));
    directives.sort_unstable();
    assert_eq!(
        directives,
        [
            ("base-uri", "'none'"),
            ("connect-src", "'self'"),
            ("default-src", "'none'"),
            ("form-action", "'none'"),
            ("frame-ancestors", "'none'"),
            ("img-src", "data:"),
            ("script-src", "'sha256"),
            ("style-src", "'sha256"),
        ]
    );
}

#[tokio::test]
async fn the_path_without_a_slash_leads_to_the_page() {
    let world = World::new().await;
    let answer = world.request(Method::GET, "/__admin").send().await.unwrap();
    let content_type = answer.headers()["content-type"].clone();
    assert_eq!(
        (answer.url().path(), content_type.to_str().unwrap()),
        ("/__admin/", "text/html; charset=utf-8")
    );
}
