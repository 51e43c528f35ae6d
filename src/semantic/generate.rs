//! Sources made of the newest scan. What a person has changed since stays; what they have deleted stays deleted.

use super::{
    ask::refused,
    files::{Entry, Folder, save},
    insert::insert,
    known,
    manifest::{Manifest, ManifestEntry},
    merge,
    outcome::{Action, GeneratedSource, Generation},
    scanned::{self, Scanned},
    source::Source,
};
use crate::{
    error::{Code, Error, Result},
    ingest::{RunFailure, convert_error},
    offload,
    ports::{JsonRunner, generate_sources},
    project::{Project, confined, lock},
};
use std::{collections::HashSet, path::Path, sync::Arc};

/// Makes sources of the newest successful scan of a connection.
///
/// Errors: [`Code::ScanMissing`], [`Code::LockTimeout`], [`Code::FileIo`], and those of the runner. Files that were
/// written before a failure are recognised by the next generation.
pub async fn generate<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    runner: &R,
) -> Result<Generation, R::Error> {
    let dialect = convert_error::<_, R::Error>(project.dialect(connection_id))?;
    let (asked, id) = (project.clone(), connection_id.to_owned());
    let found = convert_error::<_, R::Error>(offload::spawn_blocking(move || payload(&asked, &id)).await)?;
    let Payload { sync_id, tables, links, warnings } = found;
    let sources = generate_sources(runner, &tables, &links, &dialect).await.map_err(refused)?;
    let generation = Generation { connection_id: connection_id.to_owned(), sync_id, sources: Vec::new(), warnings };
    convert_error(write_sources(project.clone(), generation, sources).await)
}

/// What is asked, as JSON, and what of the scan cannot be used.
struct Payload {
    sync_id: String,
    tables: String,
    links: String,
    warnings: Vec<String>,
}

fn payload(project: &Project, connection_id: &str) -> Result<Payload> {
    let unwritable = |error: serde_json::Error| Error::new(Code::Internal, "A scan cannot be sent").caused_by(error);
    let Scanned { sync_id, mut tables, links, warnings } = scanned::newest(project, connection_id)?;
    known::assign(&mut tables, &Folder::open(project, connection_id)?, &Manifest::load(&project.dir, connection_id)?);
    let tables = serde_json::to_string(&tables).map_err(unwritable)?;
    Ok(Payload { sync_id, tables, links: serde_json::to_string(&links).map_err(unwritable)?, warnings })
}

async fn write_sources(project: Arc<Project>, mut generation: Generation, sources: Vec<Source>) -> Result<Generation> {
    let writing = offload::spawn_blocking(move || {
        let _lock = lock::acquire(&project.dir)?;
        let (done, warnings) = apply(&project, &generation.connection_id, sources)?;
        generation.sources = done;
        generation.warnings.extend(warnings);
        Ok(generation)
    });
    writing.await
}

/// Brings the files up to date. Gives what was done, and what is wrong with files that are none of its own.
fn apply(
    project: &Project,
    connection_id: &str,
    mut sources: Vec<Source>,
) -> Result<(Vec<GeneratedSource>, Vec<String>)> {
    let mut work = Work {
        folder: Folder::open(project, connection_id)?,
        before: Manifest::load(&project.dir, connection_id)?,
        after: Manifest::default(),
        done: Vec::new(),
        warnings: Vec::new(),
    };
    work.leave_out_deleted(&mut sources);
    for source in sources {
        work.bring_up_to_date(source)?;
    }
    work.tidy()?;
    work.report_lost_joins();
    work.after.save(&project.dir, connection_id)?;
    work.done.sort_by(|left, right| left.name.cmp(&right.name));
    Ok((work.done, work.warnings))
}

struct Work<'a> {
    folder: Folder<'a>,
    before: Manifest,
    after: Manifest,
    done: Vec<GeneratedSource>,
    warnings: Vec<String>,
}

impl Work<'_> {
    /// Joins to sources that a person has deleted are not made: they would make the whole model invalid.
    fn leave_out_deleted(&self, sources: &mut [Source]) {
        let is_deleted = |name: &str| {
            let remembered = self.before.sources.get(name);
            remembered.is_some() && self.entry_of(name, remembered).is_none()
        };
        let names = sources.iter().map(|source| source.name.clone());
        let deleted: HashSet<_> = names.filter(|name| is_deleted(name)).collect();
        for source in sources {
            source.joins.retain(|join| !deleted.contains(&join.to));
        }
    }

    /// Joins to missing sources in files that are not regenerated.
    fn report_lost_joins(&mut self) {
        let is_removed = |done: &&GeneratedSource| matches!(done.action, Action::Removed | Action::Deleted);
        let removed: HashSet<_> = self.done.iter().filter(is_removed).map(|done| done.name.clone()).collect();
        let gone: HashSet<_> = self.done.iter().filter(is_removed).map(|done| done.path.clone()).collect();
        let shown = |entry: &Entry| self.folder.shown(&entry.path);
        let entries = || self.folder.entries.iter().filter(|entry| !gone.contains(&shown(entry)));
        let there: HashSet<_> = entries().filter_map(Entry::source).map(|source| source.name.clone()).collect();
        let mut lost = Vec::new();
        for (entry, source) in entries().filter_map(|entry| Some((entry, entry.source()?))) {
            let joins = source.joins.iter().filter(|join| !there.contains(&join.to));
            lost.extend(joins.map(|join| (shown(entry), source.name.clone(), join.clone())));
        }
        for (path, name, join) in lost {
            let sentence = format!("The join {} leads to {}, which is gone: remove it", join.on, join.to);
            match self.done.iter_mut().find(|done| done.path == path) {
                Some(done) if done.is_edited() => done.add_note(sentence),
                None if removed.contains(&join.to) => self.warnings.push(format!("{name}: {sentence}")),
                _ => {}
            }
        }
    }

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
    fn entry_of(&self, name: &str, before: Option<&ManifestEntry>) -> Option<usize> {
        let file = before.map(|remembered| self.folder.dir.join(&remembered.file));
        let by_file = |entry: &Entry| Some(&entry.path) == file.as_ref();
        let by_name = |entry: &Entry| entry.source().is_some_and(|source| source.name == name);
        let entries = &self.folder.entries;
        entries.iter().position(by_name).or_else(|| entries.iter().position(by_file))
    }

    fn create(&mut self, source: Source, text: String) -> Result<()> {
        let path = self.folder.path_for(&source.name);
        if let Some(entry) = Entry::read(self.folder.project_dir, path.clone())? {
            // It was created since the folder was read.
            self.folder.entries.push(entry);
            return self.update(self.folder.entries.len() - 1, None, source, &text);
        }
        save(self.folder.project_dir, &path, &text)?;
        self.tell(&source.name, &path, Action::Created);
        let remembered = ManifestEntry::new(file_name(&path), &text, &source);
        self.after.sources.insert(source.name.clone(), remembered);
        self.folder.entries.push(Entry { path, text, read: Ok(source) });
        Ok(())
    }

    fn update(&mut self, index: usize, before: Option<&ManifestEntry>, source: Source, text: &str) -> Result<()> {
        self.refresh(index)?;
        let entry = &self.folder.entries[index];
        let path = entry.path.clone();
        let generated = ManifestEntry::new(file_name(&path), text, &source);
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
    fn extend(&mut self, index: usize, before: Option<&ManifestEntry>, source: &Source) -> Result<bool> {
        let Entry { path, text, read } = &self.folder.entries[index];
        let path = path.clone();
        let mine = match read {
            Ok(mine) => mine,
            Err(error) => {
                let note = error.with_hint_text();
                self.tell(&source.name, &path, Action::Blocked).note = Some(note);
                return Ok(false);
            }
        };
        let added = merge::added(before, mine, source);
        let removed = merge::removed_columns(before, mine, source);
        let after = if added.is_empty() { None } else { insert(text, mine, &added)? };
        let action = match (&after, added.is_empty()) {
            (Some(after), _) => {
                save(self.folder.project_dir, &path, after)?;
                Action::Extended
            }
            (None, true) => Action::Kept,
            (None, false) => Action::Blocked,
        };
        let moved = before.and_then(|before| before.table.as_ref()).filter(|_| mine.table != source.table);
        let moved = moved.filter(|before| Some(*before) == mine.table.as_ref()).and(source.table.clone());
        let outcome = self.tell(&source.name, &path, action);
        outcome.removed_columns = removed;
        outcome.note_added(&added);
        if let Some(table) = moved {
            outcome.add_note(format!("Its table is {table} now: write that into the key table"));
        }
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
                confined::remove_file(self.folder.project_dir, &path)?;
                self.tell(&name, &path, Action::Removed);
            } else {
                self.tell(&name, &path, Action::Orphaned);
                self.after.sources.insert(name, remembered);
            }
        }
        Ok(())
    }

    fn tell(&mut self, name: &str, path: &Path, action: Action) -> &mut GeneratedSource {
        let path = self.folder.shown(path);
        self.done.push(GeneratedSource {
            name: name.to_owned(),
            path,
            action,
            added_columns: Vec::new(),
            added_joins: Vec::new(),
            removed_columns: Vec::new(),
            note: None,
        });
        let last = self.done.len() - 1;
        &mut self.done[last]
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
