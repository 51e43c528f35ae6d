//! The types of what all sources of a project share: metrics and the calendar.

use crate::project::yaml::or_default;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, Unexpected},
};
use serde_json::Number;

/// What all sources share (`semantic-layer/metrics.yaml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Calculations with measures of any source.
    #[serde(default, deserialize_with = "or_default")]
    pub metrics: Vec<Metric>,
    /// Weeks and fiscal years.
    #[serde(default, deserialize_with = "or_default")]
    pub calendar: Calendar,
}

/// A calculation with measures of any source, which belongs to no source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Name in queries, without a dot.
    pub name: String,
    /// Calculation, such as `orders.revenue / visits.count`.
    pub expr: String,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Person or team that answers for the definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Other names, for searches.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
    /// Unit of the values, such as `EUR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Format for display, such as `0.0 %`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Value of groups without rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_nulls_with: Option<Number>,
}

/// Weeks and fiscal years. A fiscal year is named by the calendar year in which it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Calendar {
    /// First day of a week.
    pub week_start: Weekday,
    /// First month of a fiscal year, 1 to 12.
    #[serde(deserialize_with = "month")]
    pub fiscal_year_start: u8,
    /// Fiscal years of whole weeks, in place of months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retail: Option<RetailYears>,
    /// Weeks and fiscal periods of a table, in place of computed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<CalendarTable>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { week_start: Weekday::Monday, fiscal_year_start: JANUARY, retail: None, table: None }
    }
}

/// A source with one row for each day, and its columns with the first days of the periods that the day is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarTable {
    /// Name of the source, whose grain is the day.
    pub source: String,
    /// Column of the day.
    pub day: String,
    /// Column of the first day of the week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<String>,
    /// Column of the first day of the fiscal month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_month: Option<String>,
    /// Column of the first day of the fiscal quarter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_quarter: Option<String>,
    /// Column of the first day of the fiscal year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_year: Option<String>,
}

/// Fiscal years of 52 or 53 whole weeks, in quarters of 13 weeks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetailYears {
    /// Weeks of the months of a quarter.
    pub pattern: Pattern,
    /// Which weekday ends the year.
    #[serde(default)]
    pub ends: YearEnd,
    /// Last day of each week.
    #[serde(default = "saturday")]
    pub weekday: Weekday,
    /// Month whose end is the end of the year, 1 to 12.
    #[serde(default = "january", deserialize_with = "month")]
    pub month: u8,
}

/// Weeks of the months of a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Pattern {
    #[serde(rename = "4-4-5")]
    FourFourFive,
    #[serde(rename = "4-5-4")]
    FourFiveFour,
    #[serde(rename = "5-4-4")]
    FiveFourFour,
}

/// Which weekday ends a year of whole weeks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum YearEnd {
    /// The last one of the month.
    #[default]
    Last,
    /// The one nearest to the end of the month.
    Nearest,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

const JANUARY: u8 = 1;

const fn january() -> u8 {
    JANUARY
}

const fn saturday() -> Weekday {
    Weekday::Saturday
}

fn month<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u64::deserialize(deserializer)?;
    let is_month = |month: &u8| (1..=12).contains(month);
    u8::try_from(number)
        .ok()
        .filter(is_month)
        .ok_or_else(|| D::Error::invalid_value(Unexpected::Unsigned(number), &"a month, 1 to 12"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_match_the_schema() {
        let schema = |name: &str| crate::schemas::definition("metrics.yaml", name);
        schema("Model").assert_kept_by::<Model>();
        schema("Metric").assert_kept_by::<Metric>();
        schema("Calendar").assert_kept_by::<Calendar>();
        schema("RetailYears").assert_kept_by::<RetailYears>();
        schema("CalendarTable").assert_kept_by::<CalendarTable>();
        schema("Calendar").assert_values_of::<Weekday>("week_start", &[]);
        schema("RetailYears").assert_values_of::<Pattern>("pattern", &[]);
        schema("RetailYears").assert_values_of::<YearEnd>("ends", &[]);
    }
}
