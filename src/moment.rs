//! Moments, as texts of UTC and back.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

const MS_OF_DAY: i64 = 86_400_000;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Milliseconds since the beginning of 1970; shown as in `2026-05-04T03:02:01.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// A date of HTTP, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub(crate) fn of_http_date(text: &str) -> Option<Self> {
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        let [_, day, month, year, time, "GMT"] = words[..] else { return None };
        let month = MONTHS.iter().position(|name| *name == month)?;
        let days = days_of(year.parse().ok()?, i64::try_from(month).ok()? + 1, day.parse().ok()?);
        let mut seconds = 0;
        for part in time.splitn(3, ':') {
            seconds = seconds * 60 + i64::from(part.parse::<u8>().ok()?);
        }
        Some(Self(days.checked_mul(MS_OF_DAY)?.checked_add(seconds * 1000)?))
    }

    /// The time from another moment until this one; none if that was later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// To the second, as in `2026-05-04T03:02:01Z`.
    pub(crate) fn to_second(self) -> String {
        let text = self.to_string();
        text.rsplit_once('.').map_or(text.clone(), |(seconds, _)| format!("{seconds}Z"))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(MS_OF_DAY));
        let ms = self.0.rem_euclid(MS_OF_DAY);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
    }
}

/// Days from the 1st of March of the year 0 to the beginning of 1970. Years are counted from March, so that a leap day
/// is their last.
const MARCH_0_TO_1970: i64 = 719_468;
const DAYS_OF_400_YEARS: i64 = 146_097;

/// The day of a date, counted from the beginning of 1970.
fn days_of(year: i32, month: i64, day: u8) -> i64 {
    // Months from March on, and the year that began there.
    let (year, month) = if month > 2 { (i64::from(year), month - 3) } else { (i64::from(year) - 1, month + 9) };
    let of_400 = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    year.div_euclid(400) * DAYS_OF_400_YEARS + of_400 * 365 + of_400 / 4 - of_400 / 100 + of_year - MARCH_0_TO_1970
}

/// Year, month and day of a day, counted from the beginning of 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + MARCH_0_TO_1970;
    let day = days.rem_euclid(DAYS_OF_400_YEARS);
    let of_400 = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * of_400 + of_400 / 4 - of_400 / 100);
    let month = (5 * of_year + 2) / 153;
    let year = days.div_euclid(DAYS_OF_400_YEARS) * 400 + of_400;
    let day = of_year - (153 * month + 2) / 5 + 1;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_those_of_the_calendar(seconds in 0..253_402_300_799_i64, ms in 0..1000_i64) {
            let at = Timestamp::from_millisecond(seconds * 1000 + ms).unwrap();
            prop_assert_eq!(Moment(seconds * 1000 + ms).to_string(), format!("{at:.3}"));
            prop_assert_eq!(Moment(seconds * 1000 + ms).to_second(), format!("{at:.0}"));
            let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap();
            prop_assert_eq!(Moment::of_http_date(&date), Some(Moment(seconds * 1000)));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8.49 GMT"]
        {
            assert_eq!(Moment::of_http_date(text), None, "{text}");
        }
        assert_eq!(Moment::of_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Moment(784_111_777_000)));
    }

    #[test]
    fn now_is_now() {
        assert!((Timestamp::now().as_millisecond() - Moment::now().0).abs() < 10_000);
    }
}
