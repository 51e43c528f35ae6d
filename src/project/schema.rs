//! Writes `schemas/ktx.yaml.json` from the types of `ktx.yaml` and the table of drivers:
//! `KTX_UPDATE_GOLDEN=1 cargo test --no-default-features --lib schema`.

use super::{
    adapter::Adapter,
    config::{Config, Connection},
    drivers::{self, DRIVERS, Driver, PartKind},
    environments,
    modeline::{CONFIG_SCHEMA, schema_url},
};
use serde_aux::serde_introspection::serde_introspect;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fs, path::Path};

fn schema() -> Value {
    let mut schema = schemars::schema_for!(Config).to_value();
    remove_formats(&mut schema);
    let connection = json!({ "allOf": [{ "$ref": "#/$defs/Connection" }], "required": ["driver"] });
    schema["properties"]["connections"]["additionalProperties"] = connection;
    schema["$defs"]["Ingest"]["properties"]["adapters"]["items"] = json!({ "enum": Adapter::NAMES });
    complete_connection(&mut schema["$defs"]["Connection"]);
    let head = json!({ "$schema": schema["$schema"], "$id": schema_url(CONFIG_SCHEMA), "title": "ktx.yaml" });
    let Value::Object(rest) = schema else { panic!("{schema}") };
    let mut all = head.as_object().unwrap().clone();
    all.extend(rest.into_iter().filter(|(key, _)| key != "$schema" && key != "title"));
    all.into()
}

/// Formats of Rust's numbers, which validators do not know.
fn remove_formats(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            keys.retain(|key, value| key != "format" || !value.is_string());
            keys.values_mut().for_each(remove_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_formats),
        _ => {}
    }
}

/// Adds what the table of drivers says: names, choices, and the keys that exclude each other.
fn complete_connection(connection: &mut Value) {
    let names: Vec<_> = DRIVERS.iter().flat_map(names).collect();
    let described = connection["properties"]["driver"]["description"].clone();
    connection["properties"]["driver"] =
        json!({ "description": described, "anyOf": [{ "enum": names }, { "type": "string", "minLength": 1 }] });
    for part in drivers::all_parts() {
        if let PartKind::Choice(choices) = part.kind {
            let reference = json!({ "type": "string", "pattern": "^(env|file):" });
            let property = &mut connection["properties"][part.key];
            property["anyOf"] = json!([{ "enum": choices }, reference, { "type": "null" }]);
            property.as_object_mut().unwrap().shift_remove("type");
        }
    }
    connection["properties"]["port"]["minimum"] = 1.into();
    let parts: Vec<_> = drivers::all_parts().filter(|part| part.is_in_url()).map(|part| part.key).collect();
    let mut rules = vec![
        excludes("url", &[&parts[..], &["path"], environments::PROFILES].concat()),
        excludes("path", &[&parts[..], environments::PROFILES].concat()),
    ];
    rules.extend(DRIVERS.iter().map(keys_of_driver));
    connection["allOf"] = rules.into();
}

fn names(driver: &'static Driver) -> impl Iterator<Item = &'static str> {
    [driver.name].into_iter().chain(driver.aliases.iter().copied())
}

/// A connection with `key` has none of the others.
fn excludes(key: &str, others: &[&str]) -> Value {
    json!({ "if": { "required": [key] }, "then": { "properties": none_of(others.iter().copied()) } })
}

/// A connection of a driver has none of the parts of other drivers.
fn keys_of_driver(driver: &'static Driver) -> Value {
    let mut known: BTreeSet<_> = driver.parts.iter().map(|part| part.key).collect();
    if driver.kind != drivers::DriverKind::Service {
        known.insert("url");
    }
    let all = drivers::all_parts().map(|part| part.key).chain(["url"]);
    let others = all.filter(|key| !known.contains(key));
    let names: Vec<_> = names(driver).collect();
    json!({
        "if": { "properties": { "driver": { "enum": names } }, "required": ["driver"] },
        "then": { "properties": none_of(others) },
    })
}

fn none_of<'a>(keys: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    keys.map(|key| (key.to_owned(), false.into())).collect()
}

#[test]
fn schema_of_ktx_yaml_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(CONFIG_SCHEMA);
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("KTX_UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let hint = "run KTX_UPDATE_GOLDEN=1 cargo test --no-default-features --lib schema";
    assert!(fs::read_to_string(&path).is_ok_and(|written| written == text), "schemas/{CONFIG_SCHEMA} is stale: {hint}");
}

#[test]
fn schema_describes_every_key() {
    let schema = schema();
    let properties = schema["$defs"]["Connection"]["properties"].as_object().unwrap();
    let keys: BTreeSet<_> = properties.keys().map(String::as_str).collect();
    assert_eq!(keys, serde_introspect::<Connection>().iter().copied().collect());
    for (key, property) in properties {
        assert!(property["description"].is_string(), "{key}");
    }
}
