//! What work on the JavaScript thread fails with, and how that looks there.

use super::{JsRef, Outcome, call_site::CallSite, value::check};
use crate::{
    error::{Code, Error},
    node::package::start_error,
};
use napi::{Env, Status, bindgen_prelude::ToNapiValue, sys};
use std::{error::Error as StdError, ptr};

/// A failure.
pub(crate) enum Fail {
    /// A value that JavaScript threw; it is thrown on as it is.
    Js(JsRef),
    /// An error of ours.
    Core(Error),
    /// An error of ours that a thrown value caused.
    Caused(Error, JsRef),
    /// Something is wrong between the two languages.
    Napi(napi::Error),
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<napi::Error> for Fail {
    fn from(error: napi::Error) -> Self {
        Self::Napi(error)
    }
}

impl std::fmt::Display for Fail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl Fail {
    /// A defect of ours.
    pub(crate) fn internal(text: &str) -> Self {
        Self::Core(Error::new(Code::Internal, format!("Internal error of @kaelio/ktx: {text}")))
    }

    /// What a panic means.
    pub(crate) fn panic(text: &str) -> Self {
        crate::node::limits::of_panic(text).map_or_else(|| Self::internal(text), Self::Core)
    }

    /// An argument of the wrong type.
    pub(crate) fn argument(text: impl Into<String>) -> Self {
        Self::Core(Error::new(Code::ArgumentInvalid, text.into()))
    }

    /// An error of ours of which this is the cause.
    pub(crate) fn causing(self, error: Error) -> Self {
        match self {
            Self::Js(value) => Self::Caused(error, value),
            Self::Core(cause) | Self::Caused(cause, _) => Self::Core(error.caused_by(cause)),
            Self::Napi(cause) => Self::Core(error.caused_by(cause.reason.to_string())),
        }
    }

    /// What it says, for a reason that ends up in another sentence.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Core(error) | Self::Caused(error, _) => error.to_string(),
            Self::Napi(error) => error.reason.to_string(),
            Self::Js(value) => {
                let message = value.get("message").ok().filter(|message| !message.is_nullish());
                let text = message.unwrap_or_else(|| value.clone());
                text.text().unwrap_or_else(|_| "the host failed".to_owned())
            }
        }
    }

    /// The value to throw or to reject with. An error of ours gets the frames of the call that it is the outcome of.
    pub(super) fn into_js(self, raw: sys::napi_env, call_site: &CallSite) -> sys::napi_value {
        let env = Env::from_raw(raw);
        let made = match self {
            Self::Js(value) => return value.raw(),
            Self::Core(error) => error_object(&env, &error, None),
            Self::Caused(error, cause) => error_object(&env, &error, Some(cause)),
            Self::Napi(error) => {
                // SAFETY: on the JavaScript thread of a live environment.
                return unsafe { ToNapiValue::to_napi_value(raw, error) }.unwrap_or(ptr::null_mut());
            }
        };
        let Ok(error) = made else { return ptr::null_mut() };
        // An error without frames is still the right error.
        drop(call_site.give_to(&env, &error));
        error.raw()
    }

    /// Throws from a synchronous function.
    pub(crate) fn throw(self, env: &Env) -> napi::Error {
        // SAFETY: on the JavaScript thread of a live environment. The status tells napi that it was thrown already.
        unsafe { sys::napi_throw(env.raw(), self.into_js(env.raw(), &CallSite::default())) };
        napi::Error::from_status(Status::PendingException)
    }
}

fn error_object(env: &Env, error: &Error, cause: Option<JsRef>) -> Outcome<JsRef> {
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
        hide(env, &object, "cause", &cause)?;
    }
    Ok(object)
}

/// An `Error` with the own properties of an error of ours, but for its cause.
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
        hide(env, &object, "cause", &cause_object(env, source)?)?;
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

/// As the language does with `cause`: there, and not listed.
fn hide(env: &Env, object: &JsRef, key: &str, value: &JsRef) -> Outcome<()> {
    let descriptor = sys::napi_property_descriptor {
        utf8name: ptr::null(),
        name: JsRef::string(env, key).raw(),
        method: None,
        getter: None,
        setter: None,
        value: value.raw(),
        attributes: sys::PropertyAttributes::writable | sys::PropertyAttributes::configurable,
        data: ptr::null_mut(),
    };
    // SAFETY: on the JavaScript thread of a live environment; the descriptor outlives the call.
    Ok(check(unsafe { sys::napi_define_properties(env.raw(), object.raw(), 1, &raw const descriptor) })?)
}
