//! Conversion of values by way of JSON text, which the engine writes and parses.

use super::{
    environment,
    types::{Fail, JsRef, Outcome, unknown},
    value::to_scoped_value,
};
use napi::{Env, JsValue, ValueType};
use serde::{Serialize, de::DeserializeOwned};
use std::rc::Rc;

/// The functions of the global `JSON`, read at the first use.
struct Json {
    stringify: JsRef,
    parse: JsRef,
}

fn json(env: &Env) -> Outcome<Rc<Json>> {
    environment::get_or_init(env.raw(), || {
        let json = JsRef::global(env)?.get("JSON")?;
        Ok(Json { stringify: json.get("stringify")?, parse: json.get("parse")? })
    })
}

impl JsRef {
    /// `JSON.stringify(value)`; `None` if that is undefined.
    pub(crate) fn to_json(&self) -> Outcome<Option<String>> {
        let env = self.env();
        let text = json(&env)?.stringify.call_raw(to_scoped_value(&env, ())?, &[self.raw()])?;
        let text = unknown(&env, text);
        if text.get_type()? != ValueType::String {
            return Ok(None);
        }
        Ok(Some(text.coerce_to_string()?.into_utf8()?.into_owned()?))
    }

    /// `JSON.parse(text)`
    pub(crate) fn from_json(env: &Env, text: &str) -> Outcome<JsRef> {
        let value = json(env)?.parse.call_raw(to_scoped_value(env, ())?, &[to_scoped_value(env, text)?])?;
        Ok(Self::new(env.raw(), value)?)
    }

    /// Deserialises the value by way of JSON.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Outcome<serde_json::Result<T>> {
        Ok(serde_json::from_str(self.to_json()?.as_deref().unwrap_or("null")))
    }

    /// Serialises a Rust value by way of JSON.
    pub(crate) fn encode(env: &Env, value: &impl Serialize) -> Outcome<JsRef> {
        let text = serde_json::to_string(value).map_err(|error| Fail::internal(&error.to_string()))?;
        Self::from_json(env, &text)
    }
}
