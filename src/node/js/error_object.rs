//! Conversion of errors of this package to JavaScript `Error` objects.

use super::{
    types::{JsRef, Outcome},
    value::check,
};
use crate::{
    error::{Code, Error},
    node::package::start_error,
};
use napi::{
    Env, Property, PropertyAttributes,
    bindgen_prelude::{JsObjectValue, Object},
    sys,
};
use std::{error::Error as StdError, ptr};

pub(super) fn error_object(env: &Env, error: &Error, cause: Option<JsRef>) -> Outcome<JsRef> {
    if let Some(failure) = error.start_failure() {
        return with_fields(env, start_error(env, failure)?, error);
    }
    let object = error_fields(env, error)?;
    let cause = match (cause, error.source()) {
        (Some(cause), _) => Some(cause),
        (None, Some(source)) => Some(cause_object(env, source)?),
        (None, None) => None,
    };
    if let Some(cause) = cause {
        set_non_enumerable(env, &object, "cause", &cause)?;
    }
    Ok(object)
}

/// Creates an `Error` with all properties of an error but its cause.
fn error_fields(env: &Env, error: &Error) -> Outcome<JsRef> {
    with_fields(env, new_error(env, &error.to_string(), Some(error.code()))?, error)
}

fn with_fields(env: &Env, object: JsRef, error: &Error) -> Outcome<JsRef> {
    if let Some(hint) = error.hint() {
        object.set("hint", &JsRef::string(env, hint))?;
    }
    if let Some(status) = error.status() {
        object.set("status", &JsRef::number(env, f64::from(status)))?;
    }
    if let Some(response) = error.response() {
        object.set("response", &JsRef::encode(env, response)?)?;
    }
    Ok(object)
}

fn cause_object(env: &Env, cause: &(dyn StdError + 'static)) -> Outcome<JsRef> {
    let object = match cause.downcast_ref::<Error>() {
        Some(error) => error_fields(env, error)?,
        None => new_error(env, &cause.to_string(), None)?,
    };
    if let Some(source) = cause.source() {
        set_non_enumerable(env, &object, "cause", &cause_object(env, source)?)?;
    }
    Ok(object)
}

pub(super) fn new_error(env: &Env, message: &str, code: Option<Code>) -> Outcome<JsRef> {
    let message = JsRef::string(env, message);
    let create = match code {
        Some(Code::ArgumentInvalid) => sys::napi_create_type_error,
        _ => sys::napi_create_error,
    };
    let code = code.map(|code| JsRef::string(env, code.as_str()));
    let mut object = ptr::null_mut();
    // SAFETY: on the JavaScript thread of a live environment, with room for the result.
    check(unsafe {
        create(env.raw(), code.map_or(ptr::null_mut(), |code| code.raw()), message.raw(), &raw mut object)
    })?;
    Ok(JsRef::new(env.raw(), object)?)
}

/// Sets a property that is not enumerable, like `cause` in the language.
fn set_non_enumerable(env: &Env, object: &JsRef, key: &str, value: &JsRef) -> Outcome<()> {
    let attributes = PropertyAttributes::Writable | PropertyAttributes::Configurable;
    let property = Property::new().with_utf8_name(key)?.with_value(&value.unknown()?);
    let mut object = Object::from_raw(env.raw(), object.raw());
    Ok(object.define_properties(&[property.with_property_attributes(attributes)])?)
}
