//! What the generator makes of two editions, item by item: the last word on whether a change can be seen
//! in Rust.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::Change;
use super::verdict::Verdict;

/// The differences between two generated sources that no change above documentation speaks of.
pub fn unjudged(old: &str, new: &str, changes: &[Change]) -> Vec<Change> {
    let (old, new) = (items(old), items(new));
    let judged: BTreeSet<_> = changes
        .iter()
        .filter(|change| change.verdict > Verdict::Documentation)
        .filter_map(|change| change.place.first())
        .map(|whole| name(whole))
        .collect();
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|item| old.get(*item) != new.get(*item))
        .filter(|item| !judged.contains(&name(item)))
        .map(|item| Change {
            verdict: Verdict::Breaking,
            place: vec![item.clone()],
            what: "is generated in another form".to_owned(),
        })
        .collect()
}

/// A name as documents and Rust both have it.
fn name(item: &str) -> String {
    let name = item.rsplit(' ').next().unwrap_or_default();
    name.replace('_', "").to_lowercase()
}

/// Each type and each method, with its definition.
fn items(source: &str) -> BTreeMap<String, String> {
    let source = without_texts(source).replace("# [doc = ]", "");
    let mut items = BTreeMap::new();
    for (keyword, kind, end) in [
        ("pub struct ", "type", "}"),
        ("pub enum ", "type", "}"),
        ("pub async fn ", "operation", "{"),
    ] {
        for rest in source.split(keyword).skip(1) {
            let name = rest.split([' ', '<', '(']).next().unwrap_or_default();
            // A type without members in braces ends with a semicolon.
            let ends = [rest.find(end), rest.find(';')];
            let end = ends.into_iter().flatten().min().unwrap_or(rest.len());
            let words: Vec<_> = rest[..end].split_whitespace().collect();
            items.insert(format!("{kind} {name}"), words.join(" "));
        }
    }
    items
}

/// The source with every text in quotes left out, that of documentation among them.
fn without_texts(source: &str) -> String {
    let mut without = String::new();
    let mut characters = source.chars();
    let mut in_text = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' if in_text => {
                characters.next();
            }
            '"' => in_text = !in_text,
            other if !in_text => without.push(other),
            _ => {}
        }
    }
    without
}
