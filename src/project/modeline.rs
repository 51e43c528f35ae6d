//! The first line of new YAML files, from which editors know the JSON Schema of the file.

/// Schema of `ktx.yaml`.
pub(crate) const CONFIG_SCHEMA: &str = "ktx.yaml.json";
/// Schema of semantic sources.
pub(crate) const SOURCE_SCHEMA: &str = "source.yaml.json";

const PREFIX: &str = "# yaml-language-server: $schema=";

/// The public address of a schema of this package.
pub(crate) fn schema_url(schema: &str) -> String {
    let version = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    format!("https://unpkg.com/@kaelio/ktx@{version}/schemas/{schema}")
}

/// Returns the line for a file that replaces `before`: the same line as there, or none. A new file gets one.
pub(crate) fn modeline(schema: &str, before: Option<&str>) -> String {
    match before.map(|text| text.split_inclusive('\n').next().unwrap_or_default()) {
        None => format!("{PREFIX}{}\n", schema_url(schema)),
        Some(line) if line.starts_with(PREFIX) => line.to_owned(),
        Some(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_files_get_a_line_and_existing_ones_keep_theirs() {
        let new = modeline(SOURCE_SCHEMA, None);
        assert!(new.starts_with("# yaml-language-server: $schema=https://unpkg.com/@kaelio/ktx@"), "{new}");
        assert_eq!(modeline(SOURCE_SCHEMA, Some("name: a\n")), "");
        assert_eq!(
            modeline(SOURCE_SCHEMA, Some("# yaml-language-server: $schema=x\r\nname: a\n")),
            "# yaml-language-server: $schema=x\r\n"
        );
    }
}
