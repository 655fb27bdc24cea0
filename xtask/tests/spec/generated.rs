//! The generated source shows changes that no line about the document explains.

use xtask::changes::Change;
use xtask::generated::unexplained;
use xtask::verdict::Verdict::{self, Additive, Breaking, Documentation};

/// Returns the lines about two sources after changes at these places.
fn lines(old: &str, new: &str, changes: &[(Verdict, &[&str])]) -> Vec<String> {
    let changes: Vec<_> = changes
        .iter()
        .map(|(verdict, place)| Change {
            verdict: *verdict,
            place: place.iter().map(|part| (*part).to_owned()).collect(),
            what: "differs".to_owned(),
        })
        .collect();
    let lines = unexplained(old, new, &changes);
    lines.iter().map(ToString::to_string).collect()
}

const NONE: [&str; 0] = [];
const THING: [&str; 2] = [
    "pub struct Thing { pub a : u8 }",
    "pub struct Thing { pub a : u16 }",
];
const METHOD: [&str; 2] = [
    "impl Client { pub async fn do_it(&self) -> u8 {} }",
    "impl Client { pub async fn do_it(&self) -> u16 {} }",
];

#[test]
fn a_type_in_another_form_without_an_explanation_breaks() {
    let [old, new] = THING;
    let expected = ["breaking       type Thing: is generated in another form"];
    assert_eq!(lines(old, new, &[]), expected);
}

#[test]
fn a_method_in_another_form_without_an_explanation_breaks() {
    let [old, new] = METHOD;
    let expected = ["breaking       operation do_it: is generated in another form"];
    assert_eq!(lines(old, new, &[]), expected);
}

#[test]
fn only_a_line_about_the_same_item_is_an_explanation() {
    let explained = |[old, new]: [&str; 2], change| lines(old, new, &[change]).is_empty();
    for (source, change, expected) in [
        (THING, (Additive, &["type Thing"][..]), true),
        (THING, (Breaking, &["type Thing", "member a"]), true),
        (THING, (Documentation, &["type Thing", "member a"]), false),
        (THING, (Breaking, &["operation thing"]), false),
        (METHOD, (Breaking, &["operation doIt"]), true),
        (METHOD, (Breaking, &["type DoIt"]), false),
        (
            METHOD,
            (Breaking, &["operation doIt", "credentials"]),
            false,
        ),
        (METHOD, (Breaking, &["operation doIt", "error 404"]), false),
    ] {
        assert_eq!(explained(source, change), expected, "{source:?} {change:?}");
    }
}

#[test]
fn a_request_struct_is_explained_by_its_operation() {
    let [old, new] = THING.map(|source| source.replace("Thing", "DoItRequest"));
    let change = (Additive, &["operation doIt", "query b"][..]);
    assert_eq!(lines(&old, &new, &[change]), NONE);
}

#[test]
fn a_private_method_is_ignored() {
    let [old, new] = METHOD.map(|source| source.replace("pub ", ""));
    assert_eq!(lines(&old, &new, &[]), NONE);
}

#[test]
fn a_type_in_other_words_has_no_other_form() {
    let old = r#"pub struct Thing { # [doc = "One } \" two"] pub a : u8 }"#;
    let new = "pub struct Thing {  pub a : u8 }";
    assert_eq!(lines(old, new, &[]), NONE);
}

#[test]
fn a_type_that_only_prose_defines_is_ignored() {
    let old = r#"pub struct Thing { # [doc = "pub struct Thing { pub a : u8 }"] pub a : u16 }"#;
    let new = r#"pub struct Thing { # [doc = "pub struct Other { }"] pub a : u16 }"#;
    assert_eq!(lines(old, new, &[]), NONE);
}
