//! The runner of a port: sends requests by an injected function or over HTTP.

use crate::{
    error::{Code, Error},
    http::{Limits, call_name},
    node::{
        abort::until_aborted,
        arguments::{parse_object, payload_text, text_argument, two_arguments},
        daemon::ManagedDaemon,
        js::{Fail, JsRef, Outcome, argument, promise},
        log,
        options::Options,
    },
    ports::{BaseUrlSource, JsonRunner, Resolver, Trace, post_with_retry},
    redact::SecretText,
};
use napi::Env;
use std::{rc::Rc, time::Duration};

/// Sends the requests of a port.
pub(crate) enum Runner {
    /// The injected `requestJson`.
    Function(JsRef),
    /// HTTP, by the injected `postJson` or the native client.
    Http { source: Source, post: Option<JsRef>, limits: Limits, signal: Option<JsRef>, trace: Trace },
}

/// Source of the daemon's base URL.
pub(crate) enum Source {
    /// The injected `resolveBaseUrl`.
    Function(JsRef),
    /// The managed daemon.
    Managed(Box<Resolver<ManagedDaemon>>),
    /// A URL of an option or variable, with its token.
    Fixed { base_url: String, token: Option<SecretText> },
}

impl BaseUrlSource for Source {
    type Error = Fail;

    async fn base_url(&self) -> Outcome<String> {
        match self {
            Self::Function(resolve) => text_argument(&resolve.call_async(&[]).await?, "The result of resolveBaseUrl"),
            // Boxed, as the futures of an installation and a start are large.
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
    pub(crate) fn read(options: Options) -> Outcome<Self> {
        if let Some(request) = options.function("requestJson")? {
            return Ok(Self::Function(request));
        }
        let source = match options.function("resolveBaseUrl")? {
            Some(resolve) => Source::Function(resolve),
            None => Source::Managed(Box::new(Resolver::new(ManagedDaemon::read(options.clone())?))),
        };
        let (post, limits) = (options.function("postJson")?, read_limits(&options)?);
        let trace = log::trace(&options)?;
        Ok(Self::Http { source, post, limits, signal: options.signal()?, trace })
    }

    /// A runner for a fixed URL.
    pub(crate) fn for_url(base_url: String, token: Option<SecretText>, trace: Trace) -> Self {
        let source = Source::Fixed { base_url, token };
        Self::Http { source, post: None, limits: Limits::default(), signal: None, trace }
    }

    /// Sets the trace.
    pub(crate) fn with_trace(mut self, new_trace: Trace) -> Self {
        if let Self::Http { trace, .. } = &mut self {
            *trace = new_trace;
        }
        self
    }

    /// Converts to `(path, payload, call?) => Promise<object>`; an injected function is returned unchanged.
    pub(crate) fn into_function(self, env: &Env) -> napi::Result<JsRef> {
        if let Self::Function(request) = self {
            return Ok(request);
        }
        let runner = Rc::new(self);
        JsRef::function(env, "requestJson", move |context| {
            let (runner, env) = (runner.clone(), *context.env);
            let (path, payload) = two_arguments(context)?;
            let call = argument(context, 2)?;
            promise(&env, async move {
                let signal = if call.is_nullish() { None } else { Options::new(call, "call")?.signal()? };
                until_aborted(signal, runner.run(&env, &path, &payload)).await
            })
        })
    }

    async fn run(&self, env: &Env, path: &JsRef, payload: &JsRef) -> Outcome<JsRef> {
        match self {
            Self::Http { source, post: Some(post), signal, .. } => {
                let posting = async {
                    let base_url = JsRef::string(env, &Box::pin(source.base_url()).await?);
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
        self.request_within(path, payload, Duration::ZERO).await
    }

    async fn request_within(&self, path: &str, payload: String, limit: Duration) -> Outcome<String> {
        match self {
            Self::Http { source, post: None, limits, signal, trace } => {
                let limits = Limits { total: limits.total.max(limit), ..*limits };
                until_aborted(signal.clone(), post_with_retry(source, path, payload, limits, trace)).await
            }
            Self::Http { source, post: Some(post), .. } => {
                let env = post.env();
                let base_url = JsRef::string(&env, &Box::pin(source.base_url()).await?);
                let args = [base_url, JsRef::string(&env, path), JsRef::from_json(&env, &payload)?];
                object_to_json(path, &post.call_async(&args).await?)
            }
            Self::Function(request) => {
                let env = request.env();
                let args = [JsRef::string(&env, path), JsRef::from_json(&env, &payload)?];
                object_to_json(path, &request.call_async(&args).await?)
            }
        }
    }
}

fn object_to_json(path: &str, answer: &JsRef) -> Outcome<String> {
    answer
        .to_json()?
        .filter(|text| text.starts_with('{'))
        .ok_or_else(|| Error::new(Code::HttpNotObject, format!("{} returned non-object JSON", call_name(path))).into())
}

pub(crate) fn read_limits(options: &Options) -> Outcome<Limits> {
    let default = Limits::default();
    let duration = |key, default| {
        Ok::<_, Fail>(options.count(key)?.map_or(default, |ms| Duration::from_micros((ms * 1e3) as u64)))
    };
    Ok(Limits {
        connect: duration("connectTimeoutMs", default.connect)?,
        total: duration("timeoutMs", default.total)?,
        max_bytes: options.count("maxResponseBytes")?.map_or(default.max_bytes, |bytes| bytes as usize),
    })
}
