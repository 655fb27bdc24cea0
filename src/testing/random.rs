//! Ids and keys in the form that each provider gives them.
//!
//! Not from the operating system's generator: nothing here guards anything.

use std::iter::repeat_with;

use uuid::Uuid;

/// The form of PandaDoc's keys and workspace ids, by the examples of its published document.
pub(super) fn base62(length: usize) -> String {
    repeat_with(fastrand::alphanumeric).take(length).collect()
}

/// The form of Ratepay's ids: its documentation calls them nanoids, of 20 characters.
pub(super) fn nanoid() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    let character = || char::from(ALPHABET[fastrand::usize(..ALPHABET.len())]);
    repeat_with(character).take(20).collect()
}

pub(super) fn uuid() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}
