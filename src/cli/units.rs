//! Numbers in units that people read.

use std::fmt;

/// Bytes: `17 B`, `1.4 GiB`, `123 MiB`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes(pub(super) u64);

/// Seconds: `12 s`, `3 h 12 min`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span(pub(super) u64);

/// Seconds in whole ones of the largest unit: `12 s`, `3 h`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roughly(pub(super) u64);

/// The first of the second, in percent of two digits: `0 %`, `<0.1 %`, `0.9 %`, `12 %`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share(pub(super) u64, pub(super) u64);

const BINARY: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.0.checked_ilog2().unwrap_or(0) / 10;
        let index = usize::try_from(steps).unwrap_or(0);
        let unit = BINARY.get(index).copied().unwrap_or_default();
        let one = 1_u64 << (steps * 10);
        let tenths = u128::from(self.0) * 10 / u128::from(one);
        let shown = match (steps, tenths) {
            (1.., ..1_000) => format!("{}.{} {unit}", tenths / 10, tenths % 10),
            _ => format!("{} {unit}", tenths / 10),
        };
        f.pad(&shown)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let smaller = UNITS.iter().skip_while(|(unit, _)| self.0 < *unit);
        let mut left = self.0;
        let mut shown = Vec::new();
        for (unit, name) in smaller.take(2) {
            let count = left / unit;
            left %= unit;
            if count > 0 {
                shown.push(format!("{count} {name}"));
            }
        }
        match shown.is_empty() {
            true => f.pad("0 s"),
            false => f.pad(&shown.join(" ")),
        }
    }
}

impl fmt::Display for Roughly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = UNITS.iter().find(|(unit, _)| self.0 >= *unit);
        let (unit, name) = largest.unwrap_or(&(1, "s"));
        f.pad(&format!("{} {name}", self.0 / unit))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let permille = u128::from(self.0) * 1_000 / u128::from(self.1).max(1);
        f.pad(&match permille {
            0 if self.0 == 0 => "0 %".to_owned(),
            0 => "<0.1 %".to_owned(),
            1..100 => format!("{}.{} %", permille / 10, permille % 10),
            _ => format!("{} %", permille / 10),
        })
    }
}

/// A number and its noun: `1 hit`, `2 hits`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_unit_that_makes_them_short() {
        for (bytes, shown) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_503_238_553, "1.3 GiB"),
            (1_048_575, "1023 KiB"),
            (104_857_600, "100 MiB"),
            (104_857_599, "99.9 MiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), shown);
        }
        assert_eq!(format!("{:>8}|", Bytes(1)), "     1 B|");
    }

    #[test]
    fn times_have_their_two_largest_units() {
        for (seconds, shown, roughly) in [
            (0, "0 s", "0 s"),
            (59, "59 s", "59 s"),
            (60, "1 min", "1 min"),
            (200, "3 min 20 s", "3 min"),
            (11_520, "3 h 12 min", "3 h"),
            (3_601, "1 h", "1 h"),
            (187_200, "2 d 4 h", "2 d"),
        ] {
            assert_eq!(Span(seconds).to_string(), shown);
            assert_eq!(Roughly(seconds).to_string(), roughly);
        }
    }

    #[test]
    fn what_is_there_is_not_shown_as_nothing() {
        for (part, whole, shown) in [
            (0, 65_536, "0 %"),
            (1, 65_536, "<0.1 %"),
            (65, 65_536, "<0.1 %"),
            (66, 65_536, "0.1 %"),
            (655, 65_536, "0.9 %"),
            (999, 10_000, "9.9 %"),
            (1_000, 10_000, "10 %"),
            (65_536, 65_536, "100 %"),
            (0, 0, "0 %"),
        ] {
            assert_eq!(Share(part, whole).to_string(), shown, "{part} of {whole}");
        }
    }

    #[test]
    fn one_has_no_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "hit")), ["0 hits", "1 hit", "2 hits"]);
    }
}
