//! The HTTP ports.

use super::{
    ensure,
    js::{Fail, JsRef, Outcome, promise},
    options::Options,
    sync, until_aborted,
};
use crate::{
    error::{Code, Error},
    http::{Call, Limits},
    ports::{
        BaseUrlSource, JsonRunner, Resolver, ResolverHost, StartedDaemon, analyze_batch, analyze_for_fingerprint,
        parse_table_identifiers, post_to,
    },
    project::secrets::SecretText,
    runtime::Feature,
};
use napi::{Env, bindgen_prelude::FunctionCallContext};
use napi_derive::napi;
use std::{rc::Rc, time::Duration};

#[napi(js_name = "postManagedDaemonJson")]
pub fn post_managed_daemon_json(
    env: Env,
    base_url: JsRef,
    path: JsRef,
    payload: JsRef,
    limits: JsRef,
) -> napi::Result<JsRef> {
    promise(&env, async move {
        let base_url = text_argument(&base_url, "baseUrl")?;
        let path = text_argument(&path, "path")?;
        let limits = if limits.is_nullish() { None } else { Some(Options::of(limits, "limits")?) };
        let signal = limits.as_ref().map(|limits| limits.signal()).transpose()?.flatten();
        let limits = limits.as_ref().map(read_limits).transpose()?.unwrap_or_default();
        let call = Call::post(&base_url, &path, payload_text(&payload)?, limits)?;
        let text = until_aborted(signal, async { Ok(call.send().await?) }).await?;
        parse_object(&env, &path, &text)
    })
}

#[napi(catch_unwind, js_name = "createManagedPythonDaemonBaseUrlResolver")]
pub fn create_managed_python_daemon_base_url_resolver(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let resolver = Rc::new(Resolver::new(ManagedDaemon::read(Options::of(options, "options")?)?));
        Ok(JsRef::function(&env, "resolveBaseUrl", move |context| {
            let (resolver, env) = (resolver.clone(), *context.env);
            promise(&env, async move { Ok(JsRef::string(&env, &resolver.resolve().await?)?) })
        })?)
    })
}

#[napi(catch_unwind, js_name = "createManagedDaemonHttpJsonRunner")]
pub fn create_managed_daemon_http_json_runner(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || Ok(Runner::read(Options::of(options, "options")?)?.into_function(&env)?))
}

#[napi(catch_unwind, js_name = "createManagedDaemonLookerTableIdentifierParser")]
pub fn create_managed_daemon_looker_table_identifier_parser(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || looker_parser(&env, Runner::read(Options::of(options, "options")?)?))
}

/// `{ parse(items) }`
pub(super) fn looker_parser(env: &Env, runner: Runner) -> Outcome<JsRef> {
    let runner = Rc::new(runner);
    let parse = JsRef::function(env, "parse", move |context| {
        let (runner, env, items) = (runner.clone(), *context.env, super::js::argument(context, 0)?);
        promise(&env, async move {
            let items = list_text(&items, "items")?;
            JsRef::from_json(&env, &parse_table_identifiers(runner.as_ref(), &items).await?)
        })
    })?;
    JsRef::object(env, &[("parse", parse)])
}

#[napi(catch_unwind, js_name = "createManagedDaemonSqlAnalysisPort")]
pub fn create_managed_daemon_sql_analysis_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || sql_analysis_port(&env, Runner::read(Options::of(options, "options")?)?))
}

/// `{ analyzeForFingerprint(sql, dialect), analyzeBatch(items, dialect) }`
pub(super) fn sql_analysis_port(env: &Env, runner: Runner) -> Outcome<JsRef> {
    let runner = Rc::new(runner);
    let batching = runner.clone();
    let one = JsRef::function(env, "analyzeForFingerprint", move |context| {
        let (runner, env) = (runner.clone(), *context.env);
        let (sql, dialect) = two_arguments(context)?;
        promise(&env, async move {
            let (sql, dialect) = (text_argument(&sql, "sql")?, text_argument(&dialect, "dialect")?);
            JsRef::encode(&env, &analyze_for_fingerprint(runner.as_ref(), &sql, &dialect).await?)
        })
    })?;
    let many = JsRef::function(env, "analyzeBatch", move |context| {
        let (runner, env) = (batching.clone(), *context.env);
        let (items, dialect) = two_arguments(context)?;
        promise(&env, async move {
            let (items, dialect) = (list_text(&items, "items")?, text_argument(&dialect, "dialect")?);
            JsRef::encode(&env, &analyze_batch(runner.as_ref(), &items, &dialect).await?)
        })
    })?;
    JsRef::object(env, &[("analyzeForFingerprint", one), ("analyzeBatch", many)])
}

#[napi(catch_unwind, js_name = "managedDaemonDatabaseIntrospectionOptions")]
pub fn managed_daemon_database_introspection_options(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let runner = Runner::read(Options::of(options, "options")?)?;
        JsRef::object(&env, &[("requestJson", runner.into_function(&env)?)])
    })
}

fn two_arguments(context: &FunctionCallContext<'_>) -> napi::Result<(JsRef, JsRef)> {
    Ok((super::js::argument(context, 0)?, super::js::argument(context, 1)?))
}

fn text_argument(value: &JsRef, name: &str) -> Outcome<String> {
    value.to::<String>().map_err(|_| Fail::argument(format!("{name} must be a string")))
}

fn list_text(value: &JsRef, name: &str) -> Outcome<String> {
    let text = value.to_json()?.filter(|text| text.starts_with('['));
    text.ok_or_else(|| Fail::argument(format!("{name} must be an array")))
}

fn payload_text(payload: &JsRef) -> Outcome<String> {
    let text = payload.to_json()?.filter(|text| text.starts_with('{'));
    text.ok_or_else(|| Fail::argument("payload must be an object"))
}

fn parse_object(env: &Env, path: &str, text: &str) -> Outcome<JsRef> {
    JsRef::from_json(env, text).map_err(|fail| {
        let message = format!("KTX managed daemon HTTP {path} returned non-object JSON: {}", fail.message());
        let error = Error::new(Code::HttpNotObject, message);
        match fail {
            Fail::Js(cause) => Fail::Caused(error, cause),
            Fail::Core(_) | Fail::Caused(..) | Fail::Napi(_) => Fail::Core(error),
        }
    })
}

fn read_limits(options: &Options) -> Outcome<Limits> {
    let default = Limits::default();
    let wait = |key, default| {
        Ok::<_, Fail>(options.count(key)?.map_or(default, |ms| Duration::from_micros((ms * 1e3) as u64)))
    };
    Ok(Limits {
        connect: wait("connectTimeoutMs", default.connect)?,
        total: wait("timeoutMs", default.total)?,
        max_bytes: options.count("maxResponseBytes")?.map_or(default.max_bytes, |bytes| bytes as usize),
    })
}

/// Where the requests of a port go.
pub(super) enum Runner {
    /// `requestJson`.
    Function(JsRef),
    /// A base URL, and `postJson` or the native transport.
    Posting { source: Source, post: Option<JsRef>, limits: Limits, signal: Option<JsRef> },
}

/// Where the daemon is.
pub(super) enum Source {
    /// `resolveBaseUrl`.
    Function(JsRef),
    /// The managed daemon.
    Managed(Box<Resolver<ManagedDaemon>>),
    /// A URL that somebody set, and the token that goes there.
    Fixed { base_url: String, token: Option<SecretText> },
}

impl BaseUrlSource for Source {
    type Error = Fail;

    async fn base_url(&self) -> Outcome<String> {
        match self {
            Self::Function(resolve) => text_argument(&resolve.call_async(&[]).await?, "The result of resolveBaseUrl"),
            // Boxed: installing and starting go deep, and the host is called from the bottom of it.
            Self::Managed(resolver) => Box::pin(resolver.resolve()).await,
            Self::Fixed { base_url, .. } => Ok(base_url.clone()),
        }
    }

    fn token(&self) -> Option<&str> {
        match self {
            Self::Fixed { token, .. } => token.as_ref().map(SecretText::expose),
            Self::Function(_) | Self::Managed(_) => None,
        }
    }
}

impl Runner {
    pub(super) fn read(options: Options) -> Outcome<Self> {
        if let Some(request) = options.function("requestJson")? {
            return Ok(Self::Function(request));
        }
        let source = match options.function("resolveBaseUrl")? {
            Some(resolve) => Source::Function(resolve),
            None => Source::Managed(Box::new(Resolver::new(ManagedDaemon::read(options.clone())?))),
        };
        let (post, limits) = (options.function("postJson")?, read_limits(&options)?);
        Ok(Self::Posting { source, post, limits, signal: options.signal()? })
    }

    /// A runner on a URL that somebody set.
    pub(super) fn to_url(base_url: String, token: Option<SecretText>) -> Self {
        Self::Posting { source: Source::Fixed { base_url, token }, post: None, limits: Limits::default(), signal: None }
    }

    /// `(path, payload, call?) => Promise<object>`; a function that was given is that very function.
    pub(super) fn into_function(self, env: &Env) -> napi::Result<JsRef> {
        if let Self::Function(request) = self {
            return Ok(request);
        }
        let runner = Rc::new(self);
        JsRef::function(env, "requestJson", move |context| {
            let (runner, env) = (runner.clone(), *context.env);
            let (path, payload) = two_arguments(context)?;
            let call = super::js::argument(context, 2)?;
            promise(&env, async move {
                let signal = if call.is_nullish() { None } else { Options::of(call, "call")?.signal()? };
                until_aborted(signal, runner.run(&env, &path, &payload)).await
            })
        })
    }

    async fn run(&self, env: &Env, path: &JsRef, payload: &JsRef) -> Outcome<JsRef> {
        match self {
            Self::Posting { source, post: Some(post), signal, .. } => {
                let posting = async {
                    let base_url = JsRef::string(env, &Box::pin(source.base_url()).await?)?;
                    post.call_async(&[base_url, path.clone(), payload.clone()]).await
                };
                until_aborted(signal.clone(), posting).await
            }
            _ => {
                let path = text_argument(path, "path")?;
                let text = self.request(&path, payload_text(payload)?).await?;
                parse_object(env, &path, &text)
            }
        }
    }
}

impl JsonRunner for Runner {
    type Error = Fail;

    async fn request(&self, path: &str, payload: String) -> Outcome<String> {
        match self {
            Self::Posting { source, post: None, limits, signal } => {
                until_aborted(signal.clone(), post_to(source, path, payload, *limits)).await
            }
            Self::Posting { source, post: Some(post), .. } => {
                let env = post.env();
                let base_url = JsRef::string(&env, &Box::pin(source.base_url()).await?)?;
                let args = [base_url, JsRef::string(&env, path)?, JsRef::from_json(&env, &payload)?];
                object_text(path, &post.call_async(&args).await?)
            }
            Self::Function(request) => {
                let env = request.env();
                let args = [JsRef::string(&env, path)?, JsRef::from_json(&env, &payload)?];
                object_text(path, &request.call_async(&args).await?)
            }
        }
    }
}

fn object_text(path: &str, answer: &JsRef) -> Outcome<String> {
    answer.to_json()?.filter(|text| text.starts_with('{')).ok_or_else(|| {
        Error::new(Code::HttpNotObject, format!("KTX managed daemon HTTP {path} returned non-object JSON")).into()
    })
}

/// The managed core daemon, as a host describes it.
pub(super) struct ManagedDaemon {
    options: Options,
    cli_version: String,
    io: JsRef,
    ensure_runtime: Option<JsRef>,
    start_daemon: Option<JsRef>,
}

impl ManagedDaemon {
    fn read(options: Options) -> Outcome<Self> {
        ensure::policy(&options)?;
        Ok(Self {
            cli_version: options.required_string("cliVersion")?,
            io: options.raw("io")?.ok_or_else(|| options.wrong("io", "an object"))?,
            ensure_runtime: options.function("ensureRuntime")?,
            start_daemon: options.function("startDaemon")?,
            options,
        })
    }
}

impl ResolverHost for ManagedDaemon {
    type Error = Fail;

    async fn ensure_runtime(&self) -> Outcome<()> {
        let ensuring =
            ensure_with(&self.options, self.ensure_runtime.as_ref(), &self.cli_version, &self.io, Feature::Core);
        Box::pin(ensuring).await
    }

    async fn start_daemon(&self) -> Outcome<StartedDaemon> {
        let env = self.options.env();
        Box::pin(start_with(self.start_daemon.as_ref(), &env, &self.cli_version, Feature::Core)).await
    }

    fn say(&self, line: &str) -> Outcome<()> {
        super::write(&self.io, "stderr", line)
    }
}

/// Ensures a feature by the host's callback or natively.
pub(super) async fn ensure_with(
    options: &Options,
    callback: Option<&JsRef>,
    cli_version: &str,
    io: &JsRef,
    feature: Feature,
) -> Outcome<()> {
    let Some(callback) = callback else {
        return Box::pin(ensure::ensure_runtime(options, feature)).await.map(drop);
    };
    let env = options.env();
    let request = [
        ("cliVersion", JsRef::string(&env, cli_version)?),
        ("installPolicy", JsRef::string(&env, ensure::policy(options)?.as_str())?),
        ("io", io.clone()),
        ("feature", JsRef::string(&env, feature.as_str())?),
    ];
    callback.call_async(&[JsRef::object(&env, &request)?]).await.map(drop)
}

/// Starts the daemon with a feature by the host's callback or natively.
pub(super) async fn start_with(
    callback: Option<&JsRef>,
    env: &Env,
    cli_version: &str,
    feature: Feature,
) -> Outcome<StartedDaemon> {
    let request = [
        ("cliVersion", JsRef::string(env, cli_version)?),
        ("features", super::layout::feature_names(env, &[feature])?),
        ("force", JsRef::boolean(env, false)?),
    ];
    let request = JsRef::object(env, &request)?;
    let started = match callback {
        Some(callback) => callback.call_async(&[request]).await?,
        None => super::daemon::start_managed_python_daemon(*env, request)?.wait().await?,
    };
    let base_url = started.get("baseUrl")?;
    let is_new = started.get("status")?.to::<String>().is_ok_and(|status| status == "started");
    Ok(StartedDaemon { is_new, base_url: text_argument(&base_url, "The baseUrl of startDaemon's result")? })
}
