//! Initialisation of the addon by `index.js`, which passes the folder of assets and functions of Node.

use super::{
    export::sync,
    js::{JsRef, Outcome, environment},
    options::Options,
    package::Package,
};
use napi::Env;
use napi_derive::napi;

/// Initialises the addon. Called once by `index.js`; not part of the public API.
#[napi]
pub fn initialize_addon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let package = read(&Options::new(options, "options")?)?;
        environment::get_or_init(env.raw(), || Outcome::Ok(package))?;
        Ok(JsRef::undefined(&env))
    })
}

fn read(options: &Options) -> Outcome<Package> {
    let missing = |key: &str| options.type_error(key, "a function");
    Ok(Package {
        asset_dir: options.required_string("assetDir")?.into(),
        open: options.function("openSync")?.ok_or_else(|| missing("openSync"))?,
        close: options.function("closeSync")?.ok_or_else(|| missing("closeSync"))?,
        start_error: options.function("startError")?.ok_or_else(|| missing("startError"))?,
    })
}
