//! Gives the methods of a client the form that users see.
//!
//! Progenitor's methods name a generic error, and take any number of arguments. They also send the version of
//! the document in a header that neither provider asks for. `listWebhookEvent` of PandaDoc has seven.

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::Value;
use syn::{
    parse_quote, Attribute, Expr, Field, File, FnArg, ImplItem, ImplItemFn, Item, Pat, ReturnType,
    Stmt, Type,
};

use super::super::documentation::sections;
use super::super::fault::Fault;
use super::super::schema::{operations, text, Found};
use super::super::transform::texts::no_text;
use super::constructors::request;
use super::source::{argument, ident, is_client, is_named, types};

/// How many arguments a method may take.
pub const ARGUMENTS: usize = 3;

/// Rewrites the methods of the client, and adds the requests that some of them take to the module `types`.
pub fn rewrite(prepared: &Value, client: &mut File) -> Result<(), Fault> {
    let operations = operations(prepared);
    let mut requests = Vec::new();
    for methods in blocks(client) {
        // Users have `builder()`. Without it they cannot make what the other functions take.
        methods.retain(|item| match item {
            ImplItem::Fn(method) => {
                method.sig.asyncness.is_some() || method.sig.ident == "new_with_client"
            }
            _ => false,
        });
        for item in methods {
            let ImplItem::Fn(method) = item else { continue };
            let mut operations = operations.iter();
            let operation = operations.find(|found| method.sig.ident == found.id().to_snake_case());
            let Some(operation) = operation else {
                method.vis = parse_quote!(pub(crate));
                continue;
            };
            return_our_error(method);
            send_no_version(method);
            let mut documentation = documentation_of(operation);
            // The first input is `self`.
            if method.sig.inputs.len() > ARGUMENTS + 1 {
                requests.extend(take_request(operation, method)?);
            } else {
                documentation += &arguments(operation);
            }
            method.attrs = vec![parse_quote!(#[doc = #documentation])];
        }
    }
    if let Some(types) = types(client).filter(|_| !requests.is_empty()) {
        // The types of arguments are named as the methods name them.
        types.push(parse_quote!(
            use super::types;
        ));
        types.extend(requests);
    }
    Ok(())
}

/// Says of the client from which document it is generated. Progenitor writes the whole description of the API, which
/// advertises the rest of it. The facade says what the client does.
pub fn name_document(prepared: &Value, client: &mut File) {
    let info = |name| text(&prepared["info"], name).unwrap_or_default();
    let (version, title) = (info("version"), info("title"));
    let documentation =
        format!("Generated from version {version} of the OpenAPI document \"{title}\".");
    for item in &mut client.items {
        match item {
            Item::Struct(item) if item.ident == "Client" => {
                item.attrs
                    .retain(|attribute| !attribute.path().is_ident("doc"));
                item.attrs.push(parse_quote!(#[doc = #documentation]));
            }
            _ => {}
        }
    }
}

/// Appends the sections of this crate to the documentation of every operation. Their examples are the only part
/// of a client's source that `cargo test` compiles as documentation; see `without_doctests`.
pub fn add_sections(client: &mut File, module: &str) {
    for item in blocks(client).into_iter().flatten() {
        if let ImplItem::Fn(method) = item {
            if let Some(sections) = sections(module, &method.sig.ident.to_string()) {
                let lines = sections.lines().map(|line| format!(" {line}"));
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
    if let Some(answer) = argument(returned, "Result") {
        method.sig.output = parse_quote!(-> Result<#answer, crate::Error>);
    }
}

/// Removes the map of headers, in which there is nothing but `api-version`: no parameter goes into a header.
fn send_no_version(method: &mut ImplItemFn) {
    let is_map =
        |receiver: &Expr| matches!(receiver, Expr::Path(it) if it.path.is_ident("header_map"));
    method.block.stmts.retain(|statement| match statement {
        Stmt::Local(local) => !matches!(&local.pat, Pat::Ident(name) if name.ident == "header_map"),
        Stmt::Expr(Expr::MethodCall(call), _) => !is_map(&call.receiver),
        _ => true,
    });
    for statement in &mut method.block.stmts {
        if let Stmt::Local(local) = statement {
            if let Some(init) = &mut local.init {
                pass_no_headers(&mut init.expr);
            }
        }
    }
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

/// Makes the method take its arguments as one struct, which is returned with its constructor. The struct may
/// gain optional members without breaking callers.
fn take_request(operation: &Found, method: &mut ImplItemFn) -> Result<[Item; 2], Fault> {
    let name = &method.sig.ident;
    let request_name = ident(&format!("{}Request", operation.id().to_pascal_case()))?;
    let fields = method.sig.inputs.iter();
    let fields: Vec<_> = fields.filter_map(|input| field(operation, input)).collect();
    let constructor = request(&request_name, &fields.iter().collect::<Vec<_>>());
    let documentation = format!("The arguments of [`{name}`](super::Client::{name}).");
    let structure = parse_quote! {
        #[doc = #documentation]
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct #request_name {
            #(#fields,)*
        }
    };
    let names = fields.iter().map(|field| &field.ident);
    let arguments = parse_quote!(let types::#request_name { #(#names),* } = request;);
    method.block.stmts.insert(0, arguments);
    let output = &method.sig.output;
    method.sig = parse_quote!(async fn #name(&self, request: &types::#request_name) #output);
    Ok([structure, constructor])
}

/// Writes the texts of the operation. Progenitor takes the full stop from the first sentence.
fn documentation_of(operation: &Found) -> String {
    let prose = ["summary", "description"];
    let prose = prose
        .iter()
        .filter_map(|name| text(operation.operation, name));
    let prose: String = prose.map(|text| format!("{}\n\n", text.trim())).collect();
    let (method, path) = (operation.method.to_uppercase(), operation.path);
    format!("{prose}Sends `{method} {path}`.")
}

/// Writes the list of the parameters that have a text.
fn arguments(operation: &Found) -> String {
    let arguments = operation.parameters().filter_map(|parameter| {
        let name = text(parameter, "name")?.to_snake_case();
        Some(format!("\n- `{name}`: {}", text(parameter, "description")?))
    });
    let arguments: String = arguments.collect();
    match arguments.is_empty() {
        true => arguments,
        false => format!("\n\nArguments:\n{arguments}"),
    }
}

/// Returns the member of a struct that owns this argument.
fn field(operation: &Found, input: &FnArg) -> Option<Field> {
    let FnArg::Typed(input) = input else {
        return None;
    };
    let Pat::Ident(name) = &*input.pat else {
        return None;
    };
    let name = &name.ident;
    let inside = argument(&input.ty, "Option");
    let owned: Type = match inside.unwrap_or(&input.ty) {
        Type::Reference(text) if is_named(&text.elem, "str") => parse_quote!(::std::string::String),
        Type::Reference(reference) => (*reference.elem).clone(),
        value => value.clone(),
    };
    let owned = match inside {
        Some(_) => parse_quote!(::std::option::Option<#owned>),
        None => owned,
    };
    let is_of_argument = |parameter: &&Value| {
        let named = text(parameter, "name").unwrap_or_default().to_snake_case();
        name == named.as_str() || *name == format!("{named}_")
    };
    let parameter = operation.parameters().find(is_of_argument);
    let description = parameter.and_then(|it| text(it, "description"));
    let description = description.map_or_else(|| no_text(&name.to_string()), str::to_owned);
    Some(parse_quote!(#[doc = #description] pub #name: #owned))
}
