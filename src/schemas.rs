//! Test support: compares Rust types with the JSON Schemas of the daemon's types (`schemas/*.json`).

use serde::{Deserialize, Serialize};
use serde_aux::serde_introspection::serde_introspect;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, path::Path};

/// The schema of a type of the daemon.
#[derive(Clone)]
pub(crate) struct Definition {
    definitions: Value,
    name: String,
    /// Properties that the Rust type and its nested types leave out on purpose.
    ignored: BTreeSet<String>,
    /// Whether the Rust type has the keys in camelCase.
    is_camel_case: bool,
}

/// The definition `name` of `schemas/<file>.json`.
pub(crate) fn definition(file: &str, name: &str) -> Definition {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(format!("{file}.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let definitions = schema["$defs"].clone();
    Definition { definitions, name: name.to_owned(), ignored: BTreeSet::new(), is_camel_case: false }
}

impl Definition {
    pub(crate) fn ignoring(mut self, properties: &[&str]) -> Self {
        self.ignored = properties.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    pub(crate) fn in_camel_case(mut self) -> Self {
        self.is_camel_case = true;
        self
    }

    /// Asserts that the type has the properties of the schema and deserialises all its values.
    pub(crate) fn assert_read_by<T: Deserialize<'static>>(&self) {
        assert_eq!(self.differences::<T>(|_| None), Vec::<String>::new());
    }

    /// Asserts [`Self::assert_read_by`], and that the type serialises to the same value.
    pub(crate) fn assert_kept_by<T: Deserialize<'static> + Serialize>(&self) {
        assert_eq!(self.round_trip_differences::<T>(), Vec::<String>::new());
    }

    /// Asserts that a value serialises to properties of the schema only, and to all required ones.
    pub(crate) fn assert_describes(&self, value: &impl Serialize) {
        let written = serde_json::to_value(value).unwrap();
        let keys: BTreeSet<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
        let unknown: Vec<_> = keys.iter().filter(|name| !self.properties().contains_key(**name)).collect();
        let missing: Vec<_> = self.required().filter(|name| !keys.contains(name)).collect();
        assert!(unknown.is_empty() && missing.is_empty(), "{written} has {unknown:?} and lacks {missing:?}");
    }

    /// Asserts that an enum has the values of a property and `others`, no more and no less.
    pub(crate) fn assert_values_of<T: Deserialize<'static>>(&self, property: &str, others: &[&str]) {
        assert_eq!(self.values_of(property, others), serde_introspect::<T>().iter().copied().collect());
    }

    /// The string values of a property, and `others`.
    pub(crate) fn values_of<'a>(&'a self, property: &str, others: &[&'a str]) -> BTreeSet<&'a str> {
        let schema = &self.properties()[property];
        let options = schema["anyOf"].as_array().map_or_else(|| vec![schema], |options| options.iter().collect());
        let values = options.into_iter().filter_map(|option| option["enum"].as_array()).flatten();
        values.filter_map(Value::as_str).chain(others.iter().copied()).collect()
    }

    fn round_trip_differences<T: Deserialize<'static> + Serialize>(&self) -> Vec<String> {
        self.differences::<T>(|value| serde_json::to_value(value).ok())
    }

    fn differences<T: Deserialize<'static>>(&self, serialize: impl Fn(&T) -> Option<Value>) -> Vec<String> {
        let fields: BTreeSet<_> = serde_introspect::<T>().iter().map(|name| snake_case(name)).collect();
        let properties: BTreeSet<_> = self.properties().keys().cloned().collect();
        let missing = properties.difference(&fields).filter(|name| !self.ignored.contains(*name));
        let unknown = fields.difference(&properties).chain(fields.intersection(&self.ignored));
        let mut found: Vec<_> = missing.map(|name| format!("the type lacks {name}")).collect();
        found.extend(unknown.map(|name| format!("the schema lacks {name}, or it is ignored")));
        for (name, sample) in self.samples() {
            match read::<T>(&if self.is_camel_case { rename_keys(&sample, &camel_case) } else { sample }) {
                Err(error) => found.push(format!("{name}: {error}")),
                Ok(value) if name == COMPLETE => {
                    found.extend(serialize(&value).and_then(|copy| self.copy_difference(&copy)));
                }
                Ok(_) => {}
            }
        }
        found
    }

    /// The difference between a serialised copy and the complete sample.
    fn copy_difference(&self, copy: &Value) -> Option<String> {
        let expected = self.complete_sample(&self.name);
        let copy = rename_keys(copy, &snake_case);
        (copy != expected).then(|| format!("{expected} is written as {copy}"))
    }

    fn properties(&self) -> &Map<String, Value> {
        self.definitions[&self.name]["properties"].as_object().unwrap()
    }

    fn required(&self) -> impl Iterator<Item = &str> {
        self.definitions[&self.name]["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// Named samples: the complete object, one for each further value of a property, one without each optional
    /// property.
    fn samples(&self) -> Vec<(String, Value)> {
        let complete = self.complete_sample(&self.name);
        let mut samples = vec![(COMPLETE.to_owned(), complete.clone())];
        for (name, schema) in self.properties().iter().filter(|(name, _)| !self.ignored.contains(*name)) {
            for value in self.values(schema).into_iter().skip(1) {
                let mut sample = complete.clone();
                sample[name] = value;
                samples.push((format!("{name} is {}", sample[name]), sample));
            }
            if self.required().all(|required| required != name) {
                let mut sample = complete.clone();
                sample.as_object_mut().unwrap().remove(name);
                samples.push((format!("{name} is absent"), sample));
            }
        }
        samples
    }

    fn complete_sample(&self, name: &str) -> Value {
        let properties = self.definitions[name]["properties"].as_object().unwrap();
        let used = properties.iter().filter(|(name, _)| !self.ignored.contains(*name));
        used.map(|(name, schema)| (name.clone(), self.values(schema).remove(0))).collect()
    }

    /// Sample values of a schema; the first is neither null nor the default.
    fn values(&self, schema: &Value) -> Vec<Value> {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            return vec![self.complete_sample(name)];
        }
        if let Some(options) = schema["anyOf"].as_array() {
            return options.iter().flat_map(|option| self.values(option)).collect();
        }
        if let Some(values) = schema["enum"].as_array() {
            let mut values = values.clone();
            values.sort_by_key(|value| *value == schema["default"]);
            return values;
        }
        vec![match schema["type"].as_str() {
            Some("string") => json!("text"),
            Some("integer") => json!(7),
            Some("number") => json!(1.5),
            Some("boolean") => json!(true),
            Some("array") => json!([self.values(&schema["items"]).remove(0)]),
            Some("object") => json!({ "key": self.values(&schema["additionalProperties"]).remove(0) }),
            _ => Value::Null,
        }]
    }
}

const COMPLETE: &str = "complete";

fn read<T: Deserialize<'static>>(sample: &Value) -> Result<T, String> {
    let text: &'static str = Box::leak(sample.to_string().into_boxed_str());
    serde_json::from_str(text).map_err(|error| format!("{error} in {text}"))
}

/// Renames all keys of a value.
fn rename_keys(value: &Value, rename: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(key, value)| (rename(key), rename_keys(value, rename))).collect(),
        Value::Array(items) => items.iter().map(|item| rename_keys(item, rename)).collect(),
        other => other.clone(),
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| all + &word[..1].to_uppercase() + &word[1..])
}

fn snake_case(name: &str) -> String {
    name.chars()
        .flat_map(|letter| {
            let underscore = letter.is_ascii_uppercase().then_some('_');
            underscore.into_iter().chain(letter.to_lowercase())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{Column, Measure, Source};

    fn differences_after(change: impl Fn(&mut Value)) -> usize {
        let mut source = definition("semantic-source", "Source");
        change(&mut source.definitions);
        let column = Definition { name: "Column".into(), ..source.clone() };
        let measure = Definition { name: "Measure".into(), ..source.clone() };
        source.round_trip_differences::<Source>().len()
            + column.round_trip_differences::<Column>().len()
            + measure.round_trip_differences::<Measure>().len()
    }

    #[test]
    fn any_change_of_a_schema_is_a_difference() {
        assert_eq!(differences_after(|_| ()), 0);
        let changes: [fn(&mut Value); 8] = [
            |all| all["Source"]["properties"]["owner"] = json!({ "type": "string" }),
            |all| drop(all["Source"]["properties"].as_object_mut().unwrap().remove("grain")),
            |all| all["Source"]["properties"]["grain"] = json!({ "type": "string" }),
            |all| all["Column"]["required"] = json!(["name"]),
            |all| all["Column"]["properties"]["type"]["enum"].as_array_mut().unwrap().push("list".into()),
            |all| all["Column"]["properties"]["name"] = json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            |all| all["Measure"]["properties"]["filters"] = all["Measure"]["properties"]["filter"].take(),
            |all| all["Join"]["properties"]["kind"] = json!({ "type": "string" }),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            assert_ne!(differences_after(change), 0, "change {index}");
        }
    }

    #[test]
    fn ignored_property_must_be_absent_from_the_type() {
        let source = definition("semantic-source", "Source").ignoring(&["grain"]);
        assert_ne!(source.round_trip_differences::<Source>(), Vec::<String>::new());
    }
}
