//! Throws failures as JavaScript exceptions or rejections.

use super::{
    call_site::CallSite,
    error_object::error_object,
    types::{Fail, JsRef},
    value::to_scoped_value,
};
use napi::{Env, Status, sys};
use std::ptr;

impl Fail {
    /// The value to throw or to reject with. Errors of this package get the stack frames of the call.
    pub(super) fn into_js(self, env: &Env, call_site: &CallSite) -> sys::napi_value {
        let object = match self {
            Self::Js(value) => return value.raw(),
            Self::Core(error) => error_object(env, &error, None),
            Self::Caused(error, cause) => error_object(env, &error, Some(cause)),
            Self::Napi(error) => return to_scoped_value(env, error).unwrap_or(ptr::null_mut()),
        };
        let Ok(error) = object else { return ptr::null_mut() };
        // The error is thrown without the frames if they cannot be set.
        drop(call_site.restore_frames(env, &error));
        error.raw()
    }

    /// Throws from a synchronous function.
    pub(crate) fn throw(self, env: &Env) -> napi::Error {
        let thrown = JsRef::new(env.raw(), self.into_js(env, &CallSite::default()));
        // This status tells napi that an exception is already pending.
        match thrown.and_then(|thrown| env.throw(thrown)) {
            Ok(()) => napi::Error::from_status(Status::PendingException),
            Err(error) => error,
        }
    }
}
