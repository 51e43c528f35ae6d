//! The call by which `index.js` hands over what only the package knows.

use super::{
    export::sync,
    js::{JsRef, Outcome, environment},
    options::Options,
    package::Package,
};
use napi::Env;
use napi_derive::napi;

/// Called once by `index.js`; not part of the public interface.
#[napi]
pub fn initialize_addon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let package = read(&Options::of(options, "options")?)?;
        environment::get_or_init(env.raw(), || Outcome::Ok(package))?;
        Ok(JsRef::undefined(&env))
    })
}

fn read(options: &Options) -> Outcome<Package> {
    let missing = |key: &str| options.wrong(key, "a function");
    Ok(Package {
        asset_dir: options.required_string("assetDir")?.into(),
        open: options.function("openSync")?.ok_or_else(|| missing("openSync"))?,
        close: options.function("closeSync")?.ok_or_else(|| missing("closeSync"))?,
        start_error: options.function("startError")?.ok_or_else(|| missing("startError"))?,
    })
}
