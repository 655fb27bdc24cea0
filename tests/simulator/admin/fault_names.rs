//! Every fault has a name, which is that of its constructor.

use std::collections::BTreeSet;

use super::World;
use syn::{FnArg, ImplItem, ImplItemFn, Item, ReturnType, Type, Visibility};

/// The public functions of a type in a file that make one of it: they take no `self` and return `Self`.
fn constructors(file: &str, name: &str) -> BTreeSet<String> {
    let items = syn::parse_file(file).unwrap().items.into_iter();
    let methods = items.filter_map(|item| match item {
        Item::Impl(it) if it.trait_.is_none() && is(&it.self_ty, name) => Some(it.items),
        _ => None,
    });
    let constructors = methods.flatten().filter_map(|item| match item {
        ImplItem::Fn(function) => is_constructor(&function).then(|| function.sig.ident.to_string()),
        _ => None,
    });
    constructors.collect()
}

fn is_constructor(function: &ImplItemFn) -> bool {
    let takes_self = matches!(function.sig.inputs.first(), Some(FnArg::Receiver(_)));
    let returns_self = matches!(&function.sig.output, ReturnType::Type(_, it) if is(it, "Self"));
    matches!(function.vis, Visibility::Public(_)) && !takes_self && returns_self
}

fn is(it: &Type, name: &str) -> bool {
    matches!(it, Type::Path(it) if it.path.is_ident(name))
}

/// The names of the faults of requests or of deliveries.
async fn names(of: &str) -> BTreeSet<String> {
    let faults = World::new().await.get("faults").await;
    let known = faults["known"].as_array().unwrap().iter();
    known
        .filter(|fault| fault["of"] == of)
        .map(|fault| fault["fault"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_fault_of_requests_has_the_name_of_its_constructor() {
    let file = include_str!("../../../src/testing/faults/request_fault.rs");
    assert_eq!(names("requests").await, constructors(file, "Fault"));
}

#[tokio::test]
async fn every_fault_of_deliveries_has_the_name_of_its_constructor() {
    let file = include_str!("../../../src/testing/faults/delivery_fault.rs");
    assert_eq!(
        names("deliveries").await,
        constructors(file, "DeliveryFault")
    );
}
