//! The search over what a project knows: tables, columns, values, semantic sources, Looker explores, query templates and
//! pages of notes.
//!
//! ```text
//! files ─▶ feeds ─▶ collect ─▶ index (.ktx/search.sqlite)
//!                                │
//! query ─▶ terms ─▶ lanes: words, parts, values, meaning ─▶ fusion ─▶ hits with one line of why
//! ```
//!
//! All functions block.

mod abbreviations;
mod asked;
mod choose;
mod collect;
mod coverage;
mod document;
mod failure;
mod feeds;
mod find_values;
#[cfg(test)]
mod fixture;
mod found;
mod fusion;
mod lanes;
mod meaning;
mod names;
mod opened;
mod pages;
mod prefix;
mod rank;
mod read_pages;
mod request;
mod run;
mod schema;
mod stop_words;
mod storage;
mod terms;
mod update;
mod why;
mod writer;

pub use document::Kind;
pub use find_values::{FoundValue, ValueMatch, ValuesAnswer, ValuesRequest, find_values};
pub use meaning::{
    embedder::{Embedder, refusal_of},
    fill::{CALL_LIMIT, MissingVectors},
};
pub use read_pages::{Page, PageSummary, list_pages, read_page};
pub use request::{SearchAnswer, SearchHit, SearchRequest};
pub use run::{search, search_with};

#[cfg(test)]
mod tests;
