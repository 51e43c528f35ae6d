//! The two types of the binding: JavaScript values that Rust holds, and what work on the JavaScript thread fails with.

use super::environment;
use napi::{
    Env, JsValue, Result, ValueType,
    bindgen_prelude::{JsObjectValue, Object, ObjectRef, Unknown},
    sys,
};
use std::rc::Rc;

/// A persisted value of any type; cheap to clone. Objects keep their identity.
#[derive(Clone)]
pub(crate) struct JsRef(pub(super) Rc<Held>);

/// A failure.
pub(crate) enum Fail {
    /// A value that JavaScript threw; it is thrown on as it is.
    Js(JsRef),
    /// An error of ours.
    Core(crate::error::Error),
    /// An error of ours that a thrown value caused.
    Caused(crate::error::Error, JsRef),
    /// Something is wrong between the two languages.
    Napi(napi::Error),
}

/// Result of everything that may fail with a JavaScript value.
pub(crate) type Outcome<T> = std::result::Result<T, Fail>;

impl From<crate::error::Error> for Fail {
    fn from(error: crate::error::Error) -> Self {
        Self::Core(error)
    }
}

impl From<napi::Error> for Fail {
    fn from(error: napi::Error) -> Self {
        Self::Napi(error)
    }
}

pub(super) struct Held {
    pub(super) env: Env,
    pub(super) value: Value,
}

/// What has no identity is kept as what it is: that takes a fraction of a reference's time.
pub(super) enum Value {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    /// UTF-16, of which halves of a pair may be lone.
    Text(Box<[u16]>),
    /// An object or a function.
    Object(ObjectRef<false>),
    /// Symbols and the like cannot be referenced, so they stand in an object.
    Boxed(ObjectRef<false>),
}

/// The key of the value in the object of [`Value::Boxed`].
pub(super) const BOXED_KEY: &str = "value";

impl Value {
    pub(super) fn of(env: &Env, value: Unknown<'_>) -> Result<Self> {
        Ok(match value.get_type()? {
            ValueType::Undefined => Self::Undefined,
            ValueType::Null => Self::Null,
            ValueType::Boolean => Self::Boolean(value.coerce_to_bool()?),
            ValueType::Number => Self::Number(value.coerce_to_number()?.get_double()?),
            ValueType::String => {
                let text = value.coerce_to_string()?;
                let length = text.utf16_len()?;
                Self::Text(text.into_utf16()?.as_slice()[..length].into())
            }
            ValueType::Object | ValueType::Function => {
                Self::Object(Object::from_raw(env.raw(), value.raw()).create_ref()?)
            }
            _ => {
                let mut object = Object::new(env)?;
                object.set_property(env.create_string(BOXED_KEY)?, value)?;
                Self::Boxed(object.create_ref()?)
            }
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Value::Object(reference) | Value::Boxed(reference) = std::mem::replace(&mut self.value, Value::Undefined)
            && environment::is_alive(self.env.raw())
        {
            // A reference that cannot be deleted ends with its environment.
            drop(reference.unref(&self.env));
        }
    }
}

/// A raw value of the current scope as napi's own type.
pub(super) fn unknown<'env>(env: &'env Env, value: sys::napi_value) -> Unknown<'env> {
    Object::from_raw(env.raw(), value).to_unknown()
}
