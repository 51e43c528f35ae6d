//! Limits of the profiles of a connection.

use super::{
    Project,
    config::{Connection, ProfileSettings},
    connection::invalid,
    drivers,
};
use crate::error::Result;
use std::{num::NonZero, time::Duration};

/// Tables with more rows are profiled on a sample.
const SAMPLE_ROWS: u64 = 1_000_000;
/// Time limit of all statements of a table, in seconds.
const TABLE_SECONDS: u32 = 60;
/// Time limit of the profiles of a scan, in seconds.
const SCAN_SECONDS: u32 = 600;
/// Maximum number of bytes of a scan, for databases that bill by the bytes that they read: 10 GiB.
const BILLED_BYTES: u64 = 10 << 30;
/// Dialects of the databases that bill by the bytes that they read.
const BILLING_DIALECTS: [&str; 1] = ["bigquery"];

/// Limits of the profiles of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileLimits {
    /// Tables with more rows are profiled on a sample of about this many.
    pub sample_rows: u64,
    /// Time limit of all statements of a table.
    pub table: Duration,
    /// Time limit of the profiles of a scan.
    pub scan: Duration,
    /// Maximum number of bytes that the profiles of a scan read; `None`: no limit.
    pub max_bytes: Option<u64>,
}

impl ProfileLimits {
    fn of(connection: &Connection) -> Self {
        let settings = connection.profile.clone().unwrap_or_default();
        let seconds =
            |given: Option<NonZero<u32>>, default| Duration::from_secs(given.map_or(default, NonZero::get).into());
        let dialect = drivers::dialect(&connection.driver);
        let is_billed = dialect.is_some_and(|dialect| BILLING_DIALECTS.contains(&dialect.as_str()));
        Self {
            sample_rows: settings.sample_rows.map_or(SAMPLE_ROWS, NonZero::get),
            table: seconds(settings.table_seconds, TABLE_SECONDS),
            scan: seconds(settings.scan_seconds, SCAN_SECONDS),
            max_bytes: settings.max_bytes.or(is_billed.then_some(BILLED_BYTES)),
        }
    }
}

impl Project {
    /// Whether the tables of a connection may be profiled. Errors: [`crate::error::Code::ConnectionUnknown`].
    pub fn may_profile(&self, id: &str) -> Result<bool> {
        let settings = self.connection(id)?.profile.as_ref();
        Ok(settings.is_none_or(|ProfileSettings { enabled, .. }| *enabled != Some(false)))
    }

    /// Returns the limits of the profiles of a connection.
    ///
    /// Errors: [`crate::error::Code::ConnectionUnknown`]; [`crate::error::Code::ConnectionInvalid`] if profiles are
    /// switched off.
    pub fn profile_limits(&self, id: &str) -> Result<ProfileLimits> {
        if !self.may_profile(id)? {
            return Err(invalid(format!("Profiles of the connection {id} are switched off"))
                .with_hint("Remove profile: { enabled: false } from it in ktx.yaml"));
        }
        Ok(ProfileLimits::of(self.connection(id)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn limits(connection: &str) -> Result<ProfileLimits> {
        Project::parsed("/p".as_ref(), &format!("connections: {{ w: {connection} }}")).profile_limits("w")
    }

    #[test]
    fn limits_have_defaults_and_can_be_set() {
        let found = limits("{ driver: postgres }").unwrap();
        assert_eq!((found.sample_rows, found.max_bytes), (1_000_000, None));
        assert_eq!((found.table, found.scan), (Duration::from_secs(60), Duration::from_secs(600)));
        assert_eq!(limits("{ driver: bigquery }").unwrap().max_bytes, Some(10_737_418_240));
        let profile = "{ sample_rows: 5, table_seconds: 2, scan_seconds: 3, max_bytes: 4 }";
        let found = limits(&format!("{{ driver: bigquery, profile: {profile} }}")).unwrap();
        assert_eq!((found.sample_rows, found.max_bytes), (5, Some(4)));
        assert_eq!((found.table, found.scan), (Duration::from_secs(2), Duration::from_secs(3)));
    }

    #[test]
    fn switched_off_profiles_are_refused_with_the_key() {
        let error = limits("{ driver: postgres, profile: { enabled: false } }").unwrap_err();
        assert_eq!(error.code(), Code::ConnectionInvalid);
        assert!(error.with_hint_text().ends_with("Remove profile: { enabled: false } from it in ktx.yaml"), "{error}");
        assert!(limits("{ driver: postgres, profile: { enabled: true } }").is_ok());
    }
}
