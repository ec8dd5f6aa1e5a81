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
        let wanted = u64::from(kbit_s).wrapping_shl(ROOT_BITS);
        let distance = |byte: &u8| Self(*byte).scaled().abs_diff(wanted);
        Self((Self::ONE..=Self::UNLIMITED.0).min_by_key(distance).unwrap_or(Self::ONE))
    }

    /// About so many kbit/s.
    pub fn kbit_s(self) -> u32 {
        let half = 1_u64 << (ROOT_BITS - 1);
        u32::try_from(self.scaled().saturating_add(half).wrapping_shr(ROOT_BITS))
            .unwrap_or(u32::MAX)
    }

    /// kbit/s in parts of 65,536.
    fn scaled(self) -> u64 {
        let steps = self.0.saturating_sub(Self::ONE);
        let root = ROOTS.get(usize::from(steps % STEPS)).copied().unwrap_or_default();
        u64::from(root).wrapping_shl(u32::from(steps / STEPS))
    }
}

/// Steps in which a number doubles.
const STEPS: u8 = 14;

/// Bits behind the point in [`ROOTS`].
const ROOT_BITS: u32 = 16;

/// 2 to the power of n / 14, in parts of 65,536.
const ROOTS: [u32; 14] = [
    65_536, 68_862, 72_358, 76_030, 79_889, 83_944, 88_205, 92_682, 97_386, 102_329, 107_523,
    112_981, 118_715, 124_741,
];
