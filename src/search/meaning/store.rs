//! The file of the vectors, `.ktx/vectors.sqlite`. It is kept when the index is built again, so that no text is embedded
//! twice.

use super::vector::DIMENSIONS;
use crate::{
    error::Result,
    search::storage::{IndexPaths, is_damage},
};
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::{HashMap, HashSet};

/// Returns the vectors of a model by the hash of their text; none if the file is missing or damaged.
pub(super) fn read_vectors(paths: &IndexPaths, model: &str) -> Result<HashMap<String, Vec<i8>>> {
    let Some(database) = paths.open()? else { return Ok(HashMap::new()) };
    match select_vectors(&database, model) {
        Err(error) if !is_damage(&error) => Err(paths.error(error)),
        found => Ok(found.unwrap_or_default()),
    }
}

fn select_vectors(database: &Connection, model: &str) -> rusqlite::Result<HashMap<String, Vec<i8>>> {
    let mut select = database.prepare("SELECT hash, numbers FROM vectors WHERE model = ?")?;
    let mut rows = select.query([model])?;
    let mut found = HashMap::new();
    while let Some(row) = rows.next()? {
        let numbers: Vec<u8> = row.get(1)?;
        if numbers.len() == DIMENSIONS {
            found.insert(row.get(0)?, numbers.into_iter().map(u8::cast_signed).collect());
        }
    }
    Ok(found)
}

/// Adds vectors of a model by the hash of their text. A missing or damaged file is created. Acquires the lock of writers.
pub(super) fn add_vectors(paths: &IndexPaths, model: &str, vectors: &[(String, Vec<i8>)]) -> Result<()> {
    let _lock = paths.lock()?;
    if let Some(mut database) = paths.open()? {
        match insert(&mut database, model, vectors) {
            Err(error) if is_damage(&error) => {}
            result => return result.map_err(|error| paths.error(error)),
        }
    }
    paths.build(|database| insert(database, model, vectors).map_err(|error| paths.error(error)))
}

fn insert(database: &mut Connection, model: &str, vectors: &[(String, Vec<i8>)]) -> rusqlite::Result<()> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (hash, numbers) in vectors {
        let numbers: Vec<_> = numbers.iter().map(|number| number.cast_unsigned()).collect();
        let sql = "INSERT OR REPLACE INTO vectors (model, hash, numbers) VALUES (?, ?, ?)";
        transaction.prepare_cached(sql)?.execute(params![model, hash, numbers])?;
    }
    transaction.commit()
}

/// Removes the vectors of all other texts than these from an existing file. The caller holds the lock of writers.
pub(in crate::search) fn keep_only(paths: &IndexPaths, hashes: &HashSet<String>) -> Result<()> {
    let Some(mut database) = paths.open()? else { return paths.build(|_| Ok(())) };
    match remove_others(&mut database, hashes) {
        // It may have anything.
        Err(error) if is_damage(&error) => paths.build(|_| Ok(())),
        result => result.map_err(|error| paths.error(error)),
    }
}

fn remove_others(database: &mut Connection, hashes: &HashSet<String>) -> rusqlite::Result<()> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let stored: Vec<String> = {
        let mut select = transaction.prepare("SELECT DISTINCT hash FROM vectors")?;
        select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
    };
    for hash in stored.iter().filter(|hash| !hashes.contains(*hash)) {
        transaction.prepare_cached("DELETE FROM vectors WHERE hash = ?")?.execute([hash])?;
    }
    transaction.commit()
}
