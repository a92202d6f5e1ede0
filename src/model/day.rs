//! A day of the calendar, such as the last one of an acceptance.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use thiserror::Error;

use super::Time;

/// A day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day of a moment, in UTC.
    pub fn of(time: Time) -> Self {
        let time = jiff::Timestamp::from_second(time.seconds);
        Self(time.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC).date())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

/// The text is not a day.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a day such as 2027-03-01")]
pub struct DayError;

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        // Other forms of dates could be read in two ways.
        let is_plain = text.len() == "2027-03-01".len()
            && text.bytes().enumerate().all(|(nth, byte)| match nth {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let day = is_plain.then(|| text.parse().ok()).flatten();
        day.map(Self).ok_or(DayError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_one_way() {
        for text in ["2027-03-01", "2028-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for text in ["", "2027-3-1", "20270301", "2027-02-30", "2027-13-01", "01-03-2027", "soon"] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
        assert!("2027-03-01".parse::<Day>().unwrap() < "2027-03-02".parse().unwrap());
    }

    #[test]
    fn a_moment_has_a_day() {
        assert_eq!(Day::of(Time { seconds: 0, offset: 0 }).to_string(), "1970-01-01");
        assert_eq!(Day::of(Time { seconds: 86_400, offset: -600 }).to_string(), "1970-01-02");
    }
}
