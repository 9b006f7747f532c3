use std::fmt;

/// A point in time with its offset from UTC, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
    offset_minutes: i16,
}

/// The pieces of a date and time before they are checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// Hour of the day.
    pub hour: u8,
    /// Minute of the hour.
    pub minute: u8,
    /// Second of the minute.
    pub second: u8,
    /// Nanosecond of the second.
    pub nanosecond: u32,
    /// Minutes east of Greenwich.
    pub offset_minutes: i16,
}

impl Timestamp {
    /// Makes a time, if there is such a day and such a time of day.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8, clock: Clock) -> Option<Self> {
        let is_day = (1..=days_in_month(year, month)?).contains(&day);
        let is_clock = clock.hour < 24 && clock.minute < 60 && clock.second < 60;
        let Clock { hour, minute, second, nanosecond, offset_minutes } = clock;
        (is_day && is_clock && nanosecond < 1_000_000_000).then_some(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
            offset_minutes,
        })
    }

    /// Reads RFC 3339 as Go does: upper-case `T` and `Z`, any number of fraction digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let (year, month, day) = parse_date(date)?;
        let zone_at = time.find(['Z', '+', '-'])?;
        let mut clock = parse_clock(&time[..zone_at])?;
        clock.offset_minutes = parse_zone(&time[zone_at..])?;
        Self::new(year, month, day, clock)
    }

    /// Returns the same time with its fraction of a second cut off.
    #[must_use]
    pub fn to_second(self) -> Self {
        Self { nanosecond: 0, ..self }
    }

    /// Returns the first second of 1970.
    #[must_use]
    pub fn epoch() -> Self {
        Self {
            year: 1970,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            offset_minutes: 0,
        }
    }

    /// Makes a UTC time from seconds since 1970, or nothing beyond the year 9999.
    #[must_use]
    pub fn from_unix(seconds: u64) -> Option<Self> {
        let days = i64::try_from(seconds / 86_400).ok()?;
        let (year, month, day) = civil_from_days(days);
        let in_day = u32::try_from(seconds % 86_400).ok()?;
        let clock = Clock {
            hour: u8::try_from(in_day / 3600).ok()?,
            minute: u8::try_from(in_day / 60 % 60).ok()?,
            second: u8::try_from(in_day % 60).ok()?,
            ..Clock::default()
        };
        let year = u16::try_from(year).ok().filter(|year| *year < 10_000)?;
        Self::new(year, month, day, clock)
    }
}

/// Writes RFC 3339 with the trailing zeros of the fraction dropped and `Z` for offset zero.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, nanosecond, offset_minutes } = *self;
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if nanosecond > 0 {
            write!(formatter, ".{}", format!("{nanosecond:09}").trim_end_matches('0'))?;
        }
        if offset_minutes == 0 {
            return formatter.write_str("Z");
        }
        let sign = if offset_minutes < 0 { '-' } else { '+' };
        let minutes = offset_minutes.unsigned_abs();
        write!(formatter, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

fn parse_date(text: &str) -> Option<(u16, u8, u8)> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    Some((digits(text.get(..4)?)?, two_digits(text.get(5..7)?)?, two_digits(text.get(8..)?)?))
}

fn parse_clock(text: &str) -> Option<Clock> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(a, b)| (a, Some(b)));
    let bytes = whole.as_bytes();
    if bytes.len() != 8 || bytes[2] != b':' || bytes[5] != b':' {
        return None;
    }
    Some(Clock {
        hour: two_digits(whole.get(..2)?)?,
        minute: two_digits(whole.get(3..5)?)?,
        second: two_digits(whole.get(6..)?)?,
        nanosecond: fraction.map_or(Some(0), parse_fraction)?,
        offset_minutes: 0,
    })
}

/// Reads the digits behind the point of a second, dropping those beyond the ninth.
fn parse_fraction(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = &text[..text.len().min(9)];
    format!("{kept:0<9}").parse().ok()
}

fn parse_zone(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let bytes = text.as_bytes();
    if bytes.len() != 6 || bytes[3] != b':' {
        return None;
    }
    let hours = i16::from(two_digits(text.get(1..3)?)?);
    let minutes = i16::from(two_digits(text.get(4..)?)?);
    let offset = hours * 60 + minutes;
    (hours < 24 && minutes < 60).then_some(if bytes[0] == b'-' { -offset } else { offset })
}

fn two_digits(text: &str) -> Option<u8> {
    u8::try_from(digits(text)?).ok().filter(|_| text.len() == 2)
}

fn digits(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn days_in_month(year: u16, month: u8) -> Option<u8> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    })
}

/// Turns days since 1970-01-01 into year, month and day of the Gregorian calendar.
fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let leap_days = day_of_era / 1460 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days + day_of_era / 36_524) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = u8::try_from(day_of_year - (153 * month_from_march + 2) / 5 + 1).unwrap_or(1);
    let month = u8::try_from((month_from_march + 2) % 12 + 1).unwrap_or(1);
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_upper_case_rfc_3339_is_read() {
        let rows = [
            ("2020-01-01T00:00:00Z", Some("2020-01-01T00:00:00Z")),
            ("2020-01-01T10:11:12.1234567891Z", Some("2020-01-01T10:11:12.123456789Z")),
            ("2020-01-01T10:11:12-00:30", Some("2020-01-01T10:11:12-00:30")),
            ("2020-01-01T10:11:12+00:00", Some("2020-01-01T10:11:12Z")),
            ("2020-02-30T00:00:00Z", None),
            ("2020-01-01T24:00:00Z", None),
            ("2020-01-01t00:00:00z", None),
            ("2020-01-01T00:00:00", None),
            ("2020-1-01T00:00:00Z", None),
            ("2020-01-01T00:00:00.Z", None),
            ("20é0-01-01T00:00:00Z", None),
        ];
        for (text, expected) in rows {
            let read = Timestamp::parse(text).map(|time| time.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn unix_seconds_become_utc() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_536_000, "2026-11-24T16:00:00Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            let time = Timestamp::from_unix(seconds).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some(expected));
        }
    }
}
