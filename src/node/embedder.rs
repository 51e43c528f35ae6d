//! The embedding model of the managed runtime, for searches by meaning.

use crate::{
    daemon::{NativeDaemon, Probe, probe},
    error::{Code, Error, Result},
    http::Limits,
    ingest::{Phase, Progress},
    node::{
        js::{JsRef, Outcome, promise},
        log,
        options::Options,
        runtime::RuntimeContext,
    },
    offload,
    ports::{BaseUrlSource, EMBEDDING_MODEL, JsonRunner, Trace, compute_embeddings, post_with_retry},
    project::Project,
    runtime::{Feature, lists_feature},
    search::{CALL_LIMIT, Embedder, MissingVectors, refusal_of},
};
use napi::Env;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Handle;

/// Time after which no further batch of vectors is computed after a search, and after a scan or an ingest.
const AFTER_SEARCH: Duration = Duration::from_millis(500);
const AFTER_RUN: Duration = Duration::from_secs(60);
/// The step of a run that computes vectors.
const EMBEDDING: &str = "Embedding texts";

/// The model in the running daemon of the runtime of this version. Nothing is installed and no daemon is started for it.
pub(super) struct LocalEmbedder {
    daemon: NativeDaemon,
    trace: Trace,
    /// The runtime of its calls, which a search makes on a thread of its own.
    runtime: Handle,
}

impl LocalEmbedder {
    /// Returns `None` without a place for runtimes, such as with a relative `KTX_RUNTIME_ROOT`, which other calls report.
    pub(super) fn read(options: &Options) -> Option<Arc<Self>> {
        let context = RuntimeContext::from_version(&options.env(), env!("CARGO_PKG_VERSION"));
        let RuntimeContext { layout, env } = context.ok()?;
        let (daemon, runtime) = (NativeDaemon { layout, env }, Handle::current());
        Some(Arc::new(Self { daemon, trace: log::trace(options).ok()?, runtime }))
    }

    /// Returns the model if the feature is installed. Blocks.
    pub(super) fn installed(&self) -> Option<&dyn Embedder> {
        lists_feature(&self.daemon.layout, Feature::LocalEmbeddings).then_some(self)
    }

    /// Computes missing vectors at the end of a scan or an ingest, and returns why it could not: a failure is none of the
    /// run, and the next search or run tries again.
    pub(super) async fn fill_after_run(
        self: Arc<Self>,
        project: Arc<Project>,
        progress: Progress<'_>,
    ) -> Option<String> {
        if !self.is_ready().await {
            return None;
        }
        let failure = self.embed_missing(project, progress, AFTER_RUN).await.err()?;
        let reason = refusal_of(&failure).unwrap_or_else(|| failure.to_string());
        Some(format!("The embeddings of the search were not computed: {reason}"))
    }

    /// Computes vectors of texts that have none, in batches until a time has passed, at least one batch.
    async fn embed_missing(&self, project: Arc<Project>, progress: Progress<'_>, budget: Duration) -> Result<()> {
        progress.report(Phase::Embed, "Updating the search index");
        let read = offload::spawn_blocking(move || MissingVectors::read(&project, EMBEDDING_MODEL)).await?;
        let Some(mut missing) = read else { return Ok(()) };
        let began = Instant::now();
        while missing.are_left() && began.elapsed() < budget {
            progress.report_count(Phase::Embed, EMBEDDING, missing.done(), missing.total());
            // Not on a thread that waits for it, which an interruption would leave behind.
            let vectors = self.compute(&missing.next_batch(), CALL_LIMIT).await?;
            let store = move || missing.store(EMBEDDING_MODEL, &vectors).map(|()| missing);
            missing = offload::spawn_blocking(store).await?;
        }
        if missing.done() > 0 {
            progress.report_count(Phase::Embed, EMBEDDING, missing.done(), missing.total());
        }
        Ok(())
    }

    /// Whether the feature is installed and the daemon is running.
    async fn is_ready(self: &Arc<Self>) -> bool {
        let embedder = self.clone();
        let is_installed = offload::spawn_blocking(move || embedder.installed().is_some()).await;
        is_installed && self.base_url().await.is_ok()
    }

    async fn compute(&self, texts: &[String], limit: Duration) -> Result<Vec<Vec<f32>>> {
        let step = "Computing embeddings";
        offload::with_timeout(limit, Code::HttpTimeout, step, compute_embeddings(self, texts)).await
    }

    /// Begins to compute missing vectors after a search that the model has answered.
    pub(super) fn fill_after_search(self: Arc<Self>, env: &Env, project: Project) -> Outcome<()> {
        let env = *env;
        promise(&env, async move {
            // The trace has the failure; the next search or run tries again.
            let _ = self.embed_missing(Arc::new(project), Progress::silent(), AFTER_SEARCH).await;
            Ok(JsRef::undefined(&env))
        })?;
        Ok(())
    }
}

impl Embedder for LocalEmbedder {
    fn model(&self) -> &str {
        EMBEDDING_MODEL
    }

    fn embed(&self, texts: &[String], limit: Duration) -> Result<Vec<Vec<f32>>> {
        self.runtime.block_on(self.compute(texts, limit))
    }
}

impl JsonRunner for LocalEmbedder {
    type Error = Error;

    async fn request(&self, path: &str, payload: String) -> Result<String> {
        post_with_retry(self, path, payload, Limits::default(), &self.trace).await
    }
}

impl BaseUrlSource for LocalEmbedder {
    type Error = Error;

    async fn base_url(&self) -> Result<String> {
        match probe(&self.daemon, &self.daemon.layout, &[Feature::Core]).await? {
            Probe::Usable(_, state) => Ok(state.base_url()),
            found => Err(Error::new(Code::HttpConnect, found.detail())),
        }
    }
}
