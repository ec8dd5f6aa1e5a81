//! Since when the other side has been running, as its headers say it (HAND-55).

const DAY_SECONDS: i64 = 24 * 60 * 60;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads an RFC 822 date such as `Fri, 20 Nov 2026 15:53:35 +0000`, as seconds since 1970. The day of
/// the week is not looked at, and may be missing.
pub fn date(text: &str) -> Option<u64> {
    let date = text.split_once(',').map_or(text, |(_, date)| date);
    let mut words = date.split_ascii_whitespace();
    let day: i64 = number(words.next()?, 1..=31)?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))?;
    let year: i64 = number(words.next()?, 1970..=9999)?;
    let seconds = time_of_day(words.next()?)?;
    let zone = zone_seconds(words.next()?)?;
    if words.next().is_some() {
        return None;
    }
    let days = days_since_1970(year, i64::try_from(month).ok()?, day)?;
    let local = days.checked_mul(DAY_SECONDS)?.checked_add(seconds)?;
    u64::try_from(local.checked_sub(zone)?).ok()
}

/// Reads a duration such as `1D 02H 03M`, as seconds.
pub(super) fn duration(text: &str) -> Option<u64> {
    let mut seconds: Option<u64> = None;
    for word in text.split_ascii_whitespace() {
        let (unit_at, unit) = word.char_indices().next_back()?;
        let unit_seconds = match unit.to_ascii_uppercase() {
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        let count: u64 = number(word.get(..unit_at)?, 0..=99_999)?.try_into().ok()?;
        let part = count.checked_mul(unit_seconds)?;
        seconds = Some(seconds.unwrap_or(0).checked_add(part)?);
    }
    seconds
}

/// `hh:mm:ss`, or `hh:mm`.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours = number(parts.next()?, 0..=23)?;
    let minutes = number(parts.next()?, 0..=59)?;
    // A leap second is one.
    let seconds = parts.next().map_or(Some(0), |seconds| number(seconds, 0..=60))?;
    if parts.next().is_some() {
        return None;
    }
    hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)
}

/// `+hhmm`, `-hhmm`, or a name of the time in Greenwich.
fn zone_seconds(text: &str) -> Option<i64> {
    if ["GMT", "UT", "UTC", "Z"].iter().any(|known| known.eq_ignore_ascii_case(text)) {
        return Some(0);
    }
    let (sign, digits) = text.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2).filter(|(_, minutes)| minutes.len() == 2)?;
    let minutes = number(hours, 0..=23)?.checked_mul(60)?.checked_add(number(minutes, 0..=59)?)?;
    match sign {
        "+" => minutes.checked_mul(60),
        "-" => minutes.checked_mul(-60),
        _ => None,
    }
}

/// Decimal digits alone, within a range.
fn number(text: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && range.contains(number))
}

/// The days from 1970-01-01 to a day of the Gregorian calendar; none where the month is shorter.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = lengths.get(usize::try_from(month).ok()?)?;
    if day > *length {
        return None;
    }
    let months_before = lengths.iter().take(usize::try_from(month).ok()?).sum::<i64>();
    let past = year.checked_sub(1)?;
    // Leap days up to a year, counted from the year 1; up to the end of 1969 there were 477.
    let leap_days =
        (past / 4).checked_sub(past / 100)?.checked_add(past / 400)?.checked_sub(477)?;
    let years = year.checked_sub(1970)?.checked_mul(365)?.checked_add(leap_days)?;
    years.checked_add(months_before)?.checked_add(day)?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HAND-55
    #[test]
    fn dates_are_read_to_the_second_in_any_zone() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 +0000", Some(0)),
            ("Fri, 20 Nov 2026 15:53:35 +0000", Some(1_795_190_015)),
            ("20 nov 2026 15:53 GMT", Some(1_795_189_980)),
            ("Fri, 20 Nov 2026 16:53:35 +0100", Some(1_795_190_015)),
            ("Fri, 20 Nov 2026 05:23:35 -1030", Some(1_795_190_015)),
            ("Tue, 29 Feb 2000 23:59:59 UTC", Some(951_868_799)),
            ("Thu, 29 Feb 2024 00:00:00 Z", Some(1_709_164_800)),
            ("Mon, 29 Feb 2100 00:00:00 +0000", None),
            ("Wed, 31 Dec 1969 23:59:59 +0000", None),
            ("Thu, 01 Jan 1970 00:00:00 +0001", None),
            ("Fri, 31 Nov 2026 15:53:35 +0000", None),
            ("Fri, 20 Nov 2026 24:00:00 +0000", None),
            ("Fri, 20 Nov 2026 15:53:35", None),
            ("Fri, 20 Nov 2026 15:53:35 +0000 x", None),
            ("Fri, 20 Nov 2026 15:53:35 CET", None),
            ("Fri, 20 November 2026 15:53:35 +0000", None),
            ("2026-11-20T15:53:35Z", None),
            ("", None),
        ] {
            assert_eq!(date(text), seconds, "{text}");
        }
    }

    /// HAND-55
    #[test]
    fn durations_are_sums_of_their_parts() {
        for (text, seconds) in [
            ("1D 02H 03M", Some(93_780)),
            ("0D 00H 00M", Some(0)),
            ("5m", Some(300)),
            ("7S", Some(7)),
            ("", None),
            ("1D 2", None),
            ("D", None),
            ("-1D", None),
            ("100000D", None),
            ("1W", None),
            ("1\u{e9}", None),
        ] {
            assert_eq!(duration(text), seconds, "{text}");
        }
    }
}
