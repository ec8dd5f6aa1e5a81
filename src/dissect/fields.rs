//! Fields off the front of a slice. Nothing here names a requirement: captures and packet headers
//! are not the overlay's protocol, and where they break, the reader of the capture says so.

/// Takes `N` bytes off the front, or leaves the slice as it is.
pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*taken)
}

/// Takes `len` bytes off the front, or leaves the slice as it is.
pub(super) fn take_slice<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(len)?;
    *rest = behind;
    Some(taken)
}

/// A byte.
pub(super) fn byte(rest: &mut &[u8]) -> Option<u8> {
    take::<1>(rest).map(|[byte]| byte)
}

/// Two bytes, high byte first, as all of TCP/IP has them.
pub(super) fn u16_be(rest: &mut &[u8]) -> Option<u16> {
    take(rest).map(u16::from_be_bytes)
}

/// Four bytes, high byte first.
pub(super) fn u32_be(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_be_bytes)
}

/// The byte order of a capture file, which is that of the machine it was recorded on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

impl Endian {
    /// Two bytes in this order.
    pub(super) fn u16(self, rest: &mut &[u8]) -> Option<u16> {
        take(rest).map(|bytes| match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        })
    }

    /// Four bytes in this order.
    pub(super) fn u32(self, rest: &mut &[u8]) -> Option<u32> {
        take(rest).map(|bytes| match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }

    /// Eight bytes in this order.
    pub(super) fn u64(self, rest: &mut &[u8]) -> Option<u64> {
        take(rest).map(|bytes| match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        })
    }
}
