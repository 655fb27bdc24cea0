//! The passes, in order, that make of a published document one the generator reads right.

use openapiv3::OpenAPI;

use super::fault::Fault;
use super::{
    bodies, compose, cycles, directions, distinct, errors, extensions, inline, keep, methods, name,
    nulls, objects, open_enums, parameters, paths, pointers, prune, secrets, servers, successes,
};

/// Prepares `openapi` for generation of the operations named in `operations`, as part of `module`.
pub fn prepare(openapi: OpenAPI, operations: &[&str], module: &str) -> Result<OpenAPI, Fault> {
    let mut openapi = describe(openapi, operations)?;
    nulls::move_nulls(&mut openapi)?;
    directions::tell_directions_apart(&mut openapi)?;
    open_enums::open_enums(&mut openapi, module)?;
    distinct::check_distinct_names(&openapi)?;
    Ok(openapi)
}

/// What the document says of these operations, each type by a name of its own.
pub fn describe(mut openapi: OpenAPI, operations: &[&str]) -> Result<OpenAPI, Fault> {
    pointers::write_out_pointers(&mut openapi)?;
    keep::keep_operations(&mut openapi, operations)?;
    errors::hide_error_responses(&mut openapi)?;
    prune::prune_components(&mut openapi)?;
    cycles::check_cycles(&openapi)?;
    inline::inline_shared_parts(&mut openapi)?;
    extensions::clear_extensions(&mut openapi);
    paths::check_version(&openapi)?;
    paths::check_paths(&openapi)?;
    methods::check_methods(&openapi)?;
    servers::check_servers(&openapi)?;
    compose::compose(&mut openapi)?;
    objects::type_objects(&mut openapi);
    parameters::check_parameters(&mut openapi)?;
    bodies::choose_bodies(&mut openapi)?;
    secrets::mark_secrets(&mut openapi)?;
    successes::unite_successes(&mut openapi)?;
    name::name_inline_schemas(&mut openapi)?;
    Ok(openapi)
}
