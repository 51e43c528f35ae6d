//! The call by which `index.js` hands over what only the package knows.

use super::{
    export::sync,
    js::{JsRef, Outcome},
    options::Options,
    package::Package,
};
use napi::Env;
use napi_derive::napi;

/// Called once by `index.js`; not part of the public interface.
#[napi]
pub fn initialize_addon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    let register = || -> Outcome<JsRef> {
        Package::read(&env, &Options::of(options, "options")?)?.register(&env)?;
        Ok(JsRef::undefined(&env))
    };
    sync(&env, register)
}
