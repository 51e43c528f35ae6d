//! Files of sources, `semantic-layer/<connection>/<source>.yaml`. Each has one source, which is found by its own name,
//! not by that of the file. All functions block.

use super::source::{Source, check_name, display_path, invalid};
use crate::{
    error::{Code, Error, Result},
    files::Access,
    project::{Project, confined, file_names, lock, modeline, policy::Policy, suggest, yaml},
};
use serde::Serialize;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

pub(super) const FOLDER: &str = "semantic-layer";
const EXTENSIONS: [&str; 2] = ["yaml", "yml"];

/// A file of the semantic layer (`KtxSemanticSourceFile`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceFile {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the source.
    pub name: String,
    /// Path of the file, relative to the project, with `/`.
    pub path: String,
    /// The parsed source.
    pub source: Source,
    /// Text of the file.
    pub text: String,
}

/// Summary of a file in a list (`KtxSemanticSourceSummary`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceSummary {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the source; that of the file if it is invalid.
    pub name: String,
    /// Path of the file, relative to the project, with `/`.
    pub path: String,
    /// Description for users and agents.
    pub description: Option<String>,
    /// Physical table; `None` for a query.
    pub table: Option<String>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Names of the measures.
    pub measures: Vec<String>,
    /// Names of the segments.
    pub segments: Vec<String>,
    /// Names of the joined sources.
    pub joins: Vec<String>,
    /// Error of an invalid file.
    pub error: Option<String>,
}

/// Result of writing a source (`KtxWrittenSemanticSource`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Saved {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the source.
    pub name: String,
    /// Path of the file, relative to the project, with `/`.
    pub path: String,
    /// Change of the file.
    pub status: SavedStatus,
    /// Whether the daemon has validated the source.
    pub validated: bool,
    /// Warnings of the validation, and new errors in other sources.
    pub warnings: Vec<String>,
}

/// Change of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SavedStatus {
    /// The file was created.
    Created,
    /// The file was replaced.
    Replaced,
    /// The file had the same source already.
    Unchanged,
}

/// A file, valid or not.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) read: Result<Source>,
}

impl Entry {
    /// Reads a file; `None` if it does not exist. A link out of the project is an invalid file.
    pub(super) fn read(project_dir: &Path, path: PathBuf) -> Result<Option<Self>> {
        match confined::read(project_dir, &path) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => Ok(Some(Self::parse(&display_path(project_dir, &path), path, bytes))),
            Err(error) if error.code() == Code::ProjectUnsafe => {
                Ok(Some(Self { path, text: String::new(), read: Err(error) }))
            }
            Err(error) => Err(error),
        }
    }

    fn parse(file: &str, path: PathBuf, bytes: Vec<u8>) -> Self {
        match yaml::decode(file, Code::SemanticInvalid, bytes) {
            Ok(text) => Self { path, read: Source::from_yaml(file, &text), text },
            Err(error) => Self { path, text: String::new(), read: Err(error) },
        }
    }

    pub(super) fn source(&self) -> Option<&Source> {
        self.read.as_ref().ok()
    }

    fn has_name(&self, name: &str) -> bool {
        self.source().is_some_and(|source| source.name == name)
    }

    fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// The files of a connection.
#[derive(Debug)]
pub(super) struct SourceFolder<'a> {
    pub(super) project_dir: &'a Path,
    pub(super) connection_id: &'a str,
    pub(super) dir: PathBuf,
    pub(super) entries: Vec<Entry>,
}

impl<'a> SourceFolder<'a> {
    /// Reads all files. A missing folder has none.
    pub(super) fn open(project: &'a Project, connection_id: &'a str) -> Result<Self> {
        project.connection(connection_id)?;
        let dir = folder_of(&project.dir, connection_id);
        let paths = list_paths(&project.dir, connection_id)?;
        let mut entries = Vec::with_capacity(paths.len());
        for path in paths {
            entries.extend(Entry::read(&project.dir, path)?);
        }
        Ok(Self { project_dir: &project.dir, connection_id, dir, entries })
    }

    /// Formats a path for the user.
    pub(super) fn display_path(&self, path: &Path) -> String {
        display_path(self.project_dir, path)
    }

    /// Returns the sources in the order of their files. Errors: that of the first invalid file.
    pub(super) fn sources(self) -> Result<Vec<Source>> {
        self.entries.into_iter().map(|entry| entry.read).collect()
    }

    /// Finds the file of a source by the name of the source. Errors: two files have the name.
    pub(super) fn find(&self, name: &str) -> Result<Option<&Entry>> {
        let mut found = self.entries.iter().filter(|entry| entry.has_name(name));
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => {
                let (first, second) = (self.display_path(&first.path), self.display_path(&second.path));
                Err(invalid(format!("{first} and {second} both have the name {name}")).with_hint("Rename one of them"))
            }
            (found, _) => Ok(found),
        }
    }

    /// Returns the path for a new source, which no other file has, also on file systems that ignore letter case.
    pub(super) fn path_for(&self, name: &str) -> PathBuf {
        let file = file_names::encode(name);
        let existing =
            self.entries.iter().find(|entry| file_names::fold_case(&entry.stem()) == file_names::fold_case(&file));
        let file = match existing {
            Some(_) => file_names::encode_distinct([name.to_uppercase().as_str(), name].into_iter()).remove(1),
            None => file,
        };
        self.dir.join(format!("{file}.yaml"))
    }

    fn unknown_source(&self, name: &str) -> Error {
        let names: Vec<_> = self.entries.iter().filter_map(Entry::source).map(|source| source.name.as_str()).collect();
        let message = format!("There is no semantic source {name} of the connection {}", self.connection_id);
        let error = |message: String| Error::new(Code::SemanticUnknown, message);
        match suggest::nearest(name, names.iter().copied()) {
            _ if names.is_empty() => error(message).with_hint("Generate sources with: ktx sl generate"),
            Some(nearest) => error(format!("{message}; did you mean {nearest}?")).with_hint(LIST_HINT),
            None => error(message).with_hint(LIST_HINT),
        }
    }
}

const LIST_HINT: &str = "List them with: ktx sl list";

fn folder_of(project_dir: &Path, connection_id: &str) -> PathBuf {
    project_dir.join(FOLDER).join(file_names::encode(connection_id))
}

/// Returns the paths of the files of a connection, sorted.
pub(super) fn list_paths(project_dir: &Path, connection_id: &str) -> Result<Vec<PathBuf>> {
    let mut paths = list_named_paths(project_dir, connection_id)?;
    paths.retain(|path| path.is_file());
    Ok(paths)
}

/// Lists the paths that have a name of a source, sorted, without a look at what they are.
pub(super) fn list_named_paths(project_dir: &Path, connection_id: &str) -> Result<Vec<PathBuf>> {
    let is_ours = |path: &PathBuf| {
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let is_known = |extension: &OsStr| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
        !hidden && path.extension().is_some_and(is_known)
    };
    let mut paths = confined::list(project_dir, &folder_of(project_dir, connection_id))?;
    paths.retain(is_ours);
    // All are in one folder, so the order of the texts is that of the paths.
    paths.sort_by(|left, right| left.as_os_str().cmp(right.as_os_str()));
    Ok(paths)
}

/// Lists the sources of one connection, or of all connections, including invalid files.
///
/// Errors: [`Code::ConnectionUnknown`], [`Code::FileIo`].
pub fn list(project: &Project, connection_id: Option<&str>) -> Result<Vec<SourceSummary>> {
    list_with(project, connection_id, |folder, policy| {
        let is_allowed = |entry: &&Entry| !entry.source().is_some_and(|source| source.is_denied(policy));
        folder.entries.iter().filter(is_allowed).map(|entry| summarize(folder, entry, entry.source())).collect()
    })
}

/// Lists what a function summarizes of the folder of one connection, or of each.
pub(super) fn list_with(
    project: &Project,
    connection_id: Option<&str>,
    summarize: impl Fn(&SourceFolder<'_>, &Policy) -> Vec<SourceSummary>,
) -> Result<Vec<SourceSummary>> {
    let all = || project.connections.keys().map(String::as_str).collect();
    let ids: Vec<&str> = connection_id.map_or_else(all, |id| vec![id]);
    let mut summaries = Vec::new();
    for id in ids {
        summaries.extend(summarize(&SourceFolder::open(project, id)?, &project.policy(id)?));
    }
    Ok(summaries)
}

/// Summarizes a file by its source, or a part of it.
pub(super) fn summarize(folder: &SourceFolder<'_>, entry: &Entry, source: Option<&Source>) -> SourceSummary {
    let error = entry.read.as_ref().err().map(Error::with_hint_text);
    fn names<T>(source: Option<&Source>, of: fn(&Source) -> &Vec<T>, name: fn(&T) -> &String) -> Vec<String> {
        source.map(|source| of(source).iter().map(|item| name(item).clone()).collect()).unwrap_or_default()
    }
    SourceSummary {
        connection_id: folder.connection_id.to_owned(),
        name: source.map_or_else(|| entry.stem(), |source| source.name.clone()),
        path: folder.display_path(&entry.path),
        description: source.and_then(|source| source.description.clone()),
        table: source.and_then(|source| source.table.clone()),
        columns: names(source, |source| &source.columns, |column| &column.name),
        measures: names(source, |source| &source.measures, |measure| &measure.name),
        segments: names(source, |source| &source.segments, |segment| &segment.name),
        joins: names(source, |source| &source.joins, |join| &join.to),
        error,
    }
}

/// Reads a source by its name, without the values that the data policy of today denies or masks.
///
/// Errors: [`Code::SemanticUnknown`] with the nearest name, [`Code::SemanticInvalid`]; [`Code::PolicyDenied`] for one of
/// a denied table.
pub fn read(project: &Project, connection_id: &str, name: &str) -> Result<SourceFile> {
    read_in(SourceFolder::open(project, connection_id)?, &project.policy(connection_id)?, name)
}

/// Reads a source of a folder, like [`read`].
pub(super) fn read_in(folder: SourceFolder<'_>, policy: &Policy, name: &str) -> Result<SourceFile> {
    if let Some(entry) = folder.find(name)?
        && let Some(source) = entry.source()
    {
        if source.is_denied(policy) {
            return Err(Error::new(
                Code::PolicyDenied,
                format!("The data policy denies the table of the source {name}"),
            ));
        }
        return read_entry(&folder, entry, source, policy);
    }
    let missing = folder.unknown_source(name);
    // An invalid file with that name is most likely the requested one.
    match folder.entries.into_iter().find(|entry| entry.stem() == file_names::encode(name)).map(|entry| entry.read) {
        Some(Err(error)) => Err(error),
        _ => Err(missing),
    }
}

/// Reads all sources of a connection that can be read, like [`read`], in the order of [`list`].
///
/// Errors: [`Code::ConnectionUnknown`], [`Code::FileIo`].
pub fn read_all(project: &Project, connection_id: &str) -> Result<Vec<SourceFile>> {
    read_all_in(&SourceFolder::open(project, connection_id)?, &project.policy(connection_id)?)
}

/// Reads all sources of a folder, like [`read_all`].
pub(super) fn read_all_in(folder: &SourceFolder<'_>, policy: &Policy) -> Result<Vec<SourceFile>> {
    let sources = folder.entries.iter().filter_map(|entry| Some((entry, entry.source()?)));
    let allowed = sources.filter(|(_, source)| !source.is_denied(policy));
    allowed.map(|(entry, source)| read_entry(folder, entry, source, policy)).collect()
}

fn read_entry(folder: &SourceFolder<'_>, entry: &Entry, source: &Source, policy: &Policy) -> Result<SourceFile> {
    let mut source = source.clone();
    let text = if source.hide_values(policy) { source.to_yaml()? } else { entry.text.clone() };
    Ok(SourceFile {
        connection_id: folder.connection_id.to_owned(),
        name: source.name.clone(),
        path: folder.display_path(&entry.path),
        source,
        text,
    })
}

/// Attempts at an edit: programs without our lock, such as an editor, may change the file in between.
const MAX_ATTEMPTS: usize = 10;

/// Writes a source: replaces the file that has a source with its name, or creates a file. An equal source is not
/// written.
///
/// Errors: [`Code::SemanticInvalid`], [`Code::ProjectUnsafe`], [`Code::LockTimeout`], [`Code::FileIo`]; then no file
/// has changed.
pub fn write(project: &Project, connection_id: &str, source: &Source) -> Result<Saved> {
    check_name(&source.name)?;
    project.connection(connection_id)?;
    let _lock = lock::acquire(&project.dir)?;
    for _ in 0..MAX_ATTEMPTS {
        if let Some(saved) = try_write(project, connection_id, source)? {
            return Ok(saved);
        }
    }
    let message = format!("The file of {} keeps being changed by another program", source.name);
    Err(Error::new(Code::FileIo, message).with_hint("Try again"))
}

/// Returns `None` if the file was changed in between. The caller holds the lock of the project.
fn try_write(project: &Project, connection_id: &str, source: &Source) -> Result<Option<Saved>> {
    let folder = SourceFolder::open(project, connection_id)?;
    let found = folder.find(&source.name)?;
    let path = found.map_or_else(|| folder.path_for(&source.name), |entry| entry.path.clone());
    let status = match found {
        Some(entry) if entry.source() == Some(source) => SavedStatus::Unchanged,
        Some(_) => SavedStatus::Replaced,
        None => SavedStatus::Created,
    };
    if status != SavedStatus::Unchanged {
        let now = Entry::read(&project.dir, path.clone())?;
        if now.map(|entry| entry.text) != found.map(|entry| entry.text.clone()) {
            return Ok(None);
        }
        save(&project.dir, &path, &file_text(source, found.map(|entry| entry.text.as_str()))?)?;
    }
    let (connection_id, name) = (connection_id.to_owned(), source.name.clone());
    let path = folder.display_path(&path);
    Ok(Some(Saved { connection_id, name, path, status, validated: false, warnings: Vec::new() }))
}

/// Returns the text of a source's file, which replaces `before`.
pub(super) fn file_text(source: &Source, before: Option<&str>) -> Result<String> {
    Ok(modeline::modeline(modeline::SOURCE_SCHEMA, before) + &source.to_yaml()?)
}

/// Writes a file, and creates its parent folders.
pub(super) fn save(project_dir: &Path, path: &Path, text: &str) -> Result<()> {
    confined::write(project_dir, path, text, Access::Default)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::fs;

    /// Returns a project in a folder with the connections `shop` and `größe/2`.
    pub(crate) fn project(dir: &Path) -> Project {
        Project::parsed(dir, "connections: { shop: { driver: sqlite }, größe/2: { driver: postgres } }")
    }

    fn source(name: &str, table: &str) -> Source {
        Source::from_json(&format!(r#"{{"name":{name:?},"table":{table:?}}}"#)).unwrap()
    }

    #[test]
    fn written_source_is_listed_and_read() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path());
        assert_eq!(list(&project, None).unwrap(), []);
        let saved = write(&project, "größe/2", &source("orders", "public.orders")).unwrap();
        assert_eq!(saved.path, "semantic-layer/größe%2F2/orders.yaml");
        assert_eq!(saved.status, SavedStatus::Created);
        let status = |table| write(&project, "größe/2", &source("orders", table)).unwrap().status;
        assert_eq!((status("public.orders"), status("x")), (SavedStatus::Unchanged, SavedStatus::Replaced));
        let listed = list(&project, None).unwrap();
        assert_eq!((listed.len(), listed[0].table.as_deref()), (1, Some("x")));
        assert!(list(&project, Some("shop")).unwrap().is_empty());
        let read = read(&project, "größe/2", "orders").unwrap();
        let line = modeline::modeline(modeline::SOURCE_SCHEMA, None);
        assert_eq!(read.text, format!("{line}name: orders\ntable: x\ngrain: []\ncolumns: []\n"));
    }

    #[test]
    fn names_cannot_leave_the_folder_or_overwrite_other_files() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path());
        for name in ["//evil", "Orders", "orders", "ORDERS", "nul"] {
            write(&project, "shop", &source(name, "t")).unwrap();
        }
        let listed = list(&project, Some("shop")).unwrap();
        let mut paths: Vec<_> = listed.iter().map(|source| file_names::fold_case(&source.path)).collect();
        paths.dedup();
        assert_eq!(paths.len(), 5, "{listed:?}");
        let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.into_iter().all(|name| name == "semantic-layer" || name == ".ktx"));
        assert_eq!(write(&project, "shop", &source("../../evil", "t")).unwrap_err().code(), Code::SemanticInvalid);
        for name in ["//evil", "Orders", "orders", "ORDERS"] {
            assert_eq!(read(&project, "shop", name).unwrap().name, name);
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_project_are_not_followed() {
        use std::os::unix::fs::symlink;
        for link in ["semantic-layer", "semantic-layer/shop"] {
            let (dir, victim) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let project = project(dir.path());
            fs::create_dir_all(dir.path().join(link).parent().unwrap()).unwrap();
            symlink(victim.path(), dir.path().join(link)).unwrap();
            let error = write(&project, "shop", &source("orders", "t")).unwrap_err();
            assert_eq!(error.code(), Code::ProjectUnsafe, "{link}");
            assert_eq!(list(&project, Some("shop")).unwrap_err().code(), Code::ProjectUnsafe, "{link}");
            assert_eq!(fs::read_dir(victim.path()).unwrap().count(), 0);
        }
        let (dir, victim) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let project = project(dir.path());
        fs::write(victim.path().join("secret"), "name: hunter2\ntable: t\n").unwrap();
        fs::create_dir_all(dir.path().join("semantic-layer/shop")).unwrap();
        symlink(victim.path().join("secret"), dir.path().join("semantic-layer/shop/orders.yaml")).unwrap();
        let listed = list(&project, None).unwrap();
        assert!(listed[0].error.as_deref().unwrap().contains("leads out of the project"), "{listed:?}");
        assert!(!format!("{listed:?}").contains("hunter2"));
        assert_eq!(read(&project, "shop", "orders").unwrap_err().code(), Code::ProjectUnsafe);
        write(&project, "shop", &source("orders", "t")).unwrap();
        assert!(fs::read_to_string(victim.path().join("secret")).unwrap().contains("hunter2"));
    }

    #[test]
    fn concurrent_writes_are_all_applied() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path());
        std::thread::scope(|scope| {
            for number in 0..10 {
                let project = &project;
                // Half of the names differ in letter case only, so that each write depends on the existing files.
                let name =
                    if number % 2 == 0 { format!("orders{}", number / 2) } else { format!("ORDERS{}", number / 2) };
                scope.spawn(move || write(project, "shop", &source(&name, "t")).unwrap());
            }
        });
        let listed = list(&project, None).unwrap();
        let files: std::collections::HashSet<_> =
            listed.iter().map(|source| file_names::fold_case(&source.path)).collect();
        assert_eq!((listed.len(), files.len()), (10, 10), "{listed:?}");
    }

    #[test]
    fn renamed_file_is_found_by_its_source() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path());
        write(&project, "shop", &source("orders", "t")).unwrap();
        let folder = dir.path().join("semantic-layer/shop");
        fs::rename(folder.join("orders.yaml"), folder.join("my orders.yml")).unwrap();
        assert_eq!(write(&project, "shop", &source("orders", "u")).unwrap().path, "semantic-layer/shop/my orders.yml");
        fs::write(folder.join("again.yaml"), "name: orders\ntable: t\n").unwrap();
        let error = read(&project, "shop", "orders").unwrap_err().with_hint_text();
        assert_eq!(
            error,
            "semantic-layer/shop/again.yaml and semantic-layer/shop/my orders.yml both have the name orders. Rename one of them"
        );
    }

    #[test]
    fn missing_and_invalid_sources_are_errors() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path());
        let error = |name| read(&project, "shop", name).unwrap_err();
        assert_eq!(
            error("orders").with_hint_text(),
            "There is no semantic source orders of the connection shop. Generate sources with: ktx sl generate"
        );
        write(&project, "shop", &source("orders", "t")).unwrap();
        assert!(error("order").to_string().ends_with("; did you mean orders?"));
        assert_eq!(error("zzz").code(), Code::SemanticUnknown);
        fs::write(dir.path().join("semantic-layer/shop/broken.yaml"), "name: [").unwrap();
        assert_eq!(error("broken").code(), Code::SemanticInvalid);
        let listed = list(&project, Some("shop")).unwrap();
        assert!(listed[0].error.as_ref().unwrap().starts_with("semantic-layer/shop/broken.yaml:"), "{listed:?}");
        fs::write(dir.path().join("semantic-layer/shop/broken.yaml"), b"name: broken\ntable: caf\xe9\n").unwrap();
        let latin_1 = "semantic-layer/shop/broken.yaml is not UTF-8 text. Save it as UTF-8";
        assert_eq!(error("broken").with_hint_text(), latin_1);
        assert_eq!(list(&project, Some("nope")).unwrap_err().code(), Code::ConnectionUnknown);
    }
}
