//! The tables that statements read, as the daemon parses them.

use crate::{
    error::{Code, Error, Result},
    ports::{JsonRunner, TableName, analyze_batch},
    semantic::table::{Table, name_parts},
};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Maximum statements of a request.
const MAX_STATEMENTS: usize = 200;

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    sql: &'a str,
}

#[derive(Serialize)]
struct CatalogTable<'a> {
    catalog: &'a Option<String>,
    db: &'a Option<String>,
    name: &'a str,
}

#[derive(Serialize)]
struct Catalog<'a> {
    tables: Vec<CatalogTable<'a>>,
}

/// The tables of parsed statements.
#[derive(Debug, Default)]
pub(super) struct Statements(HashMap<String, Vec<Vec<String>>>);

impl Statements {
    /// Parses statements. Names without a schema are looked up among the tables of a scan.
    ///
    /// Errors: those of the runner.
    pub(super) async fn parse<R: JsonRunner>(
        texts: &BTreeSet<String>,
        dialect: &str,
        tables: &[Table],
        runner: &R,
    ) -> Result<Self, R::Error> {
        let catalog = tables.iter().map(|Table { catalog, db, name, .. }| CatalogTable { catalog, db, name });
        let catalog = encode(&Catalog { tables: catalog.collect() })?;
        let texts: Vec<_> = texts.iter().collect();
        let mut found = Self::default();
        for batch in texts.chunks(MAX_STATEMENTS) {
            let items = batch.iter().enumerate().map(|(index, sql)| Item { id: index.to_string(), sql });
            let items = encode(&items.collect::<Vec<_>>())?;
            let results = analyze_batch(runner, &items, dialect, Some(&catalog)).await?;
            for (index, text) in batch.iter().enumerate() {
                let analysis = results.get(&index.to_string()).filter(|analysis| analysis.error.is_none());
                if let Some(analysis) = analysis {
                    let touched = analysis.tables_touched.iter();
                    let parts = touched.map(|TableName { catalog, db, name }| name_parts([catalog, db], name));
                    found.0.insert((*text).clone(), parts.collect());
                }
            }
        }
        Ok(found)
    }

    /// Returns the tables of a statement, each with its qualifiers; `None` if it could not be parsed.
    pub(super) fn tables(&self, text: &str) -> Option<&[Vec<String>]> {
        self.0.get(text).map(Vec::as_slice)
    }
}

fn encode(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Internal, "Statements cannot be written as JSON").caused_by(error))
}
