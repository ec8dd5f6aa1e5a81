//! Rows by eights: a bit for every eight rows says whether any of them has a word, and for each eight of
//! which that is so a byte says which of them.
//!
//! Where words are held against each other, the bits come first: they are an eighth of a bitmap, and where
//! three words have none of them in common there is nothing to be read of the bytes.

use super::super::bit_table::ones;

/// Bits of eights that stand in one number, and the rows of those.
const NUMBER_EIGHTS: usize = 64;
const NUMBER_ROWS: usize = 8 * NUMBER_EIGHTS;

/// Numbers of a window.
pub(super) const WINDOW_NUMBERS: usize = 128;

/// Rows of a window.
pub(super) const WINDOW_ROWS: u32 = 64 * 1024;

/// Rows that are read. In bytes:
///
/// ```text
/// rows: 4, numbers: 4, for each window: bytes before it: 4,
/// for each number: bytes before it in its window: 2,
/// numbers: 8 each, bytes
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Eights<'a> {
    rows_len: u32,
    before: &'a [[u8; 4]],
    part: Part<'a>,
}

/// Those of them that stand together, and begin with a window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part<'a> {
    before: &'a [[u8; 2]],
    numbers: &'a [[u8; 8]],
    bytes: &'a [u8],
}

/// Writes rows, ascending, of so many.
pub(super) fn write(of: &[u32], all_rows: usize, bytes: &mut Vec<u8>) {
    let mut numbers = vec![0_u64; all_rows.div_ceil(NUMBER_ROWS)];
    let (mut before_window, mut before, mut eights) = (Vec::new(), Vec::new(), Vec::new());
    for eight in of.chunk_by(|one, next| one >> 3 == next >> 3) {
        let place = eight.first().map_or(0, |row| row >> 3);
        if let Some(number) = numbers.get_mut(place as usize / NUMBER_EIGHTS) {
            *number |= 1 << (place & 63);
        }
        eights.push(eight.iter().fold(0_u8, |byte, row| byte | 1 << (row & 7)));
    }
    let mut passed = 0_u32;
    for window in numbers.chunks(WINDOW_NUMBERS) {
        before_window.extend(passed.to_le_bytes());
        let mut here = 0_u16;
        for number in window {
            before.extend(here.to_le_bytes());
            here = here.saturating_add(u16::try_from(number.count_ones()).unwrap_or(0));
        }
        passed = passed.saturating_add(here.into());
    }
    for len in [of.len(), numbers.len()] {
        bytes.extend(u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
    }
    bytes.extend(before_window);
    bytes.extend(before);
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend(eights);
}

impl<'a> Eights<'a> {
    /// No rows where the bytes are not as they are written.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self::read(bytes).unwrap_or_default()
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (rows_len, rest) = bytes.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let count = u32::from_le_bytes(*count) as usize;
        let windows = count.div_ceil(WINDOW_NUMBERS);
        let (before_window, rest) = rest.split_at_checked(windows.checked_mul(4)?)?;
        let (before, rest) = rest.split_at_checked(count.checked_mul(2)?)?;
        let (numbers, bytes) = rest.split_at_checked(count.checked_mul(8)?)?;
        Some(Self {
            rows_len: u32::from_le_bytes(*rows_len),
            before: before_window.as_chunks().0,
            part: Part { before: before.as_chunks().0, numbers: numbers.as_chunks().0, bytes },
        })
    }

    pub(super) const fn rows_len(&self) -> usize {
        self.rows_len as usize
    }

    /// Those of the window in which this row is, and of all behind it.
    #[inline]
    pub(super) fn window_of(&self, row: u32) -> Part<'a> {
        let window = (row / WINDOW_ROWS) as usize;
        let passed = self.before.get(window).map_or(u32::MAX, |passed| u32::from_le_bytes(*passed));
        let first = window.saturating_mul(WINDOW_NUMBERS);
        Part {
            before: self.part.before.get(first..).unwrap_or_default(),
            numbers: self.part.numbers.get(first..).unwrap_or_default(),
            bytes: self.part.bytes.get(passed as usize..).unwrap_or_default(),
        }
    }

    /// Whether any of the eight rows is there among which this one is.
    #[inline]
    pub(super) fn has_near(&self, row: u32) -> bool {
        let number = self.part.numbers.get((row >> 9) as usize);
        number.is_some_and(|number| u64::from_le_bytes(*number) >> (row >> 3 & 63) & 1 != 0)
    }

    #[inline]
    pub(super) fn has(&self, row: u32) -> bool {
        let window = self.window_of(row);
        window.eight((row % WINDOW_ROWS) as usize / 8) >> (row & 7) & 1 != 0
    }

    /// Tells all rows.
    pub(super) fn each(&self, mut found: impl FnMut(u32)) {
        let mut bytes = self.part.bytes.iter();
        for (place, number) in (0_u32..).zip(self.part.numbers) {
            for eight in ones(u64::from_le_bytes(*number)) {
                let first = (place << 6 | eight) << 3;
                let byte = bytes.next().copied().unwrap_or(0);
                ones(byte.into()).for_each(|bit| found(first | bit));
            }
        }
    }
}

impl<'a> Part<'a> {
    /// Which eights have a row, in the first window.
    #[inline]
    pub(super) fn numbers(&self) -> &'a [[u8; 8]] {
        self.numbers.get(..WINDOW_NUMBERS).unwrap_or(self.numbers)
    }

    /// Which rows of an eight of the first window are there.
    #[inline]
    pub(super) fn eight(&self, place: usize) -> u8 {
        let at = place / NUMBER_EIGHTS;
        let Some(number) = self.numbers.get(at) else { return 0 };
        let number = u64::from_le_bytes(*number);
        if number >> (place % NUMBER_EIGHTS) & 1 == 0 {
            return 0;
        }
        self.eight_there(place)
    }

    /// The same of an eight that has a row.
    #[inline]
    pub(super) fn eight_there(&self, place: usize) -> u8 {
        let at = place / NUMBER_EIGHTS;
        let Some(number) = self.numbers.get(at) else { return 0 };
        let number = u64::from_le_bytes(*number);
        let bit = 1_u64 << (place % NUMBER_EIGHTS);
        let before = self.before.get(at).map_or(0, |before| u16::from_le_bytes(*before));
        let here = (number & bit.wrapping_sub(1)).count_ones() as usize;
        self.bytes.get(usize::from(before).saturating_add(here)).copied().unwrap_or(0)
    }
}

/// The eights of so many rows that are in this window, all of them.
pub(super) fn all_of_window(start: u32, all_rows: usize) -> [u64; WINDOW_NUMBERS] {
    let rows = all_rows.saturating_sub(start as usize);
    let mut left = rows.div_ceil(8);
    [0; WINDOW_NUMBERS].map(|_: u64| {
        let here = left.min(NUMBER_EIGHTS);
        left = left.saturating_sub(here);
        let missing = u32::try_from(NUMBER_EIGHTS.saturating_sub(here)).unwrap_or(0);
        u64::MAX.checked_shr(missing).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: u32 = 200_000;

    fn written(rows: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(rows, ALL as usize, &mut bytes);
        bytes
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        for gap in [1, 3, 8, 61, 512, 9_000, 70_000] {
            let rows: Vec<u32> = (5..ALL).step_by(gap).collect();
            let bytes = written(&rows);
            let eights = Eights::new(&bytes);
            let (mut read, mut had) = (Vec::new(), Vec::new());
            eights.each(|row| read.push(row));
            had.extend((0..ALL + 9).filter(|row| eights.has(*row)));
            assert_eq!((eights.rows_len(), &read, &had), (rows.len(), &rows, &rows), "{gap}");
        }
    }

    #[test]
    fn bytes_that_end_early_are_none() {
        let bytes = written(&[1, 2, 70_000]);
        let numbers_end = 8 + 4 * 4 + 391 * 10;
        for (len, rows_len) in [(bytes.len(), 3), (numbers_end, 3), (numbers_end - 1, 0), (3, 0)] {
            assert_eq!(Eights::new(&bytes[..len]).rows_len(), rows_len);
        }
        assert!(!Eights::new(&bytes[..numbers_end]).has(70_000));
    }

    #[test]
    fn a_window_has_the_eights_of_all_rows_and_no_more() {
        let count = |start, rows| all_of_window(start, rows).iter().map(|n| n.count_ones()).sum();
        let counts: [u32; 5] =
            [count(0, 0), count(0, 9), count(0, 513), count(0, 1 << 20), count(65_536, 65_600)];
        assert_eq!(counts, [0, 2, 65, 8_192, 8]);
    }
}
