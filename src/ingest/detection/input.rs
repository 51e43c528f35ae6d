//! What the detection reads: tables of the pull, profiles, joins of the query history and answers of the user.

use super::names::{TableNames, columns_of};
use crate::{
    error::{Code, Error, Result},
    ingest::{adapters::historic_sql::USAGE_FILE, entity::Entity, newest_sync::find_newest_sync},
    ports::UsedColumn,
    project::{
        Adapter,
        answers::{Answered, Answers},
        confined,
        connection::Database,
    },
    relationships::{
        Answer, Decisions, Input, JoinOrigin, KeyDecision, LinkColumns, LinkDecision, Table, TableProfile, WrittenJoin,
    },
};
use serde::Deserialize;
use std::path::Path;

/// Reads the input, and warnings about answers that cannot be used. Blocks.
///
/// Errors: [`Code::ProjectInvalid`] if the answers cannot be parsed, [`Code::FileIo`].
pub fn read_input(
    project_dir: &Path,
    database: &Database,
    entities: &[Entity],
    profiles: Vec<TableProfile>,
) -> Result<(Input, Vec<String>)> {
    let tables = parse_tables(entities)?;
    let (answers, mut warnings) = Answers::read(project_dir, &database.connection_id)?;
    let names = TableNames::new(&tables);
    let decisions = resolve_answers(&answers, (&tables, &names), &database.connection_id, &mut warnings);
    let joins = read_joins(project_dir, database, (&tables, &names))?;
    Ok((Input { tables, profiles, joins, decisions }, warnings))
}

/// Reads the tables of a pull.
pub fn parse_tables(entities: &[Entity]) -> Result<Vec<Table>> {
    entities.iter().map(parse_table).collect()
}

fn parse_table(entity: &Entity) -> Result<Table> {
    serde_json::from_str(&entity.text)
        .map_err(|error| Error::new(Code::Internal, format!("{} is not a table", entity.name)).caused_by(error))
}

/// Finds the columns of the answers. Those that the scan does not have are left out with a warning.
fn resolve_answers(
    answers: &Answers,
    (tables, names): (&[Table], &TableNames),
    connection_id: &str,
    warnings: &mut Vec<String>,
) -> Decisions {
    let mut find = |table: &str, columns: &[String]| {
        let found = names.position(table).and_then(|position| columns_of(&tables[position], columns));
        if found.is_none() {
            let text = format!("{table} ({})", columns.join(", "));
            warnings
                .push(format!("The scan of {connection_id} has no columns {text}, which relationships answers name"));
        }
        found
    };
    let mut decisions = Decisions::default();
    for known in &answers.relationships {
        let (from, to) = (find(&known.from.table, &known.from.columns), find(&known.to.table, &known.to.columns));
        if let (Some(from), Some(to)) = (from, to) {
            decisions.relationships.push(LinkDecision { link: LinkColumns { from, to }, answer: known.status.into() });
        }
    }
    for known in &answers.keys {
        if let Some(key) = find(&known.table, &known.columns) {
            decisions.keys.push(KeyDecision { key, answer: known.status.into() });
        }
    }
    decisions
}

impl From<Answered> for Answer {
    fn from(answered: Answered) -> Self {
        match answered {
            Answered::Accepted => Self::Accepted,
            Answered::Rejected => Self::Rejected,
        }
    }
}

/// The joins of the newest query history.
#[derive(Deserialize)]
struct Usage {
    joins: Vec<CountedJoin>,
}

#[derive(Deserialize)]
struct CountedJoin {
    left: UsedColumn,
    right: UsedColumn,
    templates: u64,
}

/// Reads the joins of the newest query history; none without one. A file that cannot be parsed is skipped.
fn read_joins(
    project_dir: &Path,
    database: &Database,
    (tables, names): (&[Table], &TableNames),
) -> Result<Vec<WrittenJoin>> {
    let source = Adapter::HistoricSql.name();
    let sync = find_newest_sync(project_dir, &database.connection_id, source, database.environment.as_deref())?;
    let Some(sync) = sync else { return Ok(Vec::new()) };
    let text = confined::read_text(project_dir, &sync.join(USAGE_FILE))?;
    let usage: Option<Usage> = text.and_then(|text| serde_json::from_str(&text).ok());
    let find = |column: &UsedColumn| {
        let table = (column.catalog.as_deref(), column.db.as_deref(), column.table.as_str());
        names.find_used(tables, table, &column.column)
    };
    let joins = usage.into_iter().flat_map(|usage| usage.joins).filter_map(|join| {
        let (left, right) = (find(&join.left)?, find(&join.right)?);
        Some(WrittenJoin { left, right, count: join.templates.max(1), origin: JoinOrigin::QueryHistory })
    });
    Ok(joins.collect())
}
