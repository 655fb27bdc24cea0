//! A connection is cut anywhere in a swap. The record is the old one or the new one, and the store connects again.

use webhook_subscriptions::rotate::{Store, SwapError};

use crate::postgres::Server;
use crate::proxy::{Cut, Proxy, Then};
use crate::stores::{connect, in_time, record, version, SUBSCRIPTION};

/// The messages of a statement: Parse, Bind, Describe, Execute and Sync. The last one ends the transaction.
const MESSAGES: usize = 5;

/// Cuts the connection in the swap to this version. Returns the version that is stored then.
async fn version_after(to: u64, messages: usize, then: Then) -> u64 {
    let config = Server::shared().database().await;
    let proxy = Proxy::start(Server::shared().port()).await;
    let (direct, store) = (
        connect(&config).await,
        connect(&proxy.config(&config)).await,
    );
    direct.migrate().await.unwrap();
    for before in 1..to {
        direct.swap(SUBSCRIPTION, &record(before)).await.unwrap();
    }
    assert_eq!(version(&store).await, to - 1);

    proxy.cut(Cut {
        statement: "WITH stored",
        messages,
        then,
    });
    let swapped = in_time(store.swap(SUBSCRIPTION, &record(to))).await;
    let Err(SwapError::Failed(error)) = swapped else {
        panic!("{swapped:?}");
    };
    assert!(
        error.to_string().contains("may be stored or not"),
        "{error}"
    );
    let stored = direct.load(SUBSCRIPTION).await.unwrap();
    // The store that was cut off sees the same.
    assert_eq!(in_time(store.load(SUBSCRIPTION)).await.unwrap(), stored);
    let version = stored.as_ref().map_or(0, |stored| stored.version);
    assert_eq!(stored, (version > 0).then(|| record(version)));
    version
}

#[tokio::test]
async fn a_swap_that_was_cut_off_before_its_end_is_not_stored() {
    for to in [1, 2] {
        for messages in 0..MESSAGES {
            for then in [Then::Nothing, Then::HalfAMessage] {
                let version = version_after(to, messages, then).await;
                assert_eq!(version, to - 1, "{messages} messages");
            }
        }
    }
}

#[tokio::test]
async fn a_swap_whose_answer_was_lost_is_stored() {
    for to in [1, 2] {
        let version = version_after(to, MESSAGES, Then::LoseTheAnswer).await;
        assert_eq!(version, to);
    }
}

#[tokio::test]
async fn a_load_whose_connection_was_cut_is_made_again() {
    let config = Server::shared().database().await;
    let proxy = Proxy::start(Server::shared().port()).await;
    let store = connect(&proxy.config(&config)).await;
    store.migrate().await.unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    for messages in 0..=MESSAGES {
        proxy.cut(Cut {
            statement: "SELECT version, document",
            messages,
            then: Then::Nothing,
        });
        assert_eq!(version(&store).await, 1, "{messages} messages");
        assert_eq!(proxy.cuts(), messages + 1);
    }
}

#[tokio::test]
async fn a_database_that_hangs_is_an_error_within_seconds() {
    let config = Server::shared().database().await;
    let proxy = Proxy::start(Server::shared().port()).await;
    let store = connect(&proxy.config(&config)).await;
    store.migrate().await.unwrap();
    proxy.cut(Cut {
        statement: "SELECT version, document",
        messages: 1,
        then: Then::Hang,
    });
    let error = in_time(store.load(SUBSCRIPTION)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store of the rotation failed: the database didn't answer within 5s; a change may be stored or not; it \
         connects again by itself"
    );
    assert_eq!(version(&store).await, 0);
}
