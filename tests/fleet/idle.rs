//! A replica that has nothing to do hardly costs anything, however many records it follows.

use std::time::Duration;

use tokio::time::sleep;
use webhook_subscriptions::rotate::Store;

use crate::postgres::Server;
use crate::proxy::Proxy;
use crate::stores::connect;

#[tokio::test]
async fn it_sends_one_statement_in_five_seconds() {
    let config = Server::shared().database().await;
    let proxy = Proxy::start(Server::shared().port()).await;
    let store = connect(&proxy.config(&config)).await;
    store.migrate().await.unwrap();
    for number in 0..50 {
        let (name, store) = (format!("ratepay-{number}"), store.clone());
        store.acknowledge(&name, 0).await.unwrap();
        tokio::spawn(async move { store.changed(&name, 0).await });
    }
    // The start is over.
    sleep(Duration::from_secs(6)).await;
    let before = proxy.statements();
    sleep(Duration::from_secs(10)).await;
    let sent = proxy.statements() - before;
    assert!((1..=3).contains(&sent), "{sent} statements");
}
