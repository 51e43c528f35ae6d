//! Generates sources from the newest scan. Edits by hand are preserved, and deleted files stay deleted.

use super::{
    detected_keys::add_detected_keys,
    extension::{self, Extension},
    files::{Entry, SourceFolder, file_text, save},
    manifest::{Manifest, ManifestEntry},
    model_descriptions::add_model_descriptions,
    newest_scan::{self, ScannedTables},
    outcome::{Action, GeneratedSource, Generation},
    profile_facts::add_profile_facts,
    rejection::map_rejection,
    source::Source,
    source_names,
    table::Table,
    unreadable::leave_out_unreadable,
};
use crate::{
    error::{Code, Error, Result},
    ingest::{RunFailure, convert_error},
    offload,
    ports::{JsonRunner, generate_sources},
    project::{Project, confined, lock},
};
use std::{collections::HashSet, path::Path, sync::Arc};

/// Generates sources from the newest successful scan of a connection.
///
/// Errors: [`Code::ScanMissing`], [`Code::LockTimeout`], [`Code::FileIo`], and those of the runner. Files that were
/// written before a failure are recognised by the next generation.
pub async fn generate<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    runner: &R,
) -> Result<Generation, R::Error> {
    let dialect = convert_error::<_, R::Error>(project.dialect(connection_id))?;
    let (owned_project, id) = (project.clone(), connection_id.to_owned());
    let payload =
        convert_error::<_, R::Error>(offload::spawn_blocking(move || build_payload(&owned_project, &id)).await)?;
    let Payload { sync_id, tables, links, warnings } = payload;
    let sources = generate_sources(runner, &tables, &links, &dialect).await.map_err(map_rejection)?;
    let generation = Generation { connection_id: connection_id.to_owned(), sync_id, sources: Vec::new(), warnings };
    convert_error(write_sources(project.clone(), generation, sources).await)
}

/// The request to the daemon, as JSON, and warnings about foreign keys that cannot be used.
struct Payload {
    sync_id: String,
    tables: String,
    links: String,
    warnings: Vec<String>,
}

fn build_payload(project: &Project, connection_id: &str) -> Result<Payload> {
    let json_error = |error: serde_json::Error| Error::new(Code::Internal, "A scan cannot be sent").caused_by(error);
    let ScannedTables { sync_id, mut tables, mut links, mut warnings } = newest_scan::read(project, connection_id)?;
    warnings.extend(leave_out_unreadable(&mut tables, &mut links));
    source_names::assign_source_names(
        &mut tables,
        &SourceFolder::open(project, connection_id)?,
        &Manifest::load(&project.dir, connection_id)?,
    );
    warnings.extend(remove_tables_without_columns(&mut tables));
    add_profile_facts(project, connection_id, &mut tables)?;
    warnings.extend(add_model_descriptions(project, connection_id, &mut tables));
    warnings.extend(add_detected_keys(project, connection_id, &mut tables, &mut links)?);
    let tables = serde_json::to_string(&tables).map_err(json_error)?;
    Ok(Payload { sync_id, tables, links: serde_json::to_string(&links).map_err(json_error)?, warnings })
}

/// Removes tables without columns, such as views of dropped tables, unless they have a source. Returns warnings.
fn remove_tables_without_columns(tables: &mut Vec<Table>) -> Vec<String> {
    let is_unusable = |table: &mut Table| table.columns.is_empty() && table.source_name.is_none();
    let removed = tables.extract_if(.., is_unusable);
    let warn =
        |table: Table| format!("{} has no columns that can be read, so that it has no source", table.qualified_name());
    removed.map(warn).collect()
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

/// Updates the files. Returns the outcome of each source, and warnings about files that were not generated.
fn apply(
    project: &Project,
    connection_id: &str,
    mut sources: Vec<Source>,
) -> Result<(Vec<GeneratedSource>, Vec<String>)> {
    let mut run = GenerationRun {
        folder: SourceFolder::open(project, connection_id)?,
        before: Manifest::load(&project.dir, connection_id)?,
        after: Manifest::default(),
        done: Vec::new(),
        warnings: Vec::new(),
    };
    run.remove_joins_to_deleted(&mut sources);
    for source in sources {
        run.generate_source(source)?;
    }
    run.remove_stale_sources()?;
    run.report_broken_joins();
    run.after.save(&project.dir, connection_id)?;
    run.done.sort_by(|left, right| left.name.cmp(&right.name));
    Ok((run.done, run.warnings))
}

/// The state of a generation.
struct GenerationRun<'a> {
    folder: SourceFolder<'a>,
    before: Manifest,
    after: Manifest,
    done: Vec<GeneratedSource>,
    warnings: Vec<String>,
}

impl GenerationRun<'_> {
    /// Removes joins to sources whose files were deleted by hand, since they would make the model invalid.
    fn remove_joins_to_deleted(&self, sources: &mut [Source]) {
        let is_deleted = |name: &str| {
            let manifest_entry = self.before.sources.get(name);
            manifest_entry.is_some() && self.find_entry(name, manifest_entry).is_none()
        };
        let names = sources.iter().map(|source| source.name.clone());
        let deleted: HashSet<_> = names.filter(|name| is_deleted(name)).collect();
        for source in sources {
            source.joins.retain(|join| !deleted.contains(&join.to));
        }
    }

    /// Reports joins to missing sources in files that are not generated again.
    fn report_broken_joins(&mut self) {
        let is_removed = |done: &&GeneratedSource| matches!(done.action, Action::Removed | Action::Deleted);
        let removed: HashSet<_> = self.done.iter().filter(is_removed).map(|done| done.name.clone()).collect();
        let removed_paths: HashSet<_> = self.done.iter().filter(is_removed).map(|done| done.path.clone()).collect();
        let display_path = |entry: &Entry| self.folder.display_path(&entry.path);
        let entries = || self.folder.entries.iter().filter(|entry| !removed_paths.contains(&display_path(entry)));
        let existing: HashSet<_> = entries().filter_map(Entry::source).map(|source| source.name.clone()).collect();
        let mut broken = Vec::new();
        for (entry, source) in entries().filter_map(|entry| Some((entry, entry.source()?))) {
            let joins = source.joins.iter().filter(|join| !existing.contains(&join.to));
            broken.extend(joins.map(|join| (display_path(entry), source.name.clone(), join.clone())));
        }
        for (path, name, join) in broken {
            let sentence =
                format!("The join {} leads to {}, which no longer exists: remove the join", join.on, join.to);
            match self.done.iter_mut().find(|done| done.path == path) {
                Some(done) if done.is_edited() => done.add_note(sentence),
                None if removed.contains(&join.to) => self.warnings.push(format!("{name}: {sentence}")),
                _ => {}
            }
        }
    }

    /// Creates or updates the file of a source, unless it was deleted by hand.
    fn generate_source(&mut self, source: Source) -> Result<()> {
        let before = self.before.sources.remove(&source.name);
        match (&before, self.find_entry(&source.name, before.as_ref())) {
            (None, None) => self.create(source),
            (Some(manifest_entry), None) => {
                let path = self.folder.dir.join(&manifest_entry.file);
                self.report(&source.name, &path, Action::Deleted);
                self.after.sources.insert(source.name, manifest_entry.clone());
                Ok(())
            }
            (_, Some(index)) => self.update(index, before.as_ref(), source),
        }
    }

    /// Finds the file of a source by the name of the source, or else by the name of the generated file.
    fn find_entry(&self, name: &str, before: Option<&ManifestEntry>) -> Option<usize> {
        let file = before.map(|manifest_entry| self.folder.dir.join(&manifest_entry.file));
        let by_file = |entry: &Entry| Some(&entry.path) == file.as_ref();
        let by_name = |entry: &Entry| entry.source().is_some_and(|source| source.name == name);
        let entries = &self.folder.entries;
        entries.iter().position(by_name).or_else(|| entries.iter().position(by_file))
    }

    fn create(&mut self, source: Source) -> Result<()> {
        let path = self.folder.path_for(&source.name);
        if let Some(entry) = Entry::read(self.folder.project_dir, path.clone())? {
            // The file was created after the folder had been read.
            self.folder.entries.push(entry);
            return self.update(self.folder.entries.len() - 1, None, source);
        }
        let text = file_text(&source, None)?;
        save(self.folder.project_dir, &path, &text)?;
        self.report(&source.name, &path, Action::Created);
        let manifest_entry = ManifestEntry::new(file_name(&path), &text, &source);
        self.after.sources.insert(source.name.clone(), manifest_entry);
        self.folder.entries.push(Entry { path, text, read: Ok(source) });
        Ok(())
    }

    fn update(&mut self, index: usize, before: Option<&ManifestEntry>, source: Source) -> Result<()> {
        self.reload(index)?;
        let entry = &self.folder.entries[index];
        let (path, text) = (entry.path.clone(), file_text(&source, Some(&entry.text))?);
        let generated = ManifestEntry::new(file_name(&path), &text, &source);
        if entry.text == text {
            self.report(&source.name, &path, Action::Unchanged);
        } else if before.is_some_and(|before| before.is_unmodified(&entry.text)) {
            save(self.folder.project_dir, &path, &text)?;
            self.report(&source.name, &path, Action::Updated);
        } else if !self.extend(index, before, &source)? {
            // Keeps the manifest entry, so that the next generation tries to add the same entries.
            self.after.sources.extend(before.cloned().map(|before| (source.name.clone(), before)));
            return Ok(());
        }
        self.after.sources.insert(source.name, generated);
        Ok(())
    }

    /// Reads a file again before it is changed, since an editor may have written it without our lock.
    fn reload(&mut self, index: usize) -> Result<()> {
        let path = self.folder.entries[index].path.clone();
        if let Some(entry) = Entry::read(self.folder.project_dir, path)? {
            self.folder.entries[index] = entry;
        }
        Ok(())
    }

    /// Adds new columns and joins to an edited file, and removes generated joins that the schema no longer has. Returns
    /// whether the additions were possible.
    fn extend(&mut self, index: usize, before: Option<&ManifestEntry>, source: &Source) -> Result<bool> {
        let Entry { path, text, read } = &self.folder.entries[index];
        let path = path.clone();
        let edited = match read {
            Ok(edited) => edited,
            Err(error) => {
                let note = error.with_hint_text();
                self.report(&source.name, &path, Action::Blocked).note = Some(note);
                return Ok(false);
            }
        };
        let extension = extension::extend(text, edited, before, source)?;
        let moved = before.and_then(|before| before.table.as_ref()).filter(|_| edited.table != source.table);
        let moved = moved.filter(|before| Some(*before) == edited.table.as_ref()).and(source.table.clone());
        if let Some(text) = &extension.text {
            save(self.folder.project_dir, &path, text)?;
            self.reload(index)?;
        }
        let action = match extension {
            Extension { is_blocked: true, .. } => Action::Blocked,
            Extension { text: Some(_), .. } => Action::Extended,
            Extension { .. } => Action::Kept,
        };
        let outcome = self.report(&source.name, &path, action);
        outcome.removed_columns = extension.removed_columns;
        outcome.removed_joins = extension.removed_joins;
        outcome.record_additions(&extension.added);
        if let Some(table) = moved {
            outcome.add_note(format!("Its table is now {table}: change the key table"));
        }
        Ok(action != Action::Blocked)
    }

    /// Removes generated files without a table, unless they were edited.
    fn remove_stale_sources(&mut self) -> Result<()> {
        for (name, manifest_entry) in std::mem::take(&mut self.before.sources) {
            let Some(index) = self.find_entry(&name, Some(&manifest_entry)) else { continue };
            self.reload(index)?;
            let Entry { path, text, .. } = &self.folder.entries[index];
            let path = path.clone();
            if manifest_entry.is_unmodified(text) {
                confined::remove_file(self.folder.project_dir, &path)?;
                self.report(&name, &path, Action::Removed);
            } else {
                self.report(&name, &path, Action::Orphaned);
                self.after.sources.insert(name, manifest_entry);
            }
        }
        Ok(())
    }

    fn report(&mut self, name: &str, path: &Path, action: Action) -> &mut GeneratedSource {
        let path = self.folder.display_path(path);
        self.done.push(GeneratedSource {
            name: name.to_owned(),
            path,
            action,
            added_columns: Vec::new(),
            added_joins: Vec::new(),
            removed_joins: Vec::new(),
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
