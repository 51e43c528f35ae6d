//! Reads, writes and edits YAML. serde-saphyr parses and serialises; yaml-edit changes entries and preserves comments and
//! formatting.

mod edit;
mod error;
mod limits;
mod locate;
mod read;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use edit::{append_items, change_keys, insert_entry, remove_entry, remove_item, set_in_item};
pub(crate) use locate::locate;
pub(crate) use read::{decode, read, read_json};
#[cfg(test)]
pub(crate) use testing::assert_preserved;

use crate::error::{Code, Error, Result};
use serde::{Deserialize, Deserializer, Serialize};

/// Serialises a value as YAML in block style, indented by two spaces.
///
/// Errors: [`Code::Internal`] for a type that has no representation in YAML.
pub(crate) fn write(value: &(impl Serialize + ?Sized)) -> Result<String> {
    // Long scalars are not folded, so that an edit of an expression changes one line.
    // With YAML 1.1, the key `on` would be quoted.
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        folded_wrap_chars: 10_000,
        yaml_12: true,
        no_lang_directive: true,
    };
    let text = serde_saphyr::to_string_with_options(&value, options);
    text.map_err(|error| Error::new(Code::Internal, "A value cannot be written as YAML").caused_by(error))
}

/// Deserialises null as the default, like an absent key. For `deserialize_with`.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
