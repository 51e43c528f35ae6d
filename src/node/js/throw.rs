//! How a failure looks in JavaScript: as a rejection, or thrown.

use super::{
    call_site::CallSite,
    error_object::error_object,
    types::{Fail, JsRef},
    value::passing,
};
use napi::{Env, Status, sys};
use std::ptr;

impl Fail {
    /// The value to throw or to reject with. An error of ours gets the frames of the call that it is the outcome of.
    pub(super) fn into_js(self, env: &Env, call_site: &CallSite) -> sys::napi_value {
        let made = match self {
            Self::Js(value) => return value.raw(),
            Self::Core(error) => error_object(env, &error, None),
            Self::Caused(error, cause) => error_object(env, &error, Some(cause)),
            Self::Napi(error) => return passing(env, error).unwrap_or(ptr::null_mut()),
        };
        let Ok(error) = made else { return ptr::null_mut() };
        // An error without frames is still the right error.
        drop(call_site.restore_frames(env, &error));
        error.raw()
    }

    /// Throws from a synchronous function.
    pub(crate) fn throw(self, env: &Env) -> napi::Error {
        let thrown = JsRef::new(env.raw(), self.into_js(env, &CallSite::default()));
        // The status says that an exception is pending already.
        match thrown.and_then(|thrown| env.throw(thrown)) {
            Ok(()) => napi::Error::from_status(Status::PendingException),
            Err(error) => error,
        }
    }
}
