//! Request bodies and query parameters as JSON Schemas, built from the notes of their readers.

use domain::{Metadata, Shape, type_name};
use http_api::{Content, Field, Form, MAX_EXACT, QueryParameter};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A writer of schemas. Named schemas go to the definitions of the generator.
pub(crate) struct SchemaWriter<'a>(pub(crate) &'a mut SchemaGenerator);

impl SchemaWriter<'_> {
    /// Returns the schema of an object with this form. Generated clients use the title as the
    /// object's name.
    pub(crate) fn object(&mut self, title: &str, form: &Form) -> Value {
        let mut properties = Map::new();
        for Field { name, is_required, content } in &form.fields {
            let schema = self.content(&format!("{title}{}", type_name(name)), content);
            let schema = if *is_required { schema } else { or_null(schema) };
            properties.insert(name.clone(), schema);
        }
        let mut schema = json!({
            "title": title,
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        let required = form.fields.iter().filter(|field| field.is_required);
        let required: Vec<_> = required.map(|field| &field.name).collect();
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if !form.some_of.is_empty() {
            let null = |name: &&str| ((*name).to_owned(), json!({ "type": "null" }));
            let nothing: Map<_, _> = form.some_of.iter().map(null).collect();
            schema["not"] = json!({ "properties": nothing });
            let names = form.some_of.join(", ");
            schema["description"] = format!("At least one of these is required: {names}.").into();
        }
        schema
    }

    fn content(&mut self, title: &str, content: &Content) -> Value {
        match content {
            Content::Value(shape) => self.value(shape),
            Content::Tag(tag) => json!({ "type": "string", "const": tag }),
            Content::Metadata => self.given_metadata(),
            Content::Object(form) => self.object(title, form),
            Content::TextOr { about, shape, title, of } => json!({
                "description": about,
                "anyOf": [self.value(shape), self.object(title, of)],
            }),
            Content::Values { length, shape } => json!({
                "type": "array",
                "minItems": length.start(),
                "maxItems": length.end(),
                "items": self.value(shape),
            }),
            Content::List { length, of } => json!({
                "type": "array",
                "minItems": length.start(),
                "maxItems": length.end(),
                "items": self.object(&format!("{title}Item"), of),
            }),
        }
    }

    /// Returns the schema of metadata in a request: its numbers and booleans are kept as text.
    fn given_metadata(&mut self) -> Value {
        let mut schema = Metadata::json_schema(self.0).to_value();
        schema["propertyNames"]["pattern"] = Metadata::KEY_PATTERN.into();
        let value = &mut schema["additionalProperties"];
        value["pattern"] = Metadata::VALUE_PATTERN.into();
        value["type"] = json!(["string", "number", "boolean"]);
        (value["minimum"], value["maximum"]) = ((-MAX_EXACT).into(), MAX_EXACT.into());
        self.0.definitions_mut().insert("GivenMetadata".to_owned(), schema);
        json!({ "$ref": "#/components/schemas/GivenMetadata" })
    }

    fn value(&mut self, shape: &Shape) -> Value {
        let schema = shape.schema().to_value();
        let Some(name) = shape.name else { return schema };
        self.0.definitions_mut().insert(name.to_owned(), schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// Returns the description of a query parameter.
    pub(crate) fn parameter(&mut self, parameter: &QueryParameter) -> Value {
        let QueryParameter { name, is_repeated, shape } = parameter;
        let one = self.value(shape);
        let schema = if *is_repeated { json!({ "type": "array", "items": one }) } else { one };
        json!({ "name": name, "in": "query", "schema": schema })
    }
}

/// Allows `null`, which means the same as an absent field.
fn or_null(mut schema: Value) -> Value {
    match &schema["type"] {
        Value::String(kind) if kind != "object" && schema.get("enum").is_none() => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}
