//! Parses the text of a `ktx.yaml`.

use super::{
    config::{CONFIG_FILE, Config},
    format, interpolation, lint, yaml,
};
use crate::error::{Code, Result};

/// Parses the text of a `ktx.yaml`, and returns warnings for unknown keys and adapters.
///
/// Errors: [`Code::FormatNewer`]; [`Code::ProjectInvalid`] with the message `ktx.yaml:<line>:<column>: <reason>`, which
/// never contains a value.
pub fn parse_config(text: &str) -> Result<(Config, Vec<String>)> {
    format::check_yaml(CONFIG_FILE, text)?;
    let (config, unknown) = yaml::read::<Config>(CONFIG_FILE, Code::ProjectInvalid, text)?;
    // A file with comments only is an empty project, not an error.
    let config = config.unwrap_or_default();
    lint::check_connections(&config, text)?;
    lint::check_policies(&config, text)?;
    interpolation::check(&config, text)?;
    let warnings = lint::warnings(&config, &unknown);
    Ok((config, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let error = parse_config(text).unwrap_err();
        assert_eq!(error.code(), Code::ProjectInvalid);
        error.to_string()
    }

    #[test]
    fn documented_file_is_parsed_without_warnings() {
        let (config, warnings) = parse_config(
            r"
project: shop
connections:
  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true, schemas: [public],
               historicSql: { enabled: true, dialect: postgres, minCalls: 5 } }
  local:     { driver: sqlite, path: ./shop.db, readonly: true }
  looker:    { driver: looker, base_url: https://looker.example.com, client_id: env:LOOKER_CLIENT_ID, client_secret: env:LOOKER_CLIENT_SECRET,
               mappings: { connectionMappings: { looker_connection_name: warehouse } } }
ingest: { adapters: [live-database, looker, historic-sql] }
",
        )
        .unwrap();
        assert_eq!(warnings, Vec::<String>::new());
        assert_eq!(config.project.as_deref(), Some("shop"));
        assert_eq!(config.connections.keys().collect::<Vec<_>>(), ["warehouse", "local", "looker"]);
        let warehouse = &config.connections["warehouse"];
        assert_eq!((warehouse.is_readonly(), &warehouse.schemas), (true, &Some(vec!["public".to_owned()])));
        assert_eq!(warehouse.historic_sql.as_ref().unwrap().min_calls, Some(5));
        let mappings = config.connections["looker"].mappings.as_ref().unwrap();
        assert_eq!(mappings.connection_mappings["looker_connection_name"], "warehouse");
        assert_eq!(config.ingest.adapters.unwrap().len(), 3);
    }

    #[test]
    fn type_errors_have_line_column_and_key() {
        for (text, expected) in [
            (
                "project: a\nconnections:\n  w: { driver: x, readonly: nope }",
                "ktx.yaml:3:29: connections.w.readonly: expected true or false",
            ),
            (
                "connections: { w: { driver: x, schemas: public } }",
                "ktx.yaml:1:41: connections.w.schemas: expected a list, such as [a, b]",
            ),
            ("connections: [1]", "ktx.yaml:1:14: connections: expected keys and values"),
            (
                "project: 5",
                "ktx.yaml:1:10: project: expected text, found a number or a boolean; put it in quotes if it is meant as text",
            ),
            ("project: [a]", "ktx.yaml:1:10: project: expected text"),
            ("connections: { w: { path: x } }", "ktx.yaml:1:19: connections.w: the key driver is missing"),
            ("connections: { w: { driver: } }", "ktx.yaml:1:27: connections.w.driver: expected text, found null"),
            (
                "connections: { w: { driver: x, historicSql: { minCalls: -1 } } }",
                "ktx.yaml:1:57: connections.w.historicSql.minCalls: expected a whole number, 0 or more",
            ),
            (
                "connections: { w: { driver: x, historicSql: { windowDays: 5000000000 } } }",
                "ktx.yaml:1:59: connections.w.historicSql.windowDays: expected a whole number, 0 or more",
            ),
            (
                "connections: { w: { driver: x, historicSql: 5 } }",
                "ktx.yaml:1:45: connections.w.historicSql: expected keys and values",
            ),
            ("5: x", "ktx.yaml:1:1: expected a key that is text; put it in quotes"),
            ("- a", "ktx.yaml:1:1: expected keys and values"),
        ] {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn duplicate_keys_are_rejected() {
        assert_eq!(error("connections: { w: { driver: x }, w: { driver: y } }"), "ktx.yaml:1:34: duplicate key w");
        assert_eq!(error("project: a\nproject: b"), "ktx.yaml:2:1: duplicate key project");
        assert!(error("x: 1\nx: 2").contains("duplicate key x"));
    }

    #[test]
    fn errors_have_a_location_and_no_value() {
        for text in [
            "connections: { w: postgres://u:hunter2@h/d }",
            "connections:\n  w: { driver: x, url: [hunter2] }",
            "connections:\n  w: { driver: x, readonly: hunter2 }",
            "connections:\n  w: { driver: x, historicSql: hunter2 }",
            "connections:\n  w: { driver: x, client_secret: { hunter2: 1 } }",
            "connections:\n  w: { driver: x, url: hunter2: y }",
            "connections:\n  w: { driver: x, url: 'hunter2 }",
            "connections:\n  w: { driver: x, historicSql: { minCalls: hunter2 } }",
            "connections:\n  w: { driver: x, url: *hunter2 }",
        ] {
            let error = error(text);
            assert!(error.starts_with("ktx.yaml:") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn empty_file_and_null_values_are_accepted() {
        assert_eq!(parse_config("").unwrap().0, Config::default());
        assert_eq!(parse_config("# nothing yet\n").unwrap().0, Config::default());
        let (config, warnings) = parse_config("\u{feff}project: a\nconnections:\ningest:\n").unwrap();
        assert_eq!((config.project.as_deref(), config.connections.len(), warnings.len()), (Some("a"), 0, 0));
    }

    #[test]
    fn unknown_key_may_have_any_value() {
        for value in [
            ".inf",
            "1e999",
            "-5",
            "0x10",
            "!kind text",
            "!kind [a]",
            "!!binary aGk=",
            "2026-01-01",
            "~",
            "{ a: [1, { b: no }] }",
        ] {
            let (config, warnings) = parse_config(&format!("project: a\nx: {value}\n")).unwrap();
            assert_eq!((config.project.as_deref(), warnings.len()), (Some("a"), 1), "{value}");
        }
    }

    #[test]
    fn debug_output_of_a_connection_has_no_secret() {
        let (config, _) =
            parse_config("connections: { w: { driver: pg, url: 'pg://u:hunter2@h/d', client_secret: hunter2 } }")
                .unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
