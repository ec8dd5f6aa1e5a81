//! Messages that lead nowhere, and who is to blame for it.

use super::{Output, Servent};
use crate::base::error::{Fault, Malformed, Misbehaved};
use crate::base::limits::GGEP_TAIL_LEN_MAX;
use crate::base::slots::Slot;
use crate::gnutella::link::Cost;
use crate::gnutella::wire::{Frame, Function};

impl Servent {
    /// The neighbour broke a rule: whoever calls decides what follows.
    pub(super) fn blame(&mut self, slot: Slot, fault: Fault) {
        let Some(neighbour) = self.neighbours.get_mut(slot) else { return };
        neighbour.traffic.dropped = neighbour.traffic.dropped.saturating_add(1);
        self.lost.dropped = self.lost.dropped.saturating_add(1);
        // Nothing of what comes behind is looked at.
        let is_over = Cost::of(&fault) != Cost::Drop;
        neighbour.is_leaving |= is_over;
        if is_over {
            self.queues.clear(slot);
        }
        self.out.push_back(Output::Fault { slot, fault });
    }

    /// A message cannot be read. Who made it is to blame, and that is the neighbour only if the message
    /// has come no further.
    pub(super) fn blame_maker(&mut self, slot: Slot, frame: &Frame, fault: Malformed) {
        match frame.hops {
            0 => self.blame(slot, fault.into()),
            _ => self.drop_frame(slot, None),
        }
    }

    /// A message that leads nowhere, by its sender's fault or not.
    pub(super) fn drop_frame(&mut self, slot: Slot, fault: Option<Misbehaved>) {
        if let Some(fault) = fault {
            return self.blame(slot, fault.into());
        }
        if let Some(neighbour) = self.neighbours.get_mut(slot) {
            neighbour.traffic.dropped = neighbour.traffic.dropped.saturating_add(1);
            self.lost.dropped = self.lost.dropped.saturating_add(1);
        }
    }
}

/// Whether more stands behind the fixed part than anybody has to say there (SIZE-08).
pub(super) fn has_long_tail(frame: &Frame) -> bool {
    let fixed_len: usize = match frame.function {
        Function::PING => 0,
        Function::PONG => 14,
        Function::PUSH => 26,
        _ => return false,
    };
    frame.payload.len().saturating_sub(fixed_len) > GGEP_TAIL_LEN_MAX
}
