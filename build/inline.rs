//! Pass: write shared parameters, bodies and responses out where they are used.
//!
//! After it only schemas are shared, so every type that the generator makes has its name from one of
//! two places: a component schema, or the operation it belongs to.

use std::mem;

use openapiv3::{Components, OpenAPI, Operation, Parameter, ReferenceOr};

use super::fault::Fault;
use super::walk::{operation_id, operation_slots};

/// Replaces references to parameters, request bodies and responses by what they name, and gives each
/// operation the parameters of its path.
pub fn inline_shared_parts(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let mut components = openapi.components.take().unwrap_or_default();
    for (_, item) in &mut openapi.paths.paths {
        if let ReferenceOr::Item(item) = item {
            let of_path = mem::take(&mut item.parameters);
            for operation in operation_slots(item).into_iter().flatten() {
                inline_operation(operation, &of_path, &components)
                    .map_err(|fault| fault.in_operation(operation_id(operation)))?;
            }
        }
    }
    components.parameters.clear();
    components.request_bodies.clear();
    components.responses.clear();
    openapi.components = Some(components);
    Ok(())
}

fn inline_operation(
    operation: &mut Operation,
    of_path: &[ReferenceOr<Parameter>],
    components: &Components,
) -> Result<(), Fault> {
    for parameter in &mut operation.parameters {
        inline(parameter, "parameters", &components.parameters)?;
    }
    for parameter in of_path {
        let mut parameter = parameter.clone();
        inline(&mut parameter, "parameters", &components.parameters)?;
        if !operation
            .parameters
            .iter()
            .any(|own| is_same(own, &parameter))
        {
            operation.parameters.push(parameter);
        }
    }
    if let Some(body) = &mut operation.request_body {
        inline(body, "requestBodies", &components.request_bodies)?;
    }
    for (_, response) in &mut operation.responses.responses {
        inline(response, "responses", &components.responses)?;
    }
    Ok(())
}

/// Whether an operation's own parameter takes the place of its path's: same name, same place.
pub fn is_same(own: &ReferenceOr<Parameter>, of_path: &ReferenceOr<Parameter>) -> bool {
    match (own.as_item(), of_path.as_item()) {
        (Some(own), Some(of_path)) => {
            mem::discriminant(own) == mem::discriminant(of_path)
                && own.parameter_data_ref().name == of_path.parameter_data_ref().name
        }
        _ => false,
    }
}

fn inline<'a, T: Clone + 'a, M>(
    part: &mut ReferenceOr<T>,
    kind: &str,
    shared: &'a M,
) -> Result<(), Fault>
where
    &'a M: IntoIterator<Item = (&'a String, &'a ReferenceOr<T>)>,
{
    // A component may itself be a reference; a chain longer than there are components is a cycle.
    let mut hops = shared.into_iter().count() + 1;
    while let ReferenceOr::Reference { reference } = part {
        let of_kind = format!("#/components/{kind}/");
        let name = reference.strip_prefix(&of_kind);
        let found = shared
            .into_iter()
            .find(|(key, _)| Some(key.as_str()) == name);
        hops -= 1;
        match found {
            Some((_, named)) if hops > 0 => *part = named.clone(),
            Some(_) => {
                return Err(
                    Fault::new(format!("the reference `{reference}` leads back to itself"))
                        .mend("break the circle of references"),
                )
            }
            None => {
                return Err(Fault::new(format!(
                    "the reference `{reference}` does not lead to one of the {kind}"
                ))
                .mend("correct the reference"))
            }
        }
    }
    Ok(())
}
