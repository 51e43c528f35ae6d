//! Names of tables in reports and files.

use std::borrow::Cow;

/// Returns `schema.table`, with the catalog if it is given, as in a scan of several. Parts with a dot are quoted, so that
/// names are unique.
pub(super) fn qualified_name(catalog: Option<&str>, schema: Option<&str>, name: &str) -> String {
    let parts = [catalog, schema, Some(name)];
    parts.into_iter().flatten().map(quote_part).collect::<Vec<_>>().join(".")
}

fn quote_part(part: &str) -> Cow<'_, str> {
    if part.is_empty() || part.contains(['.', '"']) {
        Cow::Owned(format!("\"{}\"", part.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(part)
    }
}
