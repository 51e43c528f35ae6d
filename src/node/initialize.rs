//! Initialisation of the addon by `index.js`, which passes the folder of assets and functions of Node.

use super::{
    export::sync,
    js::{JsRef, Outcome, SetImmediate, environment},
    options::Options,
    package::Package,
};
use napi::Env;
use napi_derive::napi;

/// Initialises the addon. Called once by `index.js`; not part of the public API.
#[napi]
pub fn initialize_addon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Options::new(options, "options")?;
        let package = read(&options)?;
        environment::get_or_init(env.raw(), || Outcome::Ok(package))?;
        let set_immediate = required_function(&options, "setImmediate")?;
        environment::get_or_init(env.raw(), || Outcome::Ok(SetImmediate(set_immediate)))?;
        Ok(JsRef::undefined(&env))
    })
}

fn read(options: &Options) -> Outcome<Package> {
    Ok(Package {
        asset_dir: options.required_string("assetDir")?.into(),
        open: required_function(options, "openSync")?,
        close: required_function(options, "closeSync")?,
        start_error: required_function(options, "startError")?,
    })
}

fn required_function(options: &Options, key: &str) -> Outcome<JsRef> {
    options.function(key)?.ok_or_else(|| options.type_error(key, "a function"))
}
