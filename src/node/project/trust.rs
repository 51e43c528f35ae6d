//! Trust in projects that refer to files and variables outside of them.

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

/// What `trustKtxProject` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trusted {
    project_dir: PathBuf,
    references: Vec<OutsideReferences>,
}

/// The variables of a call, which also say whether projects are trusted: the option `trust` stands in for `KTX_TRUST`.
pub(crate) fn variables(options: &Options) -> Outcome<Environment> {
    let variables = environment(options)?;
    Ok(match options.string("trust")?.as_deref() {
        None => variables,
        // A machine that trusts every project has answered the question already.
        Some("ask") => variables,
        Some("always") => variables.with(KTX_TRUST, "1"),
        Some("never") => variables.with(KTX_TRUST, "never"),
        Some(_) => return Err(options.wrong("trust", "'ask', 'always' or 'never'")),
    })
}

/// Asks the host's `confirmTrust` about a connection of a project that is not trusted; without one, the call fails when
/// it comes to the secret.
pub(crate) async fn settle_trust(project: &Arc<Project>, id: &str, options: &Options) -> Outcome<()> {
    let (Some(confirm), variables) = (options.function("confirmTrust")?, variables(options)?) else { return Ok(()) };
    let (asked, id, env) = (project.clone(), id.to_owned(), variables.clone());
    let Some(question) = offload::spawn_blocking(move || asked.trust_question(&id, &env)).await? else { return Ok(()) };
    let answer = confirm.call(&[JsRef::string(&options.env(), &question.text)])?.wait().await?;
    if answer.kind() == ValueType::Boolean && answer.to::<bool>()? {
        let trusted = project.clone();
        offload::spawn_blocking(move || trusted.trust(&variables)).await?;
    }
    Ok(())
}
