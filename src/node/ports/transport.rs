//! The transports of runs to the daemon or to injected functions.

use crate::{
    error::{Code, Error},
    ingest::RunFailure,
    node::{
        abort::until_aborted,
        daemon::ensure_with,
        js::{Fail, JsRef, Outcome},
        log,
        options::Options,
        ports::{
            Runner,
            routing::{analysis_route, introspection_route, looker_route, runner_for_route},
        },
        project::variables,
        runtime::environment,
    },
    offload,
    ports::{JsonRunner, OneShot, routing::Route},
    project::{Adapter, Project, drivers},
};
use std::{sync::Arc, time::Duration};

/// Prefix of the paths of requests that connect to a database.
const DATABASE_PATHS: &str = "/database/";

/// Ensures that the managed runtime has the driver of a connection, subject to the install policy. Does nothing if
/// another daemon is used, or for an unknown connection, which is refused later. Nothing is installed for a connection
/// that cannot be resolved.
///
/// Errors: those of [`Project::database`], and of the installation.
pub(crate) async fn ensure_driver(options: &Options, project: &Arc<Project>, connection_id: &str) -> Outcome<()> {
    let Some(feature) = project.connection(connection_id).ok().and_then(drivers::feature) else { return Ok(()) };
    let Some(managed) = own_daemon(options)? else { return Ok(()) };
    let (checked, id, variables) = (Arc::clone(project), connection_id.to_owned(), variables(options)?);
    offload::spawn_blocking(move || checked.database(&id, &variables).map(drop)).await?;
    Box::pin(until_aborted(options.signal()?, ensure_with(&managed, feature))).await
}

/// The options of the managed daemon, if it reads the databases; `None` for a daemon or a function of the caller.
pub(crate) fn own_daemon(options: &Options) -> Outcome<Option<Options>> {
    let Some(managed) = options.object("managedDaemon")? else { return Ok(None) };
    let is_replaced = managed.raw("requestJson")?.is_some() || managed.raw("resolveBaseUrl")?.is_some();
    let is_route = matches!(introspection_route(options)?, Route::Managed);
    Ok((is_route && !is_replaced).then_some(managed))
}

/// The transport of a run's requests.
pub(crate) enum Transport {
    /// HTTP or an injected function.
    Port(Runner),
    /// A process for each request.
    OneShot(OneShot),
    /// The injected parser of Looker's table identifiers.
    Parser(JsRef),
    /// A separate transport for requests that connect to a database.
    Split {
        /// The transport of [`DATABASE_PATHS`].
        database: Box<Transport>,
        /// The transport of all other paths.
        rest: Box<Transport>,
    },
}

impl Transport {
    /// The transport for runs of an adapter.
    pub(crate) fn for_adapter(adapter: Adapter, options: &Options) -> Outcome<Self> {
        match adapter {
            Adapter::LiveDatabase => Self::for_introspection(options),
            Adapter::Looker => match runner_for_route(options, &looker_route(options)?)? {
                Some(runner) => Ok(Self::Port(runner)),
                None => Self::for_looker_parser(options),
            },
            Adapter::HistoricSql => Self::for_query_history(options),
        }
    }

    /// The history is read on the route of introspection, and its statements are analysed on that of SQL analysis.
    fn for_query_history(options: &Options) -> Outcome<Self> {
        let analysis = analysis_route(options)?;
        let runner = runner_for_route(options, &analysis)?;
        let rest = Self::Port(runner.ok_or_else(|| Fail::internal("SQL analysis has no injected port"))?);
        if introspection_route(options)? == analysis {
            return Ok(rest);
        }
        Ok(Self::Split { database: Box::new(Self::for_introspection(options)?), rest: Box::new(rest) })
    }

    pub(crate) fn for_introspection(options: &Options) -> Outcome<Self> {
        let route = introspection_route(options)?;
        if let Route::Injected = route
            && let Some(injected) = options.object("databaseIntrospection")?
        {
            return Ok(Self::Port(Runner::read(injected)?));
        }
        Ok(match runner_for_route(options, &route)? {
            Some(runner) => Self::Port(runner),
            None => Self::OneShot(OneShot {
                program: "ktx-daemon".into(),
                env: environment(options)?,
                trace: log::trace(options)?,
            }),
        })
    }

    fn for_looker_parser(options: &Options) -> Outcome<Self> {
        let looker = options.object("looker")?;
        let parser = looker.map(|looker| looker.raw("parser")).transpose()?.flatten();
        parser.map(Self::Parser).ok_or_else(|| Fail::internal("Looker has no injected parser"))
    }
}

impl JsonRunner for Transport {
    type Error = Fail;

    async fn request(&self, path: &str, payload: String) -> Outcome<String> {
        self.request_within(path, payload, Duration::ZERO).await
    }

    async fn request_within(&self, path: &str, payload: String, limit: Duration) -> Outcome<String> {
        match self {
            Self::Port(runner) => Box::pin(runner.request_within(path, payload, limit)).await,
            Self::OneShot(command) => Ok(command.request_within(path, payload, limit).await?),
            Self::Split { database, rest } => {
                let transport = if path.starts_with(DATABASE_PATHS) { database } else { rest };
                Box::pin(transport.request_within(path, payload, limit)).await
            }
            Self::Parser(parser) => {
                let items = JsRef::from_json(&parser.env(), &payload)?.get("items")?;
                let results = parser.method("parse", &[items])?.wait().await?.to_json()?;
                let results = results.filter(|text| text.starts_with('{')).ok_or_else(|| {
                    Error::new(Code::HttpAnswerInvalid, "The result of looker.parser.parse must be an object")
                })?;
                Ok(format!("{{\"results\":{results}}}"))
            }
        }
    }
}

impl RunFailure for Fail {
    fn map_core_error(self, change: impl FnOnce(Error) -> Error) -> Self {
        match self {
            Self::Core(error) => Self::Core(change(error)),
            Self::Caused(error, cause) => Self::Caused(change(error), cause),
            other => other,
        }
    }

    fn code(&self) -> Option<Code> {
        match self {
            Self::Core(error) | Self::Caused(error, _) => Some(error.code()),
            // May be an error of this package that was rethrown by an injected function.
            Self::Js(value) => {
                let text = value.get("code").ok()?.text().ok()?;
                Code::ALL.iter().copied().find(|code| code.as_str() == text)
            }
            Self::Napi(_) => None,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Core(error) | Self::Caused(error, _) => error.with_hint_text(),
            other => other.message(),
        }
    }
}
