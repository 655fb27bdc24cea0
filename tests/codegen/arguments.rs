//! A public function takes three arguments at the most, beside `self`: more can be swapped at the call.
//!
//! Functions are read from tokens, so those of macros count too.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{FnArg, Token};

use crate::layers::{generated, sources};

/// The most arguments of a public function.
const MOST: usize = 3;

/// Returns each `pub fn` in these tokens that takes too many arguments, or arguments that can't be read.
fn with_many(tokens: TokenStream) -> Vec<String> {
    let tokens = Vec::from_iter(tokens);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => found.extend(with_many(group.stream())),
            TokenTree::Ident(word) if word == "pub" => {
                if let Some((name, arguments)) = function(&tokens[index + 1..]) {
                    if count(arguments).is_none_or(|count| count > MOST) {
                        found.push(name);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Returns the name and the arguments of the function that these tokens begin.
fn function(tokens: &[TokenTree]) -> Option<(String, TokenStream)> {
    match tokens {
        [TokenTree::Ident(word), rest @ ..] if word == "async" || word == "const" => function(rest),
        [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..] if word == "fn" => {
            Some((name.to_string(), arguments(rest)?))
        }
        _ => None,
    }
}

/// Returns the arguments that follow the name of a function and its generic parameters.
fn arguments(tokens: &[TokenTree]) -> Option<TokenStream> {
    let (mut depth, mut before) = (0, ' ');
    for token in tokens {
        match token {
            TokenTree::Group(group)
                if depth == 0 && group.delimiter() == Delimiter::Parenthesis =>
            {
                return Some(group.stream());
            }
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => depth += 1,
                    '>' if before != '-' => depth -= 1,
                    _ => {}
                }
                before = punct.as_char();
            }
            _ => before = ' ',
        }
    }
    None
}

/// Counts arguments other than `self`. In a macro, `$crate` stands for a path.
fn count(arguments: TokenStream) -> Option<usize> {
    let is_dollar =
        |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == '$');
    let arguments = arguments.into_iter().filter(|token| !is_dollar(token));
    let parser = Punctuated::<FnArg, Token![,]>::parse_terminated;
    let arguments = parser.parse2(arguments.collect()).ok()?;
    let typed = arguments.iter().filter(|it| matches!(it, FnArg::Typed(_)));
    Some(typed.count())
}

#[test]
fn no_public_function_takes_more_than_three_arguments() {
    let mut found = Vec::new();
    for (module, tokens) in sources().into_iter().chain(generated()) {
        let module = module.join("::");
        let many = with_many(tokens).into_iter();
        found.extend(many.map(|name| format!("{module}::{name}")));
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_function_is_found_wherever_it_stands_and_its_arguments_are_counted() {
    for (source, expected) in [
        ("pub fn many(a: A, b: B, c: C, d: D) {}", vec!["many"]),
        (
            "impl A { pub async fn many(&self, a: A, b: B, c: C, d: D) {} }",
            vec!["many"],
        ),
        (
            "m! { pub const fn many<F: Fn(A) -> B>(a: $crate::A, b: B, c: C, d: D,) {} }",
            vec!["many"],
        ),
        (
            "impl A { pub fn few(self, a: M<A, B>, (b, c): (B, C), d: impl Fn(A, B)) {} }",
            vec![],
        ),
        ("pub(crate) fn private(a: A, b: B, c: C, d: D) {}", vec![]),
    ] {
        assert_eq!(with_many(source.parse().unwrap()), expected, "{source}");
    }
}
