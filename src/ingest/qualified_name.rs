//! Names of tables in reports and files.

use std::borrow::Cow;

/// Returns `schema.table`, with the catalog if it is given, as in a scan of several. Parts with a dot are quoted, so that
/// names are unique.
pub(super) fn qualified_name(catalog: Option<&str>, schema: Option<&str>, name: &str) -> String {
    let parts = [catalog, schema, Some(name)];
    join_parts(parts.into_iter().flatten())
}

/// Joins the parts of a name, as [`qualified_name`].
pub(super) fn join_parts<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.map(quote_part).collect::<Vec<_>>().join(".")
}

fn quote_part(part: &str) -> Cow<'_, str> {
    if part.is_empty() || part.contains(['.', '"']) {
        Cow::Owned(format!("\"{}\"", part.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(part)
    }
}
