//! Stack frames of the JavaScript call that returned a pending promise.
//!
//! The engine captures the stack where an error object is created, so an error that is created in a later turn of the
//! event loop has no frames of the caller. Therefore the stack is captured when the call returns with its promise still
//! pending, and copied to the error when the promise is rejected.

use super::{
    error_object::new_error,
    types::{JsRef, Outcome},
};
use napi::Env;
use std::{cell::OnceCell, rc::Rc};

/// The stack of a call; empty until it is captured. The engine formats the frames only when they are read.
#[derive(Clone, Default)]
pub(super) struct CallSite(Rc<OnceCell<JsRef>>);

impl CallSite {
    /// Captures the current stack of JavaScript.
    pub(super) fn capture(&self, env: &Env) -> napi::Result<()> {
        let site = new_error(env, "", None).map_err(|fail| napi::Error::from_reason(fail.message()))?;
        self.0.get_or_init(|| site);
        Ok(())
    }

    /// Replaces the frames of an error that was created in a later turn. Does nothing if the host has replaced the
    /// stack by a value that is not a string.
    pub(super) fn restore_frames(&self, env: &Env, error: &JsRef) -> Outcome<()> {
        let Some(site) = self.0.get() else { return Ok(()) };
        let (Ok(stack), Ok(site)) = (error.get("stack")?.text(), site.get("stack")?.text()) else { return Ok(()) };
        let header = stack.find(FRAME).map_or(&*stack, |start| &stack[..start]);
        match site.find(FRAME) {
            Some(start) => error.set("stack", &JsRef::string(env, &format!("{header}{}", &site[start..]))),
            None => Ok(()),
        }
    }
}

/// The beginning of each frame in V8's format.
const FRAME: &str = "\n    at ";
