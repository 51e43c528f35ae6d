//! Sources made of the newest scan. What a person has changed since stays; what they have deleted stays deleted.

use super::{
    ask::refused,
    files::{Entry, Folder, save},
    insert::{Gain, insert},
    memory::{Memory, Remembered},
    merge,
    scanned::{self, Scanned},
    source::Source,
};
use crate::{
    error::{Code, Error, Result},
    hop,
    ingest::{RunFailure, own},
    order,
    ports::{JsonRunner, generate_sources},
    project::{Project, inside, lock},
};
use serde::Serialize;
use std::sync::Arc;

/// What a generation did (`KtxSemanticGeneration`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Generation {
    /// Connection whose sources were made.
    pub connection_id: String,
    /// The scan that they were made of.
    pub sync_id: String,
    /// What became of each source, by name.
    pub sources: Vec<GeneratedSource>,
}

/// What became of one source (`KtxGeneratedSemanticSource`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GeneratedSource {
    /// Name of the source.
    pub name: String,
    /// Its file, relative to the project, with `/`.
    pub path: String,
    /// What was done.
    pub action: Action,
    /// Names of the columns that an edited file gained.
    pub gained_columns: Vec<String>,
    /// Conditions of the joins that an edited file gained.
    pub gained_joins: Vec<String>,
    /// Columns of an edited file that the table has no more.
    pub gone_columns: Vec<String>,
    /// What is left to do by hand.
    pub note: Option<String>,
}

/// What was done with the file of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It was not there and never was.
    Created,
    /// Nobody had edited it, and the table has changed.
    Updated,
    /// It says what it should.
    Unchanged,
    /// It is edited, and has gained what is new.
    Extended,
    /// It is edited, and nothing is new.
    Kept,
    /// Somebody has deleted it, and it stays deleted.
    Deleted,
    /// Nobody had edited it, and its table is gone.
    Removed,
    /// It is edited, and its table is gone.
    Orphaned,
    /// It is edited, and what is new cannot be added to it; the note says why.
    Blocked,
}

/// Makes sources of the newest successful scan of a connection.
///
/// Errors: [`Code::ScanMissing`], [`Code::LockTimeout`], [`Code::FileIo`], and those of the runner. Files that were
/// written before a failure are recognised by the next generation.
pub async fn generate<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    runner: &R,
) -> Result<Generation, R::Error> {
    let dialect = own::<_, R::Error>(project.dialect(connection_id))?;
    let (asked, id) = (project.clone(), connection_id.to_owned());
    let found = own::<_, R::Error>(hop::blocking(move || payload(&asked, &id)).await)?;
    let (sync_id, tables, links) = found;
    let sources = generate_sources(runner, &tables, &links, &dialect).await.map_err(refused)?;
    own(write_sources(project.clone(), connection_id.to_owned(), sync_id, sources).await)
}

fn payload(project: &Project, connection_id: &str) -> Result<(String, String, String)> {
    let unwritable = |error: serde_json::Error| Error::new(Code::Internal, "A scan cannot be sent").caused_by(error);
    let Scanned { sync_id, tables, links } = scanned::newest(project, connection_id)?;
    let tables = serde_json::to_string(&tables).map_err(unwritable)?;
    Ok((sync_id, tables, serde_json::to_string(&links).map_err(unwritable)?))
}

async fn write_sources(
    project: Arc<Project>,
    connection_id: String,
    sync_id: String,
    sources: Vec<Source>,
) -> Result<Generation> {
    let writing = hop::blocking(move || {
        let _held = lock::hold(&project.dir)?;
        let sources = apply(&project, &connection_id, sources)?;
        Ok(Generation { connection_id, sync_id, sources })
    });
    writing.await
}

/// Brings the files up to date.
fn apply(project: &Project, connection_id: &str, sources: Vec<Source>) -> Result<Vec<GeneratedSource>> {
    let mut work = Work {
        folder: Folder::open(project, connection_id)?,
        before: Memory::load(&project.dir, connection_id)?,
        after: Memory::default(),
        done: Vec::new(),
    };
    for source in sources {
        work.bring_up_to_date(source)?;
    }
    work.tidy()?;
    work.after.save(&project.dir, connection_id)?;
    order::sort_by(&mut work.done, |left, right| left.name.cmp(&right.name));
    Ok(work.done)
}

struct Work<'a> {
    folder: Folder<'a>,
    before: Memory,
    after: Memory,
    done: Vec<GeneratedSource>,
}

impl Work<'_> {
    /// One source that the scan gives.
    fn bring_up_to_date(&mut self, source: Source) -> Result<()> {
        let before = self.before.sources.remove(&source.name);
        let text = source.to_yaml()?;
        match (&before, self.entry_of(&source.name, before.as_ref())) {
            (None, None) => self.create(source, text),
            (Some(remembered), None) => {
                let path = self.folder.dir.join(&remembered.file);
                self.tell(&source.name, &path, Action::Deleted);
                self.after.sources.insert(source.name, remembered.clone());
                Ok(())
            }
            (_, Some(index)) => self.update(index, before.as_ref(), source, &text),
        }
    }

    /// By the file that was generated, which a person may have given another source's name; else by the name.
    fn entry_of(&self, name: &str, before: Option<&Remembered>) -> Option<usize> {
        let file = before.map(|remembered| self.folder.dir.join(&remembered.file));
        let by_file = |entry: &Entry| Some(&entry.path) == file.as_ref();
        let by_name = |entry: &Entry| entry.source().is_some_and(|source| source.name == name);
        let entries = &self.folder.entries;
        entries.iter().position(by_name).or_else(|| entries.iter().position(by_file))
    }

    fn create(&mut self, source: Source, text: String) -> Result<()> {
        let path = self.folder.path_for(&source.name);
        if let Some(entry) = Entry::read(self.folder.project_dir, path.clone())? {
            // Somebody has made it since the folder was read.
            self.folder.entries.push(entry);
            return self.update(self.folder.entries.len() - 1, None, source, &text);
        }
        save(self.folder.project_dir, &path, &text)?;
        self.tell(&source.name, &path, Action::Created);
        let remembered = Remembered::new(file_name(&path), &text, &source);
        self.after.sources.insert(source.name.clone(), remembered);
        self.folder.entries.push(Entry { path, text, read: Ok(source) });
        Ok(())
    }

    fn update(&mut self, index: usize, before: Option<&Remembered>, source: Source, text: &str) -> Result<()> {
        self.refresh(index)?;
        let entry = &self.folder.entries[index];
        let path = entry.path.clone();
        let generated = Remembered::new(file_name(&path), text, &source);
        if entry.text == text {
            self.tell(&source.name, &path, Action::Unchanged);
        } else if before.is_some_and(|before| before.is_untouched(&entry.text)) {
            save(self.folder.project_dir, &path, text)?;
            self.tell(&source.name, &path, Action::Updated);
        } else if !self.extend(index, before, &source)? {
            // What could not be added is to be new the next time as well.
            self.after.sources.extend(before.cloned().map(|before| (source.name.clone(), before)));
            return Ok(());
        }
        self.after.sources.insert(source.name, generated);
        Ok(())
    }

    /// Reads a file again that is about to be changed: an editor knows nothing of our lock.
    fn refresh(&mut self, index: usize) -> Result<()> {
        let path = self.folder.entries[index].path.clone();
        if let Some(entry) = Entry::read(self.folder.project_dir, path)? {
            self.folder.entries[index] = entry;
        }
        Ok(())
    }

    /// Adds what is new to an edited file; says whether that could be done.
    fn extend(&mut self, index: usize, before: Option<&Remembered>, source: &Source) -> Result<bool> {
        let Entry { path, text, read } = &self.folder.entries[index];
        let path = path.clone();
        let mine = match read {
            Ok(mine) => mine,
            Err(error) => {
                let note = error.to_string();
                self.tell(&source.name, &path, Action::Blocked).note = Some(note);
                return Ok(false);
            }
        };
        let gain = merge::gain(before, mine, source);
        let gone = merge::gone(before, mine, source);
        let after = if gain.is_empty() { None } else { insert(text, mine, &gain)? };
        let action = match (&after, gain.is_empty()) {
            (Some(after), _) => {
                save(self.folder.project_dir, &path, after)?;
                Action::Extended
            }
            (None, true) => Action::Kept,
            (None, false) => Action::Blocked,
        };
        let told = self.tell(&source.name, &path, action);
        told.gone_columns = gone;
        told.note_gain(&gain);
        Ok(action != Action::Blocked)
    }

    /// What was generated before and is not any more.
    fn tidy(&mut self) -> Result<()> {
        for (name, remembered) in std::mem::take(&mut self.before.sources) {
            let Some(index) = self.entry_of(&name, Some(&remembered)) else { continue };
            self.refresh(index)?;
            let Entry { path, text, .. } = &self.folder.entries[index];
            let path = path.clone();
            if remembered.is_untouched(text) {
                inside::remove_file(self.folder.project_dir, &path)?;
                self.tell(&name, &path, Action::Removed);
            } else {
                self.tell(&name, &path, Action::Orphaned);
                self.after.sources.insert(name, remembered);
            }
        }
        Ok(())
    }

    fn tell(&mut self, name: &str, path: &std::path::Path, action: Action) -> &mut GeneratedSource {
        let path = self.folder.shown(path);
        self.done.push(GeneratedSource {
            name: name.to_owned(),
            path,
            action,
            gained_columns: Vec::new(),
            gained_joins: Vec::new(),
            gone_columns: Vec::new(),
            note: None,
        });
        let last = self.done.len() - 1;
        &mut self.done[last]
    }
}

impl GeneratedSource {
    fn note_gain(&mut self, gain: &Gain) {
        let columns: Vec<_> = gain.columns.iter().map(|column| column.name.clone()).collect();
        let joins: Vec<_> = gain.joins.iter().map(|join| join.on.clone()).collect();
        if self.action == Action::Blocked {
            let missing = columns.iter().chain(&joins).map(String::as_str).collect::<Vec<_>>().join(", ");
            self.note =
                Some(format!("Add by hand, for the file cannot be changed without touching the rest: {missing}"));
        } else {
            (self.gained_columns, self.gained_joins) = (columns, joins);
        }
    }
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::files::tests::project;
    use std::{fs, path::Path};

    fn source(name: &str, columns: &[&str]) -> Source {
        let columns: Vec<_> =
            columns.iter().map(|column| serde_json::json!({ "name": column, "type": "number" })).collect();
        Source::from_json(&serde_json::json!({ "name": name, "table": name, "columns": columns }).to_string()).unwrap()
    }

    fn generated(dir: &Path, sources: &[Source]) -> Vec<(String, Action)> {
        let done = apply(&project(dir), "shop", sources.to_vec()).unwrap();
        done.into_iter().map(|source| (source.name, source.action)).collect()
    }

    fn only(dir: &Path, source: Source) -> GeneratedSource {
        let mut done = apply(&project(dir), "shop", vec![source]).unwrap();
        assert_eq!(done.len(), 1);
        done.remove(0)
    }

    fn edit(dir: &Path, from: &str, to: &str) -> String {
        let path = dir.join("semantic-layer/shop/orders.yaml");
        let text = fs::read_to_string(&path).unwrap().replace(from, to);
        fs::write(&path, &text).unwrap();
        text
    }

    fn text(dir: &Path) -> String {
        fs::read_to_string(dir.join("semantic-layer/shop/orders.yaml")).unwrap()
    }

    #[test]
    fn untouched_files_follow_the_database() {
        let dir = tempfile::tempdir().unwrap();
        let named = |action| vec![("orders".to_owned(), action)];
        assert_eq!(generated(dir.path(), &[source("orders", &["id"])]), named(Action::Created));
        assert_eq!(generated(dir.path(), &[source("orders", &["id"])]), named(Action::Unchanged));
        assert_eq!(generated(dir.path(), &[source("orders", &["key"])]), named(Action::Updated));
        assert_eq!(text(dir.path()), source("orders", &["key"]).to_yaml().unwrap());
        assert_eq!(generated(dir.path(), &[]), named(Action::Removed));
        assert_eq!(generated(dir.path(), &[]), []);
        assert_eq!(generated(dir.path(), &[source("orders", &["id"])]), named(Action::Created));
    }

    #[test]
    fn edited_files_gain_what_is_new_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        only(dir.path(), source("orders", &["id", "unwanted", "lost"]));
        edit(dir.path(), "table: orders", "table: orders # mine\ndescription: All orders");
        let edited = edit(dir.path(), "  - name: unwanted\n    type: number\n", "");
        assert_eq!(only(dir.path(), source("orders", &["id", "unwanted", "lost"])).action, Action::Kept);
        assert_eq!(text(dir.path()), edited);
        let told = only(dir.path(), source("orders", &["id", "unwanted", "new"]));
        assert_eq!((told.action, told.gained_columns), (Action::Extended, vec!["new".to_owned()]));
        assert_eq!(told.gone_columns, ["lost"]);
        assert_eq!(text(dir.path()), format!("{edited}  - name: new\n    type: number\n"));
        assert_eq!(only(dir.path(), source("orders", &["id", "unwanted", "new"])).action, Action::Kept);
        assert_eq!(generated(dir.path(), &[]), [("orders".to_owned(), Action::Orphaned)]);
    }

    #[test]
    fn deleted_files_stay_deleted() {
        let dir = tempfile::tempdir().unwrap();
        only(dir.path(), source("orders", &["id"]));
        fs::remove_file(dir.path().join("semantic-layer/shop/orders.yaml")).unwrap();
        for columns in [&["id"][..], &["id", "new"]] {
            assert_eq!(only(dir.path(), source("orders", columns)).action, Action::Deleted);
        }
        assert!(!dir.path().join("semantic-layer/shop/orders.yaml").exists());
    }

    #[test]
    fn a_broken_file_is_left_alone_until_it_is_repaired() {
        let dir = tempfile::tempdir().unwrap();
        only(dir.path(), source("orders", &["id"]));
        let broken = edit(dir.path(), "table: orders", "table: [");
        let told = only(dir.path(), source("orders", &["id", "new"]));
        assert_eq!(told.action, Action::Blocked);
        assert!(told.note.unwrap().starts_with("semantic-layer/shop/orders.yaml:"));
        assert_eq!(text(dir.path()), broken);
        edit(dir.path(), "table: [", "table: mine");
        assert_eq!(only(dir.path(), source("orders", &["id", "new"])).gained_columns, ["new"]);
    }

    /// A clone of a project has the files, and not what this machine remembers of them.
    #[test]
    fn without_memory_nothing_of_a_file_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        only(dir.path(), source("orders", &["id"]));
        fs::remove_dir_all(dir.path().join(".ktx")).unwrap();
        assert_eq!(only(dir.path(), source("orders", &["id"])).action, Action::Unchanged);
        edit(dir.path(), "table: orders", "table: mine");
        fs::remove_dir_all(dir.path().join(".ktx")).unwrap();
        assert_eq!(only(dir.path(), source("orders", &["id", "new"])).action, Action::Extended);
        assert!(text(dir.path()).contains("table: mine"));
    }

    #[test]
    fn names_that_differ_in_letter_case_only_have_files_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let sources = [source("orders", &["id"]), source("Orders", &["id"])];
        generated(dir.path(), &sources);
        let unchanged = |name: &str| (name.to_owned(), Action::Unchanged);
        assert_eq!(generated(dir.path(), &sources), [unchanged("Orders"), unchanged("orders")]);
    }
}
