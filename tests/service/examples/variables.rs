//! The example `rotate` rotates the keys that its variables name, says so first, and keeps them.

use std::fs;
use std::sync::{Arc, Mutex};

use webhook_subscriptions::Secret;

use super::rotate::timeline::Say;
use super::{lines, Subscriptions};

#[tokio::test]
async fn the_variables_of_both_services_rotate_both_keys_and_keep_them() {
    let subscriptions = Subscriptions::new().await;
    drop(subscriptions.pandadoc().await);
    drop(subscriptions.ratepay().await);
    let before = subscriptions.keys();
    let (_, say) = lines();
    subscriptions.rotate(say).await.unwrap();
    let after = subscriptions.keys();
    let keys = subscriptions.folder.path().join("keys");
    let kept = fs::read_dir(keys)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()));
    let kept = String::from_iter(kept.map(Result::unwrap));
    for (before, after) in before.iter().zip(&after) {
        let is_kept = |key: &Secret| kept.contains(key.expose_secret());
        assert!(before != after && is_kept(before) && is_kept(after));
    }
}

#[tokio::test]
async fn what_will_be_done_is_said_before_anything_is_changed() {
    let subscriptions = Arc::new(Subscriptions::new().await.without("RATEPAY"));
    drop(subscriptions.pandadoc().await);
    let changes = Arc::<Mutex<Vec<(String, u64)>>>::default();
    let (seen, at) = (changes.clone(), subscriptions.clone());
    let say: Say = Arc::new(move |line| seen.lock().unwrap().push((line.to_owned(), at.changes())));
    subscriptions.rotate(say).await.unwrap();
    let changes = changes.lock().unwrap();
    let said = changes
        .iter()
        .find(|(line, _)| line.contains("send one request for a new key"));
    assert_eq!((said.unwrap().1, subscriptions.changes()), (0, 1));
}

#[tokio::test]
async fn a_missing_variable_is_named_and_nothing_is_changed() {
    for (missing, error) in [
        ("RATEPAY_URL", "RATEPAY_URL isn't set; set it as well"),
        (
            "WEBHOOK_KEYS",
            "WEBHOOK_KEYS isn't set; set it to the folder where the keys are kept from now on",
        ),
    ] {
        let subscriptions = Subscriptions::new().await.without(missing);
        let (_, say) = lines();
        let run = subscriptions.rotate(say).await;
        assert_eq!((run, subscriptions.changes()), (Err(error.to_owned()), 0));
    }
}
