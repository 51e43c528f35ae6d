//! Exports for the provisioned uv; the host may inject a function that fetches artifacts.

use crate::{
    env::Environment,
    error::Error,
    node::{
        export::{asynchronous, sync},
        js::{Fail, JsRef, Outcome, bytes_of},
        options::Options,
        runtime::environment,
    },
    runtime::{Fetch, FetchLimits, ManagedUv, NativeFetch, UvOptions, UvPin, ensure_managed_uv},
};
use napi::Env;
use napi_derive::napi;
use url::Url;

#[napi(catch_unwind)]
pub fn managed_uv_path(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let (uv, _) = read(&Options::new(options, "options")?)?;
        Ok(JsRef::string(&env, &uv.path().to_string_lossy()))
    })
}

#[napi(js_name = "ensureManagedUv")]
pub fn ensure_uv(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (uv, variables) = read(&options)?;
        let path = match options.function("fetchArtifact")? {
            Some(function) => ensure_managed_uv(&JsFetch { env, function }, &uv, &variables, |_| ()).await?,
            None => ensure_managed_uv(&NativeFetch, &uv, &variables, |_| ()).await?,
        };
        Ok(JsRef::string(&env, &path.to_string_lossy()))
    })
}

/// Reads the pinned uv and the environment from options.
fn read(options: &Options) -> Outcome<(ManagedUv, Environment)> {
    let env = environment(options)?;
    let uv_options = UvOptions {
        platform: options.string("platform")?,
        arch: options.string("arch")?,
        env: env.clone(),
        home_dir: options.path("homeDir")?,
        runtime_root: options.path("runtimeRoot")?,
    };
    Ok((ManagedUv::new(&UvPin::bundled()?, uv_options)?, env))
}

/// The injected `fetchArtifact(url)`.
struct JsFetch {
    env: Env,
    function: JsRef,
}

impl Fetch for JsFetch {
    type Error = Fail;

    async fn fetch(&self, url: &Url, _: FetchLimits) -> Outcome<Vec<u8>> {
        let fetched = self.function.call_async(&[JsRef::string(&self.env, url.as_str())]).await?;
        bytes_of(&fetched)?.ok_or_else(|| Fail::argument("fetchArtifact must return a Uint8Array or an ArrayBuffer"))
    }

    fn reason(&self, cause: &Fail) -> String {
        cause.message()
    }

    fn with_cause(&self, error: Error, cause: Fail) -> Fail {
        cause.into_cause_of(error)
    }
}
