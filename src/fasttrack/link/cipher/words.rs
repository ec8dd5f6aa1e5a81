/// The generator that drives all (FTCIPHER-05).
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(u32);

impl Words {
    pub(super) const fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// One of the digits of the number that is cubed (FTCIPHER-06).
    pub(super) fn draw_digit(&mut self) -> u8 {
        let [digit, ..] = (self.draw() >> 17).checked_rem(0xe0).unwrap_or(0).to_le_bytes();
        digit
    }

    /// A number below `end`, which is at most 256 (FTCIPHER-09, FTCIPHER-10).
    pub(super) fn draw_below(&mut self, end: usize) -> usize {
        let lot = usize::try_from(self.draw() >> 16).unwrap_or(0);
        lot.saturating_mul(end) >> 16
    }

    const fn draw(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(0x1_0dcd).wrapping_add(0x4271);
        self.0
    }
}
