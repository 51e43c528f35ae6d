//! Reads the explores of all Looker connections of a project.

use crate::ingest::adapters::looker::{StagedExplore, read_explores};
use std::path::Path;

/// The explores of a project, and warnings about those that cannot be read.
#[derive(Debug, Default)]
pub struct ImportedModels {
    /// Explores, by the order of their connections and files.
    pub explores: Vec<StagedExplore>,
    /// A sentence for each connection or file that is left out.
    pub warnings: Vec<String>,
}

/// Reads the newest sync of each Looker connection. Blocks.
pub fn read_models(project_dir: &Path, looker_connections: &[String], environment: Option<&str>) -> ImportedModels {
    let mut models = ImportedModels::default();
    for id in looker_connections {
        let explores = match read_explores(project_dir, id, environment) {
            Ok(explores) => explores,
            Err(error) => {
                models.warnings.push(format!("The explores of {id} are left out: {}", error.with_hint_text()));
                continue;
            }
        };
        for explore in explores {
            match explore {
                Ok(explore) => models.explores.push(explore),
                Err(error) => {
                    models.warnings.push(format!("An explore of {id} is left out: {}", error.with_hint_text()));
                }
            }
        }
    }
    models
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn file_that_is_no_explore_is_a_warning_for_itself() {
        let dir = tempfile::tempdir().unwrap();
        let explores = dir.path().join("raw-sources/lk/looker/1/explores");
        fs::create_dir_all(&explores).unwrap();
        fs::write(explores.join("shop.orders.json"), r#"{"description":"Sales"}"#).unwrap();
        fs::write(explores.join("shop.other.json"), r#"{"joins":3}"#).unwrap();
        fs::write(explores.join("shop.list.json"), r#"["Sales", [], {}, null]"#).unwrap();
        let models = read_models(dir.path(), &["lk".to_owned(), "none".to_owned()], None);
        assert_eq!(models.explores.len(), 1);
        assert_eq!(models.explores[0].description.as_deref(), Some("Sales"));
        assert!(
            matches!(&models.warnings[..], [list, other] if list.contains("shop.list.json") && other.contains("shop.other.json")),
            "{:?}",
            models.warnings
        );
    }
}
