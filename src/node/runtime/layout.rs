//! Reads layout options, environment variables and features.

use crate::{
    env::Environment,
    node::{
        js::{Fail, JsRef, Outcome},
        options::Options,
        package,
    },
    runtime::{Feature, Layout, LayoutOptions, Platform},
};
use napi::Env;
use std::collections::BTreeMap;

/// Keys of layout options.
pub(crate) const KEYS: [&str; 5] = ["platform", "env", "homeDir", "runtimeRoot", "assetDir"];

/// A layout, and the environment that it was computed from.
#[derive(Clone)]
pub(crate) struct RuntimeContext {
    pub(crate) layout: Layout,
    pub(crate) env: Environment,
}

impl RuntimeContext {
    pub(crate) fn read(options: &Options) -> Outcome<Self> {
        let env = environment(options)?;
        let platform = options.string("platform")?.map_or(Platform::CURRENT, |name| Platform::from_node(&name));
        let asset_dir = match options.path("assetDir")? {
            Some(folder) => folder,
            None => package::asset_dir(&options.env())?,
        };
        let layout = Layout::new(LayoutOptions {
            cli_version: options.required_string("cliVersion")?,
            platform,
            env: env.clone(),
            home_dir: options.path("homeDir")?,
            runtime_root: options.path("runtimeRoot")?,
            asset_dir,
        })?;
        Ok(Self { layout, env })
    }

    /// The default layout of a version.
    pub(crate) fn from_version(env: &Env, cli_version: &str) -> Outcome<Self> {
        let entries = [("cliVersion", JsRef::string(env, cli_version))];
        Self::read(&Options::new(JsRef::object(env, &entries)?, "options")?)
    }
}

/// Reads `options.env`, or `process.env`, of which worker threads have their own.
pub(crate) fn environment(options: &Options) -> Outcome<Environment> {
    let env = match options.raw("env")? {
        Some(env) => env,
        None => JsRef::global(&options.env())?.get("process")?.get("env")?,
    };
    match env.decode::<BTreeMap<String, Option<String>>>()? {
        Ok(variables) => Ok(variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()),
        Err(_) => Err(options.type_error("env", "an object of strings")),
    }
}

/// Reads the features of an option.
pub(crate) fn features(options: &Options, key: &str) -> Outcome<Vec<Feature>> {
    let names = options.strings(key)?.ok_or_else(|| options.type_error(key, "an array of features"))?;
    names.iter().map(|name| feature(options, key, name)).collect()
}

/// Parses the name of a feature.
pub(crate) fn feature(options: &Options, key: &str, name: &str) -> Outcome<Feature> {
    Feature::parse(name).ok_or_else(|| -> Fail {
        let names = Feature::ALL.map(|feature| format!("'{}'", feature.as_str())).join(", ");
        options.type_error(key, &format!("one of {names}"))
    })
}

/// Creates a JavaScript array of the names of features.
pub(crate) fn feature_names(env: &Env, features: &[Feature]) -> Outcome<JsRef> {
    JsRef::encode(env, &features)
}
