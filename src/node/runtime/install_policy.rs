//! Exports for install policies, and for the commands that messages name.

use crate::{
    node::{
        export::sync,
        js::{JsRef, Outcome},
        options::Options,
        runtime::layout,
    },
    runtime::{InstallPolicy, MISSING_INSTALLER_MESSAGE, install_command},
};
use napi::Env;
use napi_derive::napi;

#[napi(catch_unwind)]
pub fn runtime_install_policy_from_flags(env: Env, flags: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let flags = Options::new(flags, "flags")?;
        let (yes, input) = (flags.boolean("yes")?.unwrap_or(false), flags.boolean("input")?.unwrap_or(true));
        Ok(JsRef::string(&env, InstallPolicy::from_flags(yes, input)?.as_str()))
    })
}

#[napi(catch_unwind)]
pub fn managed_runtime_install_command(env: Env, feature: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let entries = [("feature", feature)];
        let arguments = Options::new(JsRef::object(&env, &entries)?, "arguments")?;
        let name = arguments.required_string("feature")?;
        let feature = layout::feature(&arguments, "feature", &name)?;
        Ok(JsRef::string(&env, &install_command(feature)))
    })
}

/// The text of `MISSING_UV_RUNTIME_INSTALL_MESSAGE`.
#[napi(catch_unwind)]
pub fn missing_installer_message(env: Env) -> napi::Result<JsRef> {
    sync(&env, || Ok(JsRef::string(&env, MISSING_INSTALLER_MESSAGE)))
}

/// Reads the policy of an options object.
pub(crate) fn policy(options: &Options) -> Outcome<InstallPolicy> {
    let name = options.required_string("installPolicy")?;
    parse_policy(options, "installPolicy", &name)
}

/// Parses the name of a policy.
pub(crate) fn parse_policy(options: &Options, key: &str, name: &str) -> Outcome<InstallPolicy> {
    InstallPolicy::parse(name).ok_or_else(|| options.type_error(key, "'prompt', 'auto' or 'never'"))
}
