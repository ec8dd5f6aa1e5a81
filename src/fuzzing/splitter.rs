/// Takes the bytes of a fuzzer apart into choices, numbers and pieces. At the end of its bytes it
/// goes on with zeros and empty pieces, so that every input means something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Splitter<'a> {
    rest: &'a [u8],
}

impl<'a> Splitter<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    /// One of `choices`.
    pub(super) fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// As many bytes as there are, up to `len`.
    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// A piece with its length in front of it.
    pub(super) fn piece(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte());
        self.take(len)
    }

    /// A piece, perhaps repeated, so that a short input gives a payload as long as one of `limits`.
    pub(super) fn long_piece(&mut self, limits: &[usize]) -> Vec<u8> {
        let len_max = self.choose(limits);
        let times = usize::from(self.byte()).pow(2).max(1);
        let piece = self.piece();
        piece.iter().copied().cycle().take((piece.len() * times).min(len_max)).collect()
    }

    pub(super) const fn rest(self) -> &'a [u8] {
        self.rest
    }
}

/// Cuts `bytes` into pieces of these lengths, over and over; a length of zero counts as 256.
pub(super) fn in_pieces<'a>(bytes: &'a [u8], lengths: &[u8]) -> Vec<&'a [u8]> {
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let len = lengths.next().map_or(256, |&len| if len == 0 { 256 } else { len.into() });
        let (piece, after) = rest.split_at(len.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
