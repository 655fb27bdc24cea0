//! Pass: `allOf` becomes one schema with the members of all its parts.
//!
//! The generator can join parts too, but its time and memory double with each level of alternatives. OpenAPI 3.0 can
//! write `nullable` or a description beside a reference only as an `allOf` of that reference. Such a schema stays the
//! reference; see [`wrapped`].

use std::collections::BTreeMap;

use openapiv3::{
    AdditionalProperties, AnySchema, Components, ObjectType, OpenAPI, ReferenceOr, Schema,
    SchemaKind, Type,
};
use serde_json::json;

use super::bounds::{size, Bounds};
use super::fault::Fault;
use super::successes::undocument;
use super::walk::{operation_id, operations_mut, parts, roots, Slot};

const SCHEMAS: &str = "#/components/schemas/";

/// Replaces every `allOf` by one schema.
pub fn compose(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let mut components = openapi.components.take().unwrap_or_default();
    let original = components.clone();
    let mut composer = Composer {
        components: &original,
        composed: BTreeMap::new(),
        bounds: Bounds::default(),
    };
    for operation in operations_mut(openapi) {
        let id = operation_id(operation).to_owned();
        for (_, slot) in roots(operation) {
            let composed = composer.compose(slot);
            composed.map_err(|fault| fault.in_operation(&id))?;
        }
    }
    for (name, schema) in &mut components.schemas {
        let composed = composer.compose_component(schema);
        composed.map_err(|fault| fault.in_schema(name))?;
    }
    openapi.components = Some(components);
    Ok(())
}

/// Returns the reference, if the schema is an `allOf` of one reference. After this pass, it may be null.
pub fn wrapped(schema: &Schema) -> Option<&str> {
    match &schema.schema_kind {
        SchemaKind::AllOf { all_of } => match &all_of[..] {
            [ReferenceOr::Reference { reference }] => Some(reference),
            _ => None,
        },
        _ => None,
    }
}

struct Composer<'a> {
    components: &'a Components,
    /// The components that are part of an `allOf`, each as one schema.
    composed: BTreeMap<String, Schema>,
    /// Counts the copies of these components.
    bounds: Bounds,
}

impl Composer<'_> {
    fn compose(&mut self, mut slot: Slot<'_>) -> Result<(), Fault> {
        let Some(schema) = slot.inline() else {
            return Ok(());
        };
        match wrapper(schema) {
            Some((reference, false)) => {
                slot.refer(reference);
                return Ok(());
            }
            Some((reference, true)) => {
                let all_of = vec![ReferenceOr::Reference { reference }];
                schema.schema_kind = SchemaKind::AllOf { all_of };
                schema.schema_data.nullable = true;
                return Ok(());
            }
            None => *schema = self.joined(schema.clone())?,
        }
        self.compose_parts(schema)
    }

    /// Composes a component. One that adds `nullable` to a reference becomes a type of its own.
    fn compose_component(&mut self, component: &mut ReferenceOr<Schema>) -> Result<(), Fault> {
        let ReferenceOr::Item(schema) = component else {
            return Ok(());
        };
        if let Some((reference, false)) = wrapper(schema) {
            *component = ReferenceOr::Reference { reference };
            return Ok(());
        }
        *schema = self.joined(schema.clone())?;
        self.compose_parts(schema)
    }

    fn compose_parts(&mut self, schema: &mut Schema) -> Result<(), Fault> {
        let mut parts = parts(schema).into_iter();
        parts.try_for_each(|(_, part)| self.compose(part))
    }

    /// Joins the `allOf` of the schema itself. Its members keep theirs.
    fn joined(&mut self, mut schema: Schema) -> Result<Schema, Fault> {
        if let SchemaKind::Any(any) = &mut schema.schema_kind {
            match alternatives(any) {
                Some(alternatives) => schema.schema_kind = alternatives,
                None => choose_nothing(any)?,
            }
        }
        let Some((all_of, own)) = all_of(&schema.schema_kind) else {
            return Ok(schema);
        };
        let mut whole = Whole::default();
        for part in all_of {
            match part {
                ReferenceOr::Reference { reference } => whole.add(self.component(&reference)?)?,
                ReferenceOr::Item(part) => {
                    schema.schema_data.nullable |= is_empty(&part) && part.schema_data.nullable;
                    whole.add(self.joined(part)?)?;
                }
            }
        }
        if let Some(own) = own {
            whole.add(Schema {
                schema_data: Default::default(),
                schema_kind: SchemaKind::Any(own),
            })?;
        }
        let nullable = whole.nullable == Some(true);
        let data = &mut schema.schema_data;
        data.nullable |= nullable;
        data.description = data.description.take().or(whole.description.take());
        schema.schema_kind = whole.kind();
        Ok(schema)
    }

    /// Returns the component that a reference, or a chain of references, leads to. `cycles` has checked that every chain
    /// ends.
    fn component(&mut self, reference: &str) -> Result<Schema, Fault> {
        let name = reference.trim_start_matches(SCHEMAS);
        let composed = match self.composed.get(name) {
            Some(composed) => composed.clone(),
            None => {
                let composed = match self.components.schemas.get(name) {
                    Some(ReferenceOr::Reference { reference }) => self.component(reference)?,
                    Some(ReferenceOr::Item(schema)) => self.joined(schema.clone())?,
                    None => {
                        return Err(Fault::new(format!(
                            "the reference `{reference}` leads nowhere"
                        ))
                        .mend("correct the reference"))
                    }
                };
                self.composed.insert(name.to_owned(), composed.clone());
                composed
            }
        };
        match self.bounds.count_all(size(&json!(composed))) {
            Ok(()) => Ok(composed),
            Err(_) => Err(self.bounds.too_large()),
        }
    }
}

/// Returns the parts of an `allOf`, and the keywords beside it.
fn all_of(kind: &SchemaKind) -> Option<(Vec<ReferenceOr<Schema>>, Option<AnySchema>)> {
    match kind {
        SchemaKind::AllOf { all_of } => Some((all_of.clone(), None)),
        SchemaKind::Any(any) if !any.all_of.is_empty() => {
            let mut own = any.clone();
            let all_of = std::mem::take(&mut own.all_of);
            Some((all_of, (!is_type_alone(&own)).then_some(own)))
        }
        _ => None,
    }
}

/// Returns the reference that the schema consists of, and whether it says `nullable`.
fn wrapper(schema: &Schema) -> Option<(String, bool)> {
    let (all_of, None) = all_of(&schema.schema_kind)? else {
        return None;
    };
    let mut nullable = schema.schema_data.nullable;
    let mut only = None;
    for part in all_of {
        match part {
            ReferenceOr::Item(part) if is_empty(&part) => nullable |= part.schema_data.nullable,
            ReferenceOr::Reference { reference } if only.is_none() => only = Some(reference),
            _ => return None,
        }
    }
    Some((only?, nullable))
}

/// Tells whether the schema has no keywords except its description and `nullable`.
fn is_empty(schema: &Schema) -> bool {
    matches!(&schema.schema_kind, SchemaKind::Any(any) if *any == AnySchema::default())
}

/// Tells whether its type is the only keyword. The parts say the type too.
fn is_type_alone(any: &AnySchema) -> bool {
    let typ = any.typ.clone();
    *any == AnySchema {
        typ,
        ..AnySchema::default()
    }
}

/// Returns the alternatives, if the type is the only keyword beside them.
fn alternatives(any: &AnySchema) -> Option<SchemaKind> {
    let mut own = any.clone();
    let (one_of, any_of) = (
        std::mem::take(&mut own.one_of),
        std::mem::take(&mut own.any_of),
    );
    match (one_of.is_empty(), any_of.is_empty()) {
        _ if !is_type_alone(&own) => None,
        (false, true) => Some(SchemaKind::OneOf { one_of }),
        (true, false) => Some(SchemaKind::AnyOf { any_of }),
        _ => None,
    }
}

/// Refuses alternatives beside other keywords. The generator joins each alternative with the rest, so its work
/// doubles with each level. Alternatives that only name required members are dropped: the server checks them.
fn choose_nothing(any: &mut AnySchema) -> Result<(), Fault> {
    let alternatives = any.one_of.iter().chain(&any.any_of);
    let says_required_alone = |alternative: &ReferenceOr<Schema>| {
        matches!(alternative, ReferenceOr::Item(Schema { schema_kind: SchemaKind::Any(any), .. })
            if *any == AnySchema { required: any.required.clone(), ..AnySchema::default() })
    };
    if any.not.is_some() || !alternatives.into_iter().all(says_required_alone) {
        return Err(Fault::new(
            "it joins `oneOf`, `anyOf` or `not` with other keywords in one schema",
        )
        .mend("describe it as one object with the members of all"));
    }
    any.one_of.clear();
    any.any_of.clear();
    Ok(())
}

/// Collects the parts of an `allOf`.
#[derive(Default)]
struct Whole {
    object: Option<ObjectType>,
    value: Option<SchemaKind>,
    /// Tells whether all parts so far may be null.
    nullable: Option<bool>,
    description: Option<String>,
}

impl Whole {
    fn add(&mut self, part: Schema) -> Result<(), Fault> {
        if is_empty(&part) {
            return Ok(());
        }
        let Schema {
            schema_data,
            schema_kind,
        } = part;
        let nullable = schema_data.nullable;
        self.nullable = Some(self.nullable.unwrap_or(true) && nullable);
        self.description = self.description.take().or(schema_data.description);
        match (object(&schema_kind), &self.value) {
            (Some(object), _) => self.add_object(object)?,
            (None, Some(value)) if *value != schema_kind => return Err(no_whole()),
            (None, _) => self.value = Some(schema_kind),
        }
        match (&self.object, &self.value) {
            (Some(_), Some(_)) => Err(no_whole()),
            _ => Ok(()),
        }
    }

    fn add_object(&mut self, object: ObjectType) -> Result<(), Fault> {
        let whole = self.object.get_or_insert_default();
        for name in object.required {
            if !whole.required.contains(&name) {
                whole.required.push(name);
            }
        }
        for (name, member) in object.properties {
            match whole.properties.get(&name) {
                None => {
                    whole.properties.insert(name, member);
                }
                Some(present) if plain(present) == plain(&member) => {}
                Some(_) => {
                    return Err(Fault::new(format!(
                        "the member `{name}` of its allOf has two different types"
                    ))
                    .mend("give the member one type in all parts"))
                }
            }
        }
        match (&whole.additional_properties, object.additional_properties) {
            (_, None | Some(AdditionalProperties::Any(_))) => {}
            (
                Some(AdditionalProperties::Schema(present)),
                Some(AdditionalProperties::Schema(other)),
            ) if *present != other => {
                return Err(Fault::new(
                    "the parts of its allOf differ in what other members they may have",
                )
                .mend("describe other members in one of them"))
            }
            (_, other) => whole.additional_properties = other,
        }
        Ok(())
    }

    fn kind(self) -> SchemaKind {
        match (self.object, self.value) {
            (Some(object), _) => SchemaKind::Type(Type::Object(object)),
            (None, Some(value)) => value,
            (None, None) => SchemaKind::Any(AnySchema::default()),
        }
    }
}

fn no_whole() -> Fault {
    Fault::new("its allOf joins schemas that are not all objects")
        .mend("describe it as one object with the members of all, or as one value")
}

/// Returns the object that the schema describes, with or without `type: object`.
fn object(kind: &SchemaKind) -> Option<ObjectType> {
    match kind {
        SchemaKind::Type(Type::Object(object)) => Some(object.clone()),
        SchemaKind::Any(any)
            if *any
                == AnySchema {
                    typ: any.typ.clone().filter(|typ| typ == "object"),
                    properties: any.properties.clone(),
                    required: any.required.clone(),
                    additional_properties: any.additional_properties.clone(),
                    min_properties: any.min_properties,
                    max_properties: any.max_properties,
                    ..AnySchema::default()
                } =>
        {
            Some(ObjectType {
                properties: any.properties.clone(),
                required: any.required.clone(),
                additional_properties: any.additional_properties.clone(),
                ..ObjectType::default()
            })
        }
        _ => None,
    }
}

/// Returns the member without its documentation.
fn plain(member: &ReferenceOr<Box<Schema>>) -> ReferenceOr<Box<Schema>> {
    let mut member = member.clone();
    if let ReferenceOr::Item(schema) = &mut member {
        undocument(schema);
    }
    member
}
