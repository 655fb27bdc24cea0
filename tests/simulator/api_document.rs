//! Validates answers against an OpenAPI 3.0 document.

use jsonschema::Validator;
use serde_json::{json, Map, Value};

pub struct ApiDocument(Value);

impl ApiDocument {
    pub fn of(document: Value) -> Self {
        Self(document)
    }

    pub fn json(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap())
    }

    pub fn yaml(text: &str) -> Self {
        Self(serde_yaml_ng::from_str(text).unwrap())
    }

    /// The same, but a described member is required. This is stricter than the document, which calls hardly
    /// any of them required.
    pub fn where_all_members_are_there(mut self) -> Self {
        require_all(&mut self.0);
        self
    }

    /// The statuses that an operation declares.
    pub fn statuses(&self, operation: &str) -> Vec<u16> {
        let responses = self.operation(operation)["responses"].as_object().unwrap();
        responses.keys().map(|it| it.parse().unwrap()).collect()
    }

    /// Panics unless this is an answer that the operation may have.
    pub async fn check(&self, operation: &str, answer: reqwest::Response) {
        let status = answer.status().as_u16();
        let content_type = answer.headers().get("content-type").cloned();
        let body = answer.bytes().await.unwrap();
        let declared = &self.operation(operation)["responses"][status.to_string()];
        let shown = String::from_utf8_lossy(&body);
        assert!(
            !declared.is_null(),
            "{operation} declares no {status}: {shown}"
        );
        let Some(content) = self.resolve(declared)["content"].as_object() else {
            // Nothing is said of a body, so only an answer without content is checked for one.
            assert!(
                status != 204 || body.is_empty(),
                "{operation} {status}: {shown}"
            );
            return;
        };
        let content_type = content_type.expect("a content type");
        let media_type = content.get(content_type.to_str().unwrap());
        let schema = &media_type.expect("a content type that is declared")["schema"];
        let body = serde_json::from_slice(&body).expect("JSON");
        if let Err(error) = self.validator(schema).validate(&body) {
            panic!("{operation} {status}: {error} in {shown}");
        }
    }

    fn operation(&self, id: &str) -> &Value {
        let paths = self.0["paths"].as_object().unwrap();
        let mut operations = paths
            .values()
            .flat_map(|path| path.as_object().unwrap().values());
        let found = operations.find(|operation| operation["operationId"] == id);
        found.expect("an operation of this id")
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.0.pointer(&reference[1..]).unwrap(),
            None => value,
        }
    }

    /// A schema with all that it may refer to, as JSON Schema.
    fn validator(&self, schema: &Value) -> Validator {
        let mut schema = schema.clone();
        let mut components = json!({ "schemas": self.0["components"]["schemas"] });
        to_json_schema(&mut schema);
        to_json_schema(&mut components);
        schema["components"] = components;
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap()
    }
}

/// OpenAPI 3.0 has `nullable` where JSON Schema has a type of its own for null.
fn to_json_schema(value: &mut Value) {
    each_object(value, &mut |schema| {
        if schema.remove("nullable") != Some(json!(true)) {
            return;
        }
        if let Some(name @ Value::String(_)) = schema.get_mut("type") {
            *name = json!([name, "null"]);
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
    });
}

/// Every member that is described is there, and no other.
fn require_all(value: &mut Value) {
    each_object(value, &mut |schema| {
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return;
        };
        // A schema, and not the list of its members.
        if properties.values().all(Value::is_object) && !schema.contains_key("allOf") {
            let names: Vec<String> = properties.keys().cloned().collect();
            schema.insert("required".to_owned(), json!(names));
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
    });
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|it| each_object(it, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| each_object(it, change)),
        _ => {}
    }
}
