//! The files that feed the index, with stamps by which changes are seen without reading them.

use super::{
    pages,
    read_pages::{PagePolicy, list_shown_files},
};
use crate::{
    digest::sha256,
    error::Result,
    ingest::{find_newest_sync, syncs_folder},
    project::{Adapter, Project, answers},
    semantic::{list_source_files, list_source_names, model_path},
};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Folders of a sync whose files are read.
const FOLDERS: [&str; 4] = ["tables", "profiles", "templates", "explores"];
/// A file that was modified so recently may change again without a change of its time.
const RECENT: Duration = Duration::from_secs(2);
/// Syncs that are looked at before each search; others change only by hand.
const NEWEST: usize = 3;
/// Adapters whose syncs are indexed.
const ADAPTERS: [Adapter; 3] = [Adapter::LiveDatabase, Adapter::HistoricSql, Adapter::Looker];

/// What a feed is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// The newest scan, its profiles and answers about relationships.
    Tables,
    /// The templates of the newest query history.
    History,
    /// The explores in the folder of the newest sync of Looker.
    Looker(PathBuf),
    /// The file of a semantic source.
    Source(PathBuf),
    /// The metrics of the project.
    Metrics,
    /// A page of notes.
    Page(PathBuf),
}

/// A part of the index that is compared and read on its own.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    /// Name, unique in the project.
    pub(super) key: String,
    /// Changes if its files do.
    pub(super) stamp: String,
    /// The connection; `None` for a page and for metrics.
    pub(super) connection_id: Option<String>,
    pub(super) content: Content,
}

/// Returns a digest of the times and sizes of all files. Equal digests mean that the index is up to date; a different
/// one, that the feeds have to be compared.
pub(super) fn glance(project: &Project) -> Result<String> {
    let mut stamps = Stamps::new();
    let store = project.dir.join(".ktx").join("db.sqlite");
    stamps.add(&project.config_path);
    stamps.add(&store);
    // A reader leaves an empty one.
    stamps.add_filled(&store.with_extension("sqlite-wal"));
    for id in project.connections.keys() {
        for adapter in ADAPTERS {
            stamps.add_newest_syncs(&syncs_folder(&project.dir, id, adapter.name()));
        }
        stamps.add(&answers::file_path(&project.dir, id));
        list_source_names(project, id)?.iter().for_each(|path| stamps.add(path));
    }
    stamps.add(&model_path(project));
    pages::list_files(&project.dir)?.iter().for_each(|path| stamps.add(path));
    Ok(stamps.digest())
}

/// Returns the digest of the data policies. After a change of it, the file must not keep anything of before.
pub(super) fn policies(project: &Project) -> Result<String> {
    let policies: Vec<_> = project.connections.keys().map(|id| project.policy(id)).collect::<Result<_>>()?;
    Ok(sha256(format!("{policies:?}")))
}

/// Lists all feeds. Errors: [`crate::error::Code::FileIo`], [`crate::error::Code::StoreFailed`].
pub(super) fn list(project: &Project) -> Result<Vec<Feed>> {
    let mut feeds = Vec::new();
    for id in project.connections.keys() {
        for adapter in ADAPTERS {
            feeds.extend(sync_feed(project, id, adapter)?);
        }
        for path in list_source_files(project, id)? {
            feeds.push(file_feed("source", Some(id), path, Content::Source));
        }
    }
    feeds.push(file_feed("metrics", None, model_path(project), |_| Content::Metrics));
    for path in list_shown_files(project, &PagePolicy::new(project)?)? {
        feeds.push(file_feed("page", None, path, Content::Page));
    }
    Ok(feeds)
}

fn sync_feed(project: &Project, id: &str, adapter: Adapter) -> Result<Option<Feed>> {
    let newest = find_newest_sync(&project.dir, id, adapter.name(), project.environment.as_deref())?;
    let Some(folder) = newest else { return Ok(None) };
    let mut stamps = Stamps::new();
    stamps.add_folder(&folder);
    let content = match adapter {
        Adapter::HistoricSql => Content::History,
        Adapter::Looker => Content::Looker(folder),
        Adapter::LiveDatabase => {
            // Profiles may be those of earlier scans.
            stamps.add_syncs(&syncs_folder(&project.dir, id, adapter.name()));
            stamps.add(&answers::file_path(&project.dir, id));
            Content::Tables
        }
    };
    let key = format!("{}/{id}", adapter.name());
    Ok(Some(Feed { key, stamp: stamps.digest(), connection_id: Some(id.to_owned()), content }))
}

fn file_feed(kind: &str, id: Option<&String>, path: PathBuf, content: fn(PathBuf) -> Content) -> Feed {
    let mut stamps = Stamps::new();
    stamps.add(&path);
    let key = format!("{kind}/{}", path.display());
    Feed { key, stamp: stamps.digest(), connection_id: id.cloned(), content: content(path) }
}

/// Collects the times and sizes of files.
struct Stamps {
    text: String,
    /// Before all files were looked at: a later change has a later time.
    begin: SystemTime,
}

impl Stamps {
    fn new() -> Self {
        Self { text: String::new(), begin: SystemTime::now() }
    }

    fn digest(self) -> String {
        sha256(self.text)
    }

    fn add(&mut self, path: &Path) {
        let Ok(found) = fs::metadata(path) else { return };
        let modified = found.modified().ok();
        let since_epoch = modified.and_then(|modified| modified.duration_since(SystemTime::UNIX_EPOCH).ok());
        let time = since_epoch.map_or(0, |time| time.as_nanos());
        self.text.push_str(&path.to_string_lossy());
        let _ = writeln!(self.text, ":{}:{time}", if found.is_file() { found.len() } else { 0 });
        let age = modified.and_then(|modified| self.begin.duration_since(modified).ok());
        if found.is_file() && age.is_none_or(|age| age < RECENT) {
            let _ = writeln!(self.text, "{}", fs::read(path).map(sha256).unwrap_or_default());
        }
    }

    fn add_filled(&mut self, path: &Path) {
        if fs::metadata(path).is_ok_and(|found| found.len() > 0) {
            self.add(path);
        }
    }

    fn add_folder(&mut self, folder: &Path) {
        self.add(folder);
        FOLDERS.iter().for_each(|name| self.add(&folder.join(name)));
    }

    /// Adds all syncs of a source.
    fn add_syncs(&mut self, folder: &Path) {
        list_folders(folder).iter().for_each(|sync| self.add_folder(sync));
    }

    /// Adds the names of all syncs, and the newest of them.
    fn add_newest_syncs(&mut self, folder: &Path) {
        let syncs = list_folders(folder);
        let _ = writeln!(self.text, "{syncs:?}");
        syncs.iter().rev().take(NEWEST).for_each(|sync| self.add_folder(sync));
    }
}

/// Lists the paths in a folder, sorted. A missing folder is empty.
fn list_folders(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
