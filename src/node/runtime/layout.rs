//! Layout options and the environment, as hosts give them.

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

/// Keys of layout options, for handing them on.
pub(crate) const KEYS: [&str; 5] = ["platform", "env", "homeDir", "runtimeRoot", "assetDir"];

/// A layout, and the environment that it was computed from.
#[derive(Clone)]
pub(crate) struct RuntimePlace {
    pub(crate) layout: Layout,
    pub(crate) env: Environment,
}

impl RuntimePlace {
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

    /// The layout that a host gets by the version alone.
    pub(crate) fn of_version(env: &Env, cli_version: &str) -> Outcome<Self> {
        let entries = [("cliVersion", JsRef::string(env, cli_version))];
        Self::read(&Options::of(JsRef::object(env, &entries)?, "options")?)
    }
}

/// `options.env`, or the environment of this process as JavaScript sees it: worker threads have one of their own.
pub(crate) fn environment(options: &Options) -> Outcome<Environment> {
    let given = match options.raw("env")? {
        Some(given) => given,
        None => JsRef::global(&options.env())?.get("process")?.get("env")?,
    };
    match given.decode::<BTreeMap<String, Option<String>>>()? {
        Ok(variables) => Ok(variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()),
        Err(_) => Err(options.wrong("env", "an object of strings")),
    }
}

/// The features of an option.
pub(crate) fn features(options: &Options, key: &str) -> Outcome<Vec<Feature>> {
    let names = options.strings(key)?.ok_or_else(|| options.wrong(key, "an array of features"))?;
    names.iter().map(|name| feature(options, key, name)).collect()
}

/// One feature by name.
pub(crate) fn feature(options: &Options, key: &str, name: &str) -> Outcome<Feature> {
    Feature::parse(name).ok_or_else(|| -> Fail {
        let known = Feature::ALL.map(|feature| format!("'{}'", feature.as_str())).join(", ");
        options.wrong(key, &format!("one of {known}"))
    })
}

/// Features as JavaScript sees them.
pub(crate) fn feature_names(env: &Env, features: &[Feature]) -> Outcome<JsRef> {
    JsRef::encode(env, &features)
}
