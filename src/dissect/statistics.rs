use super::packet::LinkType;

/// What is worth knowing of a recording beside its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets in the capture.
    pub packets: u64,
    /// Packets that are neither TCP nor UDP, or could not be read.
    pub other_packets: u64,
    /// Those of them that could not be read because their link type is not known here.
    pub unknown_link_packets: u64,
    /// The link type of the last of these, if there were any.
    pub unknown_link: Option<u32>,
    /// Places in TCP streams at which bytes are missing.
    pub gaps: u64,
    /// Bytes missing there.
    pub gap_bytes: u64,
    /// Those of the places at which messages may have been lost: the others lie within files.
    pub felt_gaps: u64,
    /// Connections that were put aside before their end, to bound the memory.
    pub evicted_connections: u64,
}

impl Statistics {
    /// A packet that is nothing to this room.
    pub(super) const fn note_other(&mut self, link: LinkType) {
        self.other_packets = self.other_packets.saturating_add(1);
        if !link.is_known() {
            self.unknown_link_packets = self.unknown_link_packets.saturating_add(1);
            self.unknown_link = Some(link.0);
        }
    }

    /// The link type that made all packets of a recording unreadable.
    pub(super) const fn unreadable_link(&self) -> Option<u32> {
        if self.unknown_link_packets == self.packets { self.unknown_link } else { None }
    }

    /// Bytes of a stream are missing. Where messages may be among them, the gap `is_felt`.
    pub(super) const fn note_gap(&mut self, gap_len: u64, is_felt: bool) {
        self.gaps = self.gaps.saturating_add(1);
        self.gap_bytes = self.gap_bytes.saturating_add(gap_len);
        if is_felt {
            self.felt_gaps = self.felt_gaps.saturating_add(1);
        }
    }
}
