//! Keeps the index up to date with the files of the project.

use super::{
    collect::collect,
    document::Entity,
    failure::Failure,
    feeds::{self, Feed},
    meaning::{
        store,
        texts::{Text, read_texts},
    },
    storage::IndexPaths,
    writer::Writer,
};
use crate::{error::Result, project::Project};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::BTreeMap;

/// Key of the digest of all times and sizes of files.
const GLANCE: &str = "glance";
/// Key of the digest of the data policies.
const POLICIES: &str = "policies";

/// Whether the index has the present state of the files.
pub(super) fn is_current(database: &Connection, glance: &str) -> rusqlite::Result<bool> {
    Ok(fact(database, GLANCE)?.as_deref() == Some(glance))
}

/// Updates the index, and builds it if it is missing, damaged, of another version, or made by another data policy.
/// Holds the lock.
pub(super) fn update(project: &Project, paths: &IndexPaths, is_damaged: bool) -> Result<()> {
    let _lock = paths.lock()?;
    let (glance, policies) = (feeds::glance(project)?, feeds::policies(project)?);
    if let Some(mut database) = paths.open()?.filter(|_| !is_damaged) {
        let mut refresh = || {
            if fact(&database, POLICIES)?.as_ref() != Some(&policies) {
                return Ok(false);
            }
            if !is_current(&database, &glance)? {
                write_changes(&mut database, project, &glance)?;
            }
            Ok(true)
        };
        match refresh() {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(failure) if failure.is_damage() => {}
            Err(Failure::Sql(error)) => return Err(paths.error(error)),
            Err(Failure::Other(error)) => return Err(error),
        }
    }
    paths.build(|database| {
        let filled = set_fact(database, POLICIES, &policies).map_err(Failure::from);
        let filled = filled.and_then(|()| write_changes(database, project, &glance));
        filled.and_then(|()| remove_other_vectors(database, project)).map_err(|failure| match failure {
            Failure::Sql(error) => paths.error(error),
            Failure::Other(error) => error,
        })
    })
}

/// Removes the vectors of texts that the index does not have, which the policy may deny now.
fn remove_other_vectors(database: &Connection, project: &Project) -> Result<(), Failure> {
    let vectors = IndexPaths::vectors(project);
    if vectors.stamp().is_some() {
        let hashes = read_texts(database)?.iter().map(Text::hash).collect();
        store::keep_only(&vectors, &hashes)?;
    }
    Ok(())
}

/// Reads the feeds whose stamps have changed, and writes their changes in one transaction.
fn write_changes(database: &mut Connection, project: &Project, glance: &str) -> Result<(), Failure> {
    let mut stamps = stamps(database)?;
    let mut changed: Vec<(Feed, Vec<Entity>)> = Vec::new();
    for feed in feeds::list(project)? {
        if stamps.remove(&feed.key).as_ref() != Some(&feed.stamp) {
            let entities = collect(project, &feed)?;
            changed.push((feed, entities));
        }
    }
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut writer = Writer::new(&transaction);
        for (feed, entities) in &changed {
            writer.replace_feed(&feed.key, &feed.stamp, feed.connection_id.as_deref(), entities)?;
        }
        stamps.keys().try_for_each(|key| writer.remove_feed(key))?;
        writer.sum_uses()?;
        writer.merge_segments()?;
    }
    set_fact(&transaction, GLANCE, glance)?;
    Ok(transaction.commit()?)
}

fn stamps(database: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut select = database.prepare("SELECT key, stamp FROM feeds")?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn fact(database: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    database.prepare_cached("SELECT value FROM facts WHERE key = ?")?.query_row([key], |row| row.get(0)).optional()
}

fn set_fact(database: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    database.execute("INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)", [key, value]).map(drop)
}
