use serde::Serialize;

/// How fast a line is, on a logarithmic scale (FTWIRE-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Bandwidth(pub u8);

impl Bandwidth {
    /// Without a limit.
    pub const UNLIMITED: Self = Self(0xd1);

    /// What stands for 1 kbit/s; each doubling is [`STEPS`] more.
    const ONE: u8 = 59;

    /// The nearest that there is for so many kbit/s, and no limit from 1,680 on.
    pub fn from_kbit_s(kbit_s: u32) -> Self {
        let reached = |byte: &u8| Self(*byte).kbit_s() <= kbit_s;
        Self((Self::ONE..=Self::UNLIMITED.0).take_while(reached).last().unwrap_or(Self::ONE))
    }

    /// About so many kbit/s.
    pub fn kbit_s(self) -> u32 {
        let steps = self.0.saturating_sub(Self::ONE);
        let part = ROOTS.get(usize::from(steps % STEPS)).copied().unwrap_or(ROOT_UNIT);
        let scaled = u64::from(part).wrapping_shl(u32::from(steps / STEPS));
        let rounded = scaled.saturating_add(u64::from(ROOT_UNIT / 2)).wrapping_shr(ROOT_BITS);
        u32::try_from(rounded).unwrap_or(u32::MAX)
    }
}

/// Steps in which a number doubles.
const STEPS: u8 = 14;

/// What 1 is in [`ROOTS`].
const ROOT_UNIT: u32 = 1 << ROOT_BITS;
const ROOT_BITS: u32 = 16;

/// 2 to the power of n / 14, in parts of 65,536.
const ROOTS: [u32; 14] = [
    65_536, 68_862, 72_358, 76_030, 79_889, 83_944, 88_205, 92_682, 97_386, 102_329, 107_523,
    112_981, 118_715, 124_741,
];
