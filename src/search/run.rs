//! Runs a search.

use super::{
    asked::Asked,
    document::Kind,
    failure::Failure,
    found::look_up,
    lanes::scope::Scope,
    opened,
    rank::Ranking,
    request::{SearchAnswer, SearchRequest},
    terms::Terms,
};
use crate::{
    error::{Code, Error, Result},
    project::Project,
};
use rusqlite::Connection;

/// Default number of hits.
const DEFAULT_LIMIT: usize = 10;
/// Maximum number of notes.
const MAX_NOTES: usize = 8;
/// Maximum number of hits.
const MAX_LIMIT: usize = 200;

/// Searches a project. Its index, `.ktx/search.sqlite`, is brought up to date before, and built if it is missing or
/// damaged. Blocks.
///
/// Errors: [`Code::ArgumentInvalid`] for a query without any character or a limit outside of 1 to 200;
/// [`Code::ConnectionUnknown`]; [`Code::StoreFailed`] if the index cannot be written; [`Code::LockTimeout`]; and those of
/// the files that are indexed.
pub fn search(project: &Project, request: &SearchRequest) -> Result<SearchAnswer> {
    let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let message = format!("The limit of a search is a number from 1 to {MAX_LIMIT}, not {limit}");
        return Err(Error::new(Code::ArgumentInvalid, message));
    }
    if request.query.trim().is_empty() {
        return Err(
            Error::new(Code::ArgumentInvalid, "The query of a search is empty").with_hint("Write words to search")
        );
    }
    if let Some(id) = &request.connection_id {
        project.connection(id)?;
    }
    opened::read(project, |database| find(database, request, limit))
}

fn find(database: &Connection, request: &SearchRequest, limit: usize) -> Result<SearchAnswer, Failure> {
    let (terms, scope) = (Terms::parse(&request.query), scope_of(request));
    let asked = Asked::new(database, &terms)?;
    let mut notes = asked.notes.clone();
    let members = look_up(database, &terms, &scope, &mut notes)?;
    let ranking = Ranking { database, asked: &asked, members: &members, scope: &scope };
    let has_items = scope.kinds.iter().any(|kind| *kind != Kind::Table) || scope.kinds.is_empty();
    let words = ranking.words()?;
    let items = if has_items { ranking.items(&words)? } else { Default::default() };
    let tables = if scope.has(Kind::Table) { ranking.tables(&words)? } else { Default::default() };
    let hits = ranking.choose(&tables, &items, limit)?;
    if terms.is_empty() {
        notes.push("The query has no word that can be searched".into());
    }
    if terms.is_cut {
        notes.push("Only the first 64 words and 4000 characters of the query were searched".into());
    }
    notes.truncate(MAX_NOTES);
    Ok(SearchAnswer { query: request.query.clone(), hits, notes })
}

fn scope_of(request: &SearchRequest) -> Scope {
    Scope { connection: request.connection_id.clone(), kinds: request.kinds.clone() }
}
