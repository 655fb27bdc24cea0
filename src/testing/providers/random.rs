//! Random ids and keys in each provider's form.
//!
//! Ids and keys don't come from the operating system's generator, because they protect nothing. A program
//! that seeds fastrand's generator of its thread gets the same ones with each start.

use std::iter::repeat_with;

use uuid::Uuid;

/// Returns a text in the form of PandaDoc's keys and workspace ids, by the examples of its document.
pub(super) fn base62(length: usize) -> String {
    repeat_with(fastrand::alphanumeric).take(length).collect()
}

/// Returns hexadecimal digits, the form of PandaDoc's API keys.
pub(super) fn hex(length: usize) -> String {
    let digit = || char::from_digit(fastrand::u32(..16), 16).unwrap_or('0');
    repeat_with(digit).take(length).collect()
}

/// Returns an id in the form of Ratepay's: its documentation calls them nanoids, of 20 characters.
pub(super) fn nanoid() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    let character = || char::from(ALPHABET[fastrand::usize(..ALPHABET.len())]);
    repeat_with(character).take(20).collect()
}

pub(super) fn uuid() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}
