//! What a word has in a window of rows.

use super::eights::{Part, WINDOW_NUMBERS};
use super::list::List;
use super::rows::Rows;

/// Bytes with a bit for each row of a window.
const WINDOW_BYTES: usize = WINDOW_NUMBERS * 64;

/// What a word has in a window.
#[derive(Debug, Default)]
pub(super) struct Here<'a> {
    pub(super) pieces: Vec<Piece<'a>>,
    /// Rows that stand in lists: nothing where none do.
    pub(super) marks: Option<Box<Marks>>,
}

/// Rows of a word in a window that need not be read to be looked into.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Eights(Part<'a>),
    Bitmap(&'a [u8]),
    Without(Box<Self>, Box<Marks>),
}

/// Rows of lists.
#[derive(Debug)]
pub(super) struct Marks {
    pub(super) numbers: [u64; WINDOW_NUMBERS],
    bytes: [u8; WINDOW_BYTES],
}

impl<'a> Here<'a> {
    /// Takes up the rows of a word in a window.
    pub(super) fn enter(&mut self, word: &mut [Rows<'a>], start: u32, end: u32) {
        self.pieces.clear();
        if let Some(marks) = &mut self.marks {
            marks.clear();
        }
        for rows in word {
            match rows {
                Rows::List(list) => {
                    self.marks.get_or_insert_with(Marks::new).take(list, start, end);
                }
                Rows::Without(all, others) => {
                    let mut marks = Marks::new();
                    marks.take(others, start, end);
                    let all = Piece::new(all, start).map(Box::new);
                    self.pieces.extend(all.map(|all| Piece::Without(all, marks)));
                }
                Rows::Eights(_) | Rows::Bitmap(_) => self.pieces.extend(Piece::new(rows, start)),
            }
        }
    }

    /// Which rows of an eight have the word.
    #[inline]
    pub(super) fn eight(&self, place: usize) -> u8 {
        let rows = self.pieces.iter().fold(0, |rows, piece| rows | piece.eight(place));
        rows | self.marks.as_ref().map_or(0, |marks| marks.eight(place))
    }
}

impl<'a> Piece<'a> {
    fn new(rows: &Rows<'a>, start: u32) -> Option<Self> {
        match rows {
            Rows::Eights(eights) => Some(Self::Eights(eights.window_of(start))),
            Rows::Bitmap(bytes) => bytes.get((start >> 3) as usize..).map(Self::Bitmap),
            Rows::List(_) | Rows::Without(..) => None,
        }
    }

    /// The eights in which there may be rows; nothing where that is not known.
    pub(super) fn eights(&self) -> Option<&Part<'a>> {
        match self {
            Self::Eights(part) => Some(part),
            Self::Bitmap(_) => None,
            Self::Without(all, _) => all.eights(),
        }
    }

    #[inline]
    fn eight(&self, place: usize) -> u8 {
        match self {
            Self::Eights(part) => part.eight(place),
            Self::Bitmap(bytes) => bytes.get(place).copied().unwrap_or(0),
            Self::Without(all, marks) => all.eight(place) & !marks.eight(place),
        }
    }
}

impl Marks {
    fn new() -> Box<Self> {
        Box::new(Self { numbers: [0; WINDOW_NUMBERS], bytes: [0; WINDOW_BYTES] })
    }

    #[inline]
    fn mark(&mut self, place: u32) {
        if let Some(number) = self.numbers.get_mut((place >> 9) as usize) {
            *number |= 1 << (place >> 3 & 63);
        }
        if let Some(byte) = self.bytes.get_mut((place >> 3) as usize) {
            *byte |= 1 << (place & 7);
        }
    }

    /// Takes up the rows of a list that are in a window.
    fn take(&mut self, list: &mut List<'_>, start: u32, end: u32) {
        list.advance_to(start);
        list.each_before(end, |row| self.mark(row.saturating_sub(start)));
    }

    fn eight(&self, place: usize) -> u8 {
        self.bytes.get(place).copied().unwrap_or(0)
    }

    fn clear(&mut self) {
        for (number, bytes) in self.numbers.iter_mut().zip(self.bytes.as_chunks_mut::<64>().0) {
            if *number != 0 {
                (*number, *bytes) = (0, [0; 64]);
            }
        }
    }
}
