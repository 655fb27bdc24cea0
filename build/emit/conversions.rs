//! Has the conversion into an enum of integers name the value that it rejects, and those that it accepts.
//!
//! Progenitor's says "invalid value". PandaDoc's `WebhookEventHttpStatusCodeGroupEnum` is such an enum.

use serde_json::Value;
use syn::{parse_quote, Expr, File, ImplItem, ImplItemFn, Item, ItemImpl, Stmt};

use super::super::schema::{components, items, type_of};
use super::source::{is_named, type_name, types};

/// Rewrites the errors of the conversions into all components that are an enum of integers.
pub fn name_values(prepared: &Value, client: &mut File) {
    let Some(types) = types(client) else { return };
    for (name, schema) in components(prepared) {
        let values: Vec<_> = items(&schema, "enum").map(Value::to_string).collect();
        if type_of(&schema) != Some("integer") || values.is_empty() {
            continue;
        }
        let (name, values) = (type_name(&name), values.join(", "));
        let sentence = format!("{{value}} isn't a value of `{name}`; give one of {values}");
        let conversions = types.iter_mut().filter_map(|item| match item {
            Item::Impl(block) if is_conversion_into(block, &name) => Some(block),
            _ => None,
        });
        let parts = conversions.flat_map(|block| &mut block.items);
        for part in parts {
            if let ImplItem::Fn(ImplItemFn { block, .. }) = part {
                // The only statement decides whether the value is in the list.
                if let [Stmt::Expr(Expr::If(is_unlisted), _)] = &mut block.stmts[..] {
                    is_unlisted.then_branch = parse_quote!({ Err(format!(#sentence).into()) });
                }
            }
        }
    }
}

fn is_conversion_into(block: &ItemImpl, name: &str) -> bool {
    let of = block.trait_.as_ref().map(|(of, _)| of);
    let last = of.and_then(|path| path.segments.last());
    last.is_some_and(|last| last.ident == "TryFrom") && is_named(&block.self_ty, name)
}
