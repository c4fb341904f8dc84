//! The `AsyncAPI` 3.0 document.

use domain::type_name;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::Described;
use crate::describe::{Sample, SchemaWriter, generator, taken};
use crate::live::Frame;
use crate::live_message::ClientMessage;

const ABOUT: &str = "\
Every change of an order, pushed the moment it is committed to whoever may see it. Connect with \
`Authorization: Bearer TOKEN`, or with `?ticket=` from `POST /live/tickets`; subscribe to topics; \
each message is one JSON object. Events of one order come in the order of their versions, each at \
least once: keep what is newer than what you have.";

/// The `AsyncAPI` 3.0 document of everything that is said over WebSocket.
pub fn asyncapi() -> Described {
    let mut generator = generator();
    let mut faults = Vec::new();
    let mut messages = Map::new();
    let (mut asked, mut told) = (Vec::new(), Vec::new());
    for (name, example, form) in ClientMessage::describe() {
        match form {
            Ok(form) => {
                // What is asked for and what is told can have one name on the wire.
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
    let mut schemas = taken(&mut generator, &mut messages, &mut faults);
    // Its choices are messages of their own.
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.remove(&*Frame::schema_name());
    }
    Described { document: document(&asked, &told, &messages, &schemas), faults }
}

fn message(name: &str, payload: &Value, example: &Value) -> Value {
    json!({
        "name": name,
        "contentType": "application/json",
        "payload": payload,
        "examples": [{ "payload": example }],
    })
}

fn document(asked: &[String], told: &[String], messages: &Value, schemas: &Value) -> Value {
    let refer = |to: &str, names: &[String]| -> Vec<Value> {
        names.iter().map(|name| json!({ "$ref": format!("{to}/{name}") })).collect()
    };
    let of_channel = |names| refer("#/channels/live/messages", names);
    let all = [asked, told].concat();
    let of_components = all.iter().zip(refer("#/components/messages", &all));
    json!({
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
            "variables": { "host": { "description": "The deployment's LiveUrl has it." } },
            "security": [{ "$ref": "#/components/securitySchemes/token" }],
        }},
        "channels": { "live": {
            "address": "/",
            "description": "One connection hears as many as 100 topics.",
            "messages": of_components.map(|(name, it)| (name.clone(), it)).collect::<Map<_, _>>(),
            "bindings": { "ws": { "query": { "type": "object", "properties": { "ticket": {
                "type": "string",
                "description": "Instead of a token, from a client that cannot send headers.",
            }}}}},
        }},
        "operations": {
            "ask": {
                "action": "receive",
                "title": "What clients ask for",
                "channel": { "$ref": "#/channels/live" },
                "messages": of_channel(asked),
            },
            "tell": {
                "action": "send",
                "title": "What clients are told",
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
            "messages": messages,
            "schemas": schemas,
        },
    })
}
