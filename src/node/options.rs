//! Reads options objects by key. A value of the wrong type is a `TypeError` that names the key.

use super::js::{Fail, JsRef, Outcome};
use crate::files::normalize;
use napi::{Env, ValueType};
use std::path::PathBuf;

/// An options object.
#[derive(Clone)]
pub(crate) struct Options {
    value: JsRef,
    name: String,
}

impl Options {
    /// Wraps an argument, which must be an object; `name` is used in errors.
    pub(crate) fn new(value: JsRef, name: &str) -> Outcome<Self> {
        if matches!(value.kind(), ValueType::Object | ValueType::Function) {
            return Ok(Self { value, name: name.to_owned() });
        }
        Err(Fail::argument(format!("{name} must be an object")))
    }

    pub(crate) fn env(&self) -> Env {
        self.value.env()
    }

    /// The value of a key; `None` when it is absent, `undefined` or `null`.
    pub(crate) fn raw(&self, key: &str) -> Outcome<Option<JsRef>> {
        Ok(Some(self.value.get(key)?).filter(|value| !value.is_nullish()))
    }

    fn read_typed<T>(
        &self,
        key: &str,
        kind: ValueType,
        what: &str,
        read: impl Fn(&JsRef) -> napi::Result<T>,
    ) -> Outcome<Option<T>> {
        match self.raw(key)? {
            None => Ok(None),
            Some(value) if value.kind() == kind => Ok(Some(read(&value)?)),
            Some(_) => Err(self.type_error(key, what)),
        }
    }

    /// The error for a key of the wrong type.
    pub(crate) fn type_error(&self, key: &str, what: &str) -> Fail {
        Fail::argument(format!("{}.{key} must be {what}", self.name))
    }

    pub(crate) fn string(&self, key: &str) -> Outcome<Option<String>> {
        self.read_typed(key, ValueType::String, "a string", JsRef::text)
    }

    pub(crate) fn required_string(&self, key: &str) -> Outcome<String> {
        self.string(key)?.ok_or_else(|| self.type_error(key, "a string"))
    }

    /// A folder or file, absolute and normalized; relative ones start at the working folder.
    pub(crate) fn required_path(&self, key: &str) -> Outcome<PathBuf> {
        let path = PathBuf::from(self.required_string(key)?);
        // Fails for an empty path or a missing working folder; the caller's use of the path then reports it.
        Ok(normalize(&std::path::absolute(&path).unwrap_or(path)))
    }

    pub(crate) fn path(&self, key: &str) -> Outcome<Option<PathBuf>> {
        Ok(self.string(key)?.map(PathBuf::from))
    }

    pub(crate) fn boolean(&self, key: &str) -> Outcome<Option<bool>> {
        self.read_typed(key, ValueType::Boolean, "a boolean", JsRef::to::<bool>)
    }

    /// A number that is not negative.
    pub(crate) fn count(&self, key: &str) -> Outcome<Option<f64>> {
        let number = self.read_typed(key, ValueType::Number, "a number", JsRef::to::<f64>)?;
        match number {
            Some(number) if !number.is_finite() || number < 0.0 => Err(self.type_error(key, "a number, 0 or more")),
            other => Ok(other),
        }
    }

    pub(crate) fn function(&self, key: &str) -> Outcome<Option<JsRef>> {
        match self.raw(key)? {
            None => Ok(None),
            Some(value) if value.is_function() => Ok(Some(value)),
            Some(_) => Err(self.type_error(key, "a function")),
        }
    }

    /// The `AbortSignal` under `signal`.
    pub(crate) fn signal(&self) -> Outcome<Option<JsRef>> {
        match self.raw("signal")? {
            Some(value) if !value.get("addEventListener").is_ok_and(|listen| listen.is_function()) => {
                Err(self.type_error("signal", "an AbortSignal"))
            }
            signal => Ok(signal),
        }
    }

    /// An object below a key.
    pub(crate) fn object(&self, key: &str) -> Outcome<Option<Options>> {
        self.raw(key)?.map(|value| Options::new(value, &format!("{}.{key}", self.name))).transpose()
    }

    pub(crate) fn strings(&self, key: &str) -> Outcome<Option<Vec<String>>> {
        let Some(value) = self.raw(key)? else { return Ok(None) };
        match value.decode::<Vec<String>>()? {
            Ok(strings) => Ok(Some(strings)),
            Err(_) => Err(self.type_error(key, "an array of strings")),
        }
    }

    /// An object, as JSON.
    pub(crate) fn required_json(&self, key: &str) -> Outcome<String> {
        let text = self.raw(key)?.map(|value| value.to_json()).transpose()?.flatten();
        text.filter(|text| text.starts_with('{')).ok_or_else(|| self.type_error(key, "an object"))
    }
}
