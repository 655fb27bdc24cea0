//! Gives the methods of a client the form that users see.
//!
//! Progenitor's methods name a generic error, send the version of the document in a header that neither provider asks
//! for, and take any number of arguments. `listWebhookEvent` of PandaDoc has seven.

use heck::{ToPascalCase, ToSnakeCase};
use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{
    parse_quote, Attribute, Expr, ExprLit, Field, File, FnArg, Ident, ImplItem, ImplItemFn, Item,
    Lit, Pat, ReturnType, Stmt, Type, Visibility,
};

use super::super::examples::example;
use super::super::fault::Fault;
use super::super::schema::{items, operations, text, Found};
use super::constructors::request;
use super::source::{add_types, argument, ident, is_client, is_named, parsed};

/// How many arguments a method may take.
pub const ARGUMENTS: usize = 3;

/// Rewrites the methods of the client, and adds the requests that some of them take to the module `types`.
pub fn rewrite(prepared: &Value, client: &mut File) -> Result<(), Fault> {
    let operations = operations(prepared);
    let mut requests = Vec::new();
    for block in blocks(client) {
        let mut rewritten = Vec::new();
        for item in std::mem::take(block) {
            let ImplItem::Fn(mut method) = item else {
                rewritten.push(item);
                continue;
            };
            let name = method.sig.ident.to_string();
            if method.sig.asyncness.is_none() {
                // Users have `builder()`. Without it they cannot make what these take.
                if name == "new_with_client" {
                    method.vis = parse_quote!(pub(crate));
                    rewritten.push(ImplItem::Fn(method));
                }
                continue;
            }
            return_our_error(&mut method);
            send_no_version(&mut method);
            let operation = operations
                .iter()
                .find(|found| found.id().to_snake_case() == name);
            match operation {
                // The first input is `self`.
                Some(operation) if method.sig.inputs.len() > ARGUMENTS + 1 => {
                    let [positional, public] = take_request(operation, method, &mut requests)
                        .map_err(|fault| fault.in_operation(operation.id()))?;
                    rewritten.extend([public, positional].map(ImplItem::Fn));
                }
                _ => rewritten.push(ImplItem::Fn(method)),
            }
        }
        *block = rewritten;
    }
    if !requests.is_empty() {
        // The types of arguments are named as the methods name them.
        requests.push(parse_quote!(
            use super::types;
        ));
    }
    add_types(client, requests);
    Ok(())
}

/// Appends an example to the documentation of every operation that has one. It is the only part of a document's
/// source that `cargo test` compiles; see `without_doctests`.
pub fn add_examples(client: &mut File, module: &str) {
    for item in blocks(client).into_iter().flatten() {
        if let ImplItem::Fn(method) = item {
            if let Some(example) = example(module, &method.sig.ident.to_string()) {
                let documentation = format!("\n# Example\n\n```no_run\n{example}```");
                let lines = documentation.lines().map(|line| format!(" {line}"));
                let lines = lines.map(|line| -> Attribute { parse_quote!(#[doc = #line]) });
                method.attrs.extend(lines);
            }
        }
    }
}

fn blocks(client: &mut File) -> Vec<&mut Vec<ImplItem>> {
    let blocks = client.items.iter_mut().filter_map(|item| match item {
        Item::Impl(block) if is_client(block) => Some(&mut block.items),
        _ => None,
    });
    blocks.collect()
}

fn return_our_error(method: &mut ImplItemFn) {
    let ReturnType::Type(_, returned) = &method.sig.output else {
        return;
    };
    let Some(answer) = argument(returned, "Result") else {
        return;
    };
    method.sig.output = parse_quote!(-> Result<#answer, crate::Error>);
}

/// Removes the header `api-version`, and the map for headers if nothing else is in it.
fn send_no_version(method: &mut ImplItemFn) {
    let statements = &mut method.block.stmts;
    statements.retain(|statement| !is_version(statement));
    let declares_headers =
        |statement: &Stmt| matches!(statement, Stmt::Local(local) if is_headers(&local.pat));
    let uses = statements
        .iter()
        .filter(|statement| names_headers(quote!(#statement)));
    // It is declared, and passed to the request.
    if uses.count() == 2 {
        statements.retain(|statement| !declares_headers(statement));
        for statement in statements {
            if let Stmt::Local(local) = statement {
                if let Some(init) = &mut local.init {
                    pass_no_headers(&mut init.expr);
                }
            }
        }
    }
}

fn is_headers(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Ident(name) if name.ident == "header_map")
}

fn names_headers(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "header_map",
        TokenTree::Group(group) => names_headers(group.stream()),
        _ => false,
    })
}

/// Tells whether the statement is `header_map.append(HeaderName::from_static("api-version"), …)`.
fn is_version(statement: &Stmt) -> bool {
    let Stmt::Expr(Expr::MethodCall(append), _) = statement else {
        return false;
    };
    let Some(Expr::Call(name)) = append.args.first() else {
        return false;
    };
    let is_version =
        |literal: &ExprLit| matches!(&literal.lit, Lit::Str(text) if text.value() == "api-version");
    append.method == "append"
        && matches!(name.args.first(), Some(Expr::Lit(literal)) if is_version(literal))
}

fn pass_no_headers(expression: &mut Expr) {
    match expression {
        Expr::MethodCall(call) if call.method == "headers" => {
            *expression = (*call.receiver).clone()
        }
        Expr::MethodCall(call) => pass_no_headers(&mut call.receiver),
        Expr::Try(attempt) => pass_no_headers(&mut attempt.expr),
        _ => {}
    }
}

/// Makes the method private, and returns it with a public one that takes its arguments as one struct. The struct may gain
/// optional members without breaking callers.
fn take_request(
    operation: &Found,
    mut positional: ImplItemFn,
    requests: &mut Vec<Item>,
) -> Result<[ImplItemFn; 2], Fault> {
    let name = positional.sig.ident.clone();
    let private = format_ident!("{name}_by_position");
    let request_name = ident(&format!("{}Request", operation.id().to_pascal_case()))?;
    let arguments: Vec<_> = positional
        .sig
        .inputs
        .iter()
        .filter_map(Argument::of)
        .collect();
    let fields: Vec<_> = arguments
        .iter()
        .map(|argument| argument.field(operation))
        .collect();
    let is_optional = |field: &&Field| argument(&field.ty, "Option").is_some();
    let (optional, required): (Vec<_>, Vec<_>) = fields.iter().partition(is_optional);
    let documentation = format!("The arguments of [`{name}`](super::Client::{name}).");
    requests.push(parsed(quote! {
        #[doc = #documentation]
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct #request_name {
            #(#fields,)*
        }
    })?);
    requests.push(request(&request_name, &required, &optional)?);
    let passed = arguments.iter().map(Argument::passed);
    let output = &positional.sig.output;
    let documentation = documentation_of(operation);
    let public = parse_quote! {
        #[doc = #documentation]
        pub async fn #name(&self, request: &types::#request_name) #output {
            self.#private(#(#passed),*).await
        }
    };
    positional.vis = Visibility::Inherited;
    positional.sig.ident = private;
    positional.attrs = vec![parse_quote!(#[allow(clippy::too_many_arguments)])];
    Ok([positional, public])
}

/// Writes the documentation as progenitor does, without its list of arguments.
fn documentation_of(operation: &Found) -> String {
    let prose = ["summary", "description"];
    let prose = prose
        .iter()
        .filter_map(|name| text(operation.operation, name));
    let prose: String = prose.map(|text| format!("{}\n\n", text.trim())).collect();
    let (method, path) = (operation.method.to_uppercase(), operation.path);
    format!("{prose}Sends a `{method}` request to `{path}`")
}

/// An argument of a generated method.
struct Argument {
    name: Ident,
    /// The type of a value that the struct owns.
    owned: Type,
    is_optional: bool,
    is_text: bool,
    is_borrowed: bool,
}

impl Argument {
    fn of(input: &FnArg) -> Option<Self> {
        let FnArg::Typed(input) = input else {
            return None;
        };
        let Pat::Ident(name) = &*input.pat else {
            return None;
        };
        let inside = argument(&input.ty, "Option");
        let value = inside.unwrap_or(&input.ty);
        let value = match value {
            Type::Reference(reference) => &reference.elem,
            value => value,
        };
        let is_text = is_named(value, "str");
        Some(Self {
            name: name.ident.clone(),
            owned: match is_text {
                true => parse_quote!(::std::string::String),
                false => value.clone(),
            },
            is_optional: inside.is_some(),
            is_text,
            is_borrowed: matches!(inside.unwrap_or(&input.ty), Type::Reference(_)),
        })
    }

    fn field(&self, operation: &Found) -> Field {
        let (name, owned) = (&self.name, &self.owned);
        let of_argument = |parameter: &&Value| {
            let named = text(parameter, "name").unwrap_or_default().to_snake_case();
            name == named.as_str() || *name == format!("{named}_")
        };
        let mut parameters = items(operation.operation, "parameters");
        let description = parameters
            .find(of_argument)
            .and_then(|it| text(it, "description"));
        let description = description.map(|text| quote!(#[doc = #text]));
        match self.is_optional {
            true => parse_quote!(#description pub #name: ::std::option::Option<#owned>),
            false => parse_quote!(#description pub #name: #owned),
        }
    }

    /// Writes how the member of the struct is passed on.
    fn passed(&self) -> TokenStream {
        let name = &self.name;
        match (self.is_optional, self.is_text, self.is_borrowed) {
            (true, true, _) => quote!(request.#name.as_deref()),
            (true, false, true) => quote!(request.#name.as_ref()),
            (false, _, true) => quote!(&request.#name),
            // Numbers and booleans are passed by value.
            (_, _, false) => quote!(request.#name),
        }
    }
}
