//! Runs a search.

use super::{
    asked::Asked,
    failure::Failure,
    found::look_up,
    lanes::scope::Scope,
    meaning::{
        embedder::{Embedder, refusal_of},
        vector::quantise,
    },
    opened::{self, Index},
    rank::Ranking,
    request::{SearchAnswer, SearchRequest},
    terms::Terms,
};
use crate::{
    error::{Code, Error, Result},
    project::Project,
};
use std::{cell::LazyCell, thread, time::Duration};

/// Default number of hits.
const DEFAULT_LIMIT: usize = 10;
/// Maximum number of notes.
const MAX_NOTES: usize = 8;
/// Maximum number of hits.
const MAX_LIMIT: usize = 200;

/// Maximum characters of a query that are embedded.
const MAX_EMBEDDED: usize = 1000;
/// Time limit of the vector of a query; a search does not wait for a model that is being loaded.
const EMBEDDING_LIMIT: Duration = Duration::from_millis(300);
/// The note of a search without the lane of meaning, before the reason.
const NO_MEANING: &str = "Similar meanings were not searched";
/// The reason, where the daemon gives none.
const NO_DAEMON: &str = "the daemon with local embeddings is not running, or has not answered yet";

/// Searches a project without the lane of meaning. Its index, `.ktx/search.sqlite`, is brought up to date before, and built
/// if it is missing or damaged. Blocks.
///
/// Errors: [`Code::ArgumentInvalid`] for a query without any character or a limit outside of 1 to 200;
/// [`Code::ConnectionUnknown`]; [`Code::StoreFailed`] if the index cannot be written; [`Code::LockTimeout`]; and those of
/// the files that are indexed.
pub fn search(project: &Project, request: &SearchRequest) -> Result<SearchAnswer> {
    search_with(project, request, None)
}

/// Searches a project like [`search`], and by meaning if there is a model: what has a vector by then. A failure of the
/// model is a note, and the other lanes are searched. Blocks.
pub fn search_with(
    project: &Project,
    request: &SearchRequest,
    embedder: Option<&dyn Embedder>,
) -> Result<SearchAnswer> {
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
    thread::scope(|scope| {
        // The model takes about as long as the other lanes.
        let asking = embedder.map(|embedder| {
            thread::Builder::new().spawn_scoped(scope, move || AskedMeaning::new(embedder, &request.query))
        });
        let join = move || match asking {
            Some(Ok(thread)) => thread.join().unwrap_or_else(|_| Err(NO_DAEMON.to_owned())),
            _ => Err(NO_DAEMON.to_owned()),
        };
        let asked: Asking<'_> = LazyCell::new(Box::new(join));
        let mut answer = opened::read(project, |index| find(index, request, limit, &asked))?;
        if embedder.is_some()
            && let Err(reason) = &*asked
        {
            answer.notes.push(format!("{NO_MEANING}: {reason}"));
        }
        Ok(answer)
    })
}

/// The vector of a query.
struct AskedMeaning<'a> {
    model: &'a str,
    vector: Vec<i8>,
}

/// The vector of a query, or the reason why there is none.
type Meaning<'a> = Result<AskedMeaning<'a>, String>;

/// The vector of a query, while it is computed on another thread.
type Asking<'a> = LazyCell<Meaning<'a>, Box<dyn FnOnce() -> Meaning<'a> + 'a>>;

impl<'a> AskedMeaning<'a> {
    fn new(embedder: &'a dyn Embedder, query: &str) -> Meaning<'a> {
        let text = query.chars().take(MAX_EMBEDDED).collect();
        let vectors = embedder.embed(&[text], EMBEDDING_LIMIT);
        let vectors = vectors.map_err(|error| refusal_of(&error).unwrap_or_else(|| NO_DAEMON.to_owned()))?;
        let vector = vectors.first().and_then(|numbers| quantise(numbers));
        Ok(Self { model: embedder.model(), vector: vector.ok_or(NO_DAEMON)? })
    }
}

fn find(
    index: &Index<'_>,
    request: &SearchRequest,
    limit: usize,
    meaning: &Asking<'_>,
) -> Result<SearchAnswer, Failure> {
    let (terms, scope, database) = (Terms::parse(&request.query), scope_of(request), index.database);
    let asked = Asked::new(database, &terms)?;
    let mut notes = asked.notes.clone();
    let members = look_up(database, &terms, &scope, &mut notes)?;
    let mut ranking = Ranking::by_words(database, &asked, &members, &scope)?;
    let mut lacks_vectors = false;
    if let Ok(meaning) = &**meaning {
        ranking.add_similar(index.nearest(meaning.model, &meaning.vector, &scope)?)?;
        lacks_vectors = index.lacks_vectors(meaning.model)?;
    }
    let (hits, truncated) = ranking.hits(limit)?;
    if terms.is_empty() {
        notes.push("The query has no word that can be searched".into());
    }
    if terms.is_cut {
        notes.push("Only the first 64 words and 4000 characters of the query were searched".into());
    }
    notes.truncate(MAX_NOTES);
    Ok(SearchAnswer { query: request.query.clone(), hits, truncated, notes, lacks_vectors })
}

fn scope_of(request: &SearchRequest) -> Scope {
    Scope { connection: request.connection_id.clone(), kinds: request.kinds.clone() }
}
