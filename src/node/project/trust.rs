//! Exports and prompts for trust in projects that refer to files and variables outside of them.

use crate::{
    env::{Environment, KTX_TRUST},
    error::Error,
    node::{
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        runtime::environment,
    },
    offload,
    project::{self, OutsideReferences, Project},
};
use napi::{Env, ValueType};
use napi_derive::napi;
use serde::Serialize;
use std::{path::PathBuf, sync::Arc};

#[napi(js_name = "trustKtxProject")]
pub fn trust_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (dir, variables) = (options.required_path("projectDir")?, variables(&options)?);
        let trusting = move || {
            let project = project::load(dir.as_ref())?;
            Ok::<_, Error>(Trusted { references: project.trust(&variables)?, project_dir: project.dir })
        };
        JsRef::encode(&env, &offload::spawn_blocking(trusting).await?)
    })
}

/// Result of `trustKtxProject`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trusted {
    project_dir: PathBuf,
    references: Vec<OutsideReferences>,
}

/// The environment variables of a call; the option `trust` overrides `KTX_TRUST`.
pub(crate) fn variables(options: &Options) -> Outcome<Environment> {
    let variables = environment(options)?;
    Ok(match options.string("trust")?.as_deref() {
        None => variables,
        // With `KTX_TRUST` set, no question is asked.
        Some("ask") => variables,
        Some("always") => variables.with(KTX_TRUST, "1"),
        Some("never") => variables.with(KTX_TRUST, "never"),
        Some(_) => return Err(options.type_error("trust", "'ask', 'always' or 'never'")),
    })
}

/// Asks the host's `confirmTrust` whether to trust a project that is not trusted yet. Without that callback nothing
/// happens here, and the call fails when it reads the secret.
pub(crate) async fn confirm_trust(project: &Arc<Project>, id: &str, options: &Options) -> Outcome<()> {
    let (Some(confirm), variables) = (options.function("confirmTrust")?, variables(options)?) else { return Ok(()) };
    let (untrusted, id, env) = (project.clone(), id.to_owned(), variables.clone());
    let question = offload::spawn_blocking(move || untrusted.trust_question(&id, &env)).await?;
    let Some(question) = question else { return Ok(()) };
    let answer = confirm.call(&[JsRef::string(&options.env(), &question.text)])?.wait().await?;
    if answer.kind() == ValueType::Boolean && answer.to::<bool>()? {
        let trusted = project.clone();
        offload::spawn_blocking(move || trusted.trust(&variables)).await?;
    }
    Ok(())
}
