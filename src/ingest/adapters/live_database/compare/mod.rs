//! Compares two staged files of a table, fact by fact.
//!
//! A fact that one of the files lacks is a difference only if both syncs could have it: files of earlier versions have
//! fewer facts, and a scan may be unable to read some.

mod columns;
mod facts;
mod keys;
mod tables;

pub(in crate::ingest) use facts::Known;
pub(in crate::ingest) use tables::compare_files;
