//! What the mocks of `testing` know of each operation, in the form of a type each.

use heck::{ToPascalCase, ToSnakeCase};
use http::StatusCode;
use openapiv3::{OpenAPI, Operation};

use super::errors::Documented;
use super::fault::Fault;
use super::walk::operation_id;

/// Source of these types. `client` is the source of the client, which says what its methods return.
pub fn mocks(prepared: &OpenAPI, errors: &Documented, client: &str) -> Result<String, Fault> {
    let operations = prepared
        .operations()
        .map(|(path, method, operation)| {
            let id = operation_id(operation);
            Ok(format!(
                "crate::testing::mock::mocked! {{ {} {id:?} {:?} {:?} {path:?} {} [{}] {} {{ {} }} }}\n",
                id.to_pascal_case(),
                id.to_snake_case(),
                method.to_uppercase(),
                success(operation),
                answer(id, client)?,
                format_args!("{}Error", id.to_pascal_case()),
                variants(errors, id),
            ))
        })
        .collect::<Result<String, Fault>>()?;
    Ok(format!(
        "#[cfg(feature = \"testing\")]\npub mod mocks {{\nuse super::*;\n{operations}}}\n"
    ))
}

/// The first documented status of success.
fn success(operation: &Operation) -> u16 {
    let statuses = operation.responses.responses.keys();
    let codes = statuses.filter_map(|status| match status {
        openapiv3::StatusCode::Code(code) => Some(*code),
        openapiv3::StatusCode::Range(_) => None,
    });
    codes.min().unwrap_or(200)
}

/// What the method of this operation returns.
fn answer<'a>(id: &str, client: &'a str) -> Result<&'a str, Fault> {
    let method = format!("async fn {} ", id.to_snake_case());
    let of_method = client.split_once(&method).map(|(_, rest)| rest);
    let returned = of_method.and_then(|rest| rest.split_once("ResponseValue <"));
    let answer = returned.and_then(|(_, rest)| rest.split_once("> , Error"));
    let (answer, _) = answer.ok_or_else(|| {
        Fault::new("the generator does not say what its method returns in the form that mocks know")
            .in_operation(id)
            .mend("teach build/mocks.rs the new form")
    })?;
    Ok(answer)
}

fn variants(errors: &Documented, id: &str) -> String {
    let of_operation = errors.get(id).into_iter().flatten();
    of_operation
        .map(|(code, description)| format!("{} = {code} {description:?}, ", variant(*code)))
        .collect()
}

/// The name of a status, as RFC 9110 and its like have it.
fn variant(code: u16) -> String {
    let status = StatusCode::from_u16(code).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    reason.map_or_else(|| format!("Status{code}"), ToPascalCase::to_pascal_case)
}
