//! Verification goes on without an error while the keys of the ring are replaced.
//!
//! `arc-swap` promises that no reader takes a lock or waits for the writer. That isn't tested here.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::UNIX_EPOCH;

use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey};
use webhook_subscriptions::Secret;

const SWAPS: usize = 100_000;
const READERS: usize = 4;
const BODY: &[u8] = b"[]";

#[test]
fn readers_verify_while_a_writer_swaps_100_000_times() {
    let key = |text: &str| Key::<PandaDoc>::new(Secret::from(text)).unwrap();
    let [old, now, next] = ["old", "now", "next"].map(key);
    let signature = now.sign(BODY);
    // The key that signs is in both rings, at another place and beside another key.
    let rings = [
        [RingKey::new("now", now.clone()), RingKey::new("old", old)],
        [RingKey::new("next", next), RingKey::new("now", now)],
    ];
    let ring = KeyRing::new(rings[0].clone()).unwrap();
    let swapped = AtomicBool::new(false);
    let reading = AtomicUsize::new(0);

    let verified = thread::scope(|scope| {
        let readers = [(); READERS].map(|()| {
            scope.spawn(|| {
                let mut verified = 0_usize;
                while !swapped.load(Ordering::Acquire) {
                    let result = ring.verify(BODY, &signature, UNIX_EPOCH);
                    assert_eq!(result.unwrap().key_id(), "now");
                    verified += 1;
                    if verified == 1 {
                        reading.fetch_add(1, Ordering::Release);
                    }
                }
                verified
            })
        });
        // Every reader is at work before the first swap.
        while reading.load(Ordering::Acquire) < READERS {
            assert!(!readers.iter().any(|reader| reader.is_finished()));
            thread::yield_now();
        }
        for number in 0..SWAPS {
            ring.replace(rings[number % 2].clone()).unwrap();
        }
        swapped.store(true, Ordering::Release);
        readers.map(|reader| reader.join().expect("a reader without an error"))
    });
    assert!(verified.iter().all(|&count| count > 1), "{verified:?}");
}
