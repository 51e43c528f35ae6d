//! Stack frames of the JavaScript call that a pending promise belongs to.
//!
//! An error that is built in a later turn of the event loop has no frames of its own: the engine captures the stack
//! where the error object is made. So the stack is captured when the call returns with its promise still pending, and
//! given to the error when the promise is rejected.

use super::{
    error_object::new_error,
    types::{JsRef, Outcome},
};
use napi::Env;
use std::{cell::OnceCell, rc::Rc};

/// Where a call was made; empty until it is captured. The engine formats the frames only when they are read.
#[derive(Clone, Default)]
pub(super) struct CallSite(Rc<OnceCell<JsRef>>);

impl CallSite {
    /// Captures the current stack of JavaScript.
    pub(super) fn capture(&self, env: &Env) -> napi::Result<()> {
        let site = new_error(env, "", None).map_err(|fail| napi::Error::from_reason(fail.message()))?;
        // Captured once per call.
        self.0.get_or_init(|| site);
        Ok(())
    }

    /// Replaces the frames of an error that was made in a later turn, which are none or those of the event loop. A host
    /// that formats stacks as something else than text keeps what it made.
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

/// How each frame begins in V8's format.
const FRAME: &str = "\n    at ";
