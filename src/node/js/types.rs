//! The types of the binding: persisted JavaScript values and failures.

use super::environment;
use napi::{
    Env, JsValue, Result, ValueType,
    bindgen_prelude::{JsObjectValue, Object, ObjectRef, Unknown},
    sys,
};
use std::rc::Rc;

/// A persisted JavaScript value of any type; cheap to clone. Objects keep their identity.
#[derive(Clone)]
pub(crate) struct JsRef(pub(super) Rc<JsRefInner>);

/// A failure of work on the JavaScript thread.
pub(crate) enum Fail {
    /// A value that JavaScript threw, which is rethrown unchanged.
    Js(JsRef),
    /// An error of this package.
    Core(crate::error::Error),
    /// An error of this package with a thrown value as its cause.
    Caused(crate::error::Error, JsRef),
    /// An error of napi.
    Napi(napi::Error),
}

/// Result of work on the JavaScript thread.
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

pub(super) struct JsRefInner {
    pub(super) env: Env,
    pub(super) value: Value,
}

/// Primitives are stored by value, which takes a fraction of the time of a reference.
pub(super) enum Value {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    /// UTF-16, possibly with lone surrogates.
    Text(Box<[u16]>),
    /// An object or a function.
    Object(ObjectRef<false>),
    /// A symbol or another value that cannot be referenced, as a property of an object.
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

impl Drop for JsRefInner {
    fn drop(&mut self) {
        if let Value::Object(reference) | Value::Boxed(reference) = std::mem::replace(&mut self.value, Value::Undefined)
            && environment::is_alive(self.env.raw())
        {
            // A reference that cannot be deleted is released with its environment.
            drop(reference.unref(&self.env));
        }
    }
}

/// A raw value of the current scope as napi's own type.
pub(super) fn unknown<'env>(env: &'env Env, value: sys::napi_value) -> Unknown<'env> {
    Object::from_raw(env.raw(), value).to_unknown()
}
