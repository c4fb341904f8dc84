//! The `AsyncAPI` 3.0 document.

use domain::type_name;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::Described;
use crate::describe::{Sample, SchemaWriter, generator, taken};
use crate::live::Frame;
use crate::live_message::ClientMessage;

const ABOUT: &str = "\
Pushes every change of an order, as soon as it is committed, to the clients that may see it. \
Connect with `Authorization: Bearer TOKEN`, or with `?ticket=` from `POST /live/tickets`, then \
subscribe to topics. Each message is one JSON object. Events of one order arrive in version order, \
each at least once: ignore an event whose version is not newer than the one you have.";

/// Builds the `AsyncAPI` 3.0 document of all WebSocket messages.
pub fn asyncapi() -> Described {
    let mut generator = generator();
    let mut faults = Vec::new();
    let mut messages = Map::new();
    let (mut asked, mut told) = (Vec::new(), Vec::new());
    for (name, example, form) in ClientMessage::describe() {
        match form {
            Ok(form) => {
                // A request and a message can have the same name on the wire.
                let name = format!("{name}Action");
                let payload = SchemaWriter(&mut generator).object(&type_name(&name), &form);
                messages.insert(name.clone(), message(&name, &payload, &example));
                asked.push(name);
            }
            Err(problem) => faults.push(format!("{name}: {}", json!(problem.body()))),
        }
    }
    generator.subschema_for::<Frame>();
    let Some(sample) = Sample::new() else {
        return Described { document: Value::Null, faults: vec!["there is no sample".to_owned()] };
    };
    for example in Frame::examples(&sample).map(|frame| json!(frame)) {
        let name = example["type"].as_str().unwrap_or_default().to_owned();
        let payload =
            json!({ "$ref": format!("#/components/schemas/{}Message", type_name(&name)) });
        messages.insert(name.clone(), message(&name, &payload, &example));
        told.push(name);
    }
    let mut messages = Value::from(messages);
    let mut schemas = taken(&mut generator, &mut [&mut messages], &mut faults);
    // Each variant of the frame is a message of its own.
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.remove(&*Frame::schema_name());
    }
    Described { document: document(&asked, &told, messages, schemas), faults }
}

fn message(name: &str, payload: &Value, example: &Value) -> Value {
    json!({
        "name": name,
        "contentType": "application/json",
        "payload": payload,
        "examples": [{ "payload": example }],
    })
}

fn document(asked: &[String], told: &[String], messages: Value, schemas: Value) -> Value {
    let refer = |to: &str, names: &[String]| -> Vec<Value> {
        names.iter().map(|name| json!({ "$ref": format!("{to}/{name}") })).collect()
    };
    let of_channel = |names| refer("#/channels/live/messages", names);
    let all = [asked, told].concat();
    let of_components = all.iter().zip(refer("#/components/messages", &all));
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Waybill, live",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": { "live": {
            "host": "{host}",
            "pathname": "/live",
            "protocol": "wss",
            "variables": { "host": { "description": "See the stack's output LiveUrl." } },
            "security": [{ "$ref": "#/components/securitySchemes/token" }],
        }},
        "channels": { "live": {
            "address": "/",
            "description": "One connection can subscribe to up to 100 topics.",
            "messages": of_components.map(|(name, it)| (name.clone(), it)).collect::<Map<_, _>>(),
            "bindings": { "ws": { "query": { "type": "object", "properties": { "ticket": {
                "type": "string",
                "description": "Replaces the token for clients that cannot send headers.",
            }}}}},
        }},
        "operations": {
            "ask": {
                "action": "receive",
                "title": "Requests from clients",
                "channel": { "$ref": "#/channels/live" },
                "messages": of_channel(asked),
            },
            "tell": {
                "action": "send",
                "title": "Messages to clients",
                "channel": { "$ref": "#/channels/live" },
                "messages": of_channel(told),
            },
        },
        "components": {
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
            }},
            "messages": {},
            "schemas": {},
        },
    });
    document["components"]["messages"] = messages;
    document["components"]["schemas"] = schemas;
    document
}
