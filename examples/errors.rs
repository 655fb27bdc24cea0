//! Shows a 403 and a 429 as a caller sees them, in a simulator of PandaDoc.
//!
//! ```text
//! cargo run --example errors
//! ```

use uuid::Uuid;
use webhook_subscriptions::testing::{Fault, Simulator};
use webhook_subscriptions::{pandadoc, RetryPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start().await?;
    let server = simulator.pandadoc();
    let id = server.add_subscription(&"https://shop.example/hooks".parse()?);
    let key = server.shared_key(&id);

    println!("Regenerating the key with the API key of a member without the permission");
    let member = server.client_builder().api_key(server.member_api_key());
    show_failure(&member.build()?, &id).await;

    println!("Regenerating the key while the rate limit is exceeded");
    simulator.inject(Fault::too_many_requests(Some(30.into())));
    show_failure(&server.client_builder().build()?, &id).await;

    println!(
        "PandaDoc still has the same key: {}",
        server.shared_key(&id) == key
    );
    Ok(())
}

/// Shows what an error tells a caller.
///
/// The call isn't retried; otherwise the client would wait as long as the server asks.
async fn show_failure(client: &pandadoc::Client, id: &Uuid) {
    let client = client.with_retry(RetryPolicy::none());
    let Err(error) = client.update_webhook_subscription_shared_key(id).await else {
        println!("  the call succeeded, but a failure was expected");
        return;
    };
    println!("  {error}");
    println!("  outcome:      {:?}", error.outcome());
    if let Some(wait) = error.retry_after() {
        println!("  retry after:  {} s", wait.as_secs());
    }
    let problem = error.problem();
    println!("  name:         {}", problem.name().unwrap_or("none"));
    println!("  message:      {}", problem.message().unwrap_or("none"));
    if let Some(info) = problem.info_message() {
        println!("  info message: {info}");
    }
    for link in problem.links() {
        let method = link.method().unwrap_or("GET");
        println!("  link:         {method} {}", link.href().unwrap_or("none"));
    }
    println!();
}
