//! What names say: their words, the part that says the kind of a key, and how well a column names a key.

mod affinity;
mod phrase;
mod schema;
mod vocabulary;
mod words;

pub(super) use affinity::{NameSignal, Named, Target, affinity};
pub(super) use phrase::Phrase;
pub(super) use schema::{ColumnNames, SchemaNames};
pub(super) use vocabulary::{
    Suffix, is_calendar, is_period, is_person, is_person_role, is_quantity, is_selector, is_self_reference,
};
pub(super) use words::{compare, is_same_word, split};
