use super::faults::SPEAKS_FOR_OTHERS;
use super::session::{PUSHES, RELAYED};
use super::{Dropped, Neighbours, Output};
use crate::base::error::Malformed;
use crate::base::limits::{FASTTRACK_HOPS_MAX, FASTTRACK_RELAYED_LEN};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Kind, Message, PushRequest, Unicast};

impl Neighbours {
    /// A message to one supernode has come, perhaps to this one.
    pub(super) fn receive_unicast(&mut self, slot: Slot, unicast: &Unicast, now: Time) {
        match self.pass(slot, unicast, now) {
            Ok(()) => {}
            Err(why) => self.tally.drop(why),
        }
    }

    fn pass(&mut self, slot: Slot, unicast: &Unicast, now: Time) -> Result<(), Dropped> {
        self.check(slot, unicast)?;
        if unicast.receiver != self.address() {
            return self.relay(slot, unicast, now);
        }
        self.tally.taken = self.tally.taken.saturating_add(1);
        match unicast.message() {
            Ok(Message::ForwardedSearch(search)) => self.asked(slot, unicast, search, now),
            Ok(Message::Results(results)) => self.found(unicast.sender, results, now),
            Ok(Message::SearchEnd { id }) => self.ended(unicast.sender, id, now),
            Ok(Message::PushRequest(push)) => self.pushed(slot, push, now),
            Ok(_) => Err(Dropped::Unreadable),
            Err(fault) => self.cannot_read(slot, unicast, fault),
        }
    }

    /// Whether it may come from there at all (FTPEER-13, FTPEER-22, FTPEER-23).
    fn check(&mut self, slot: Slot, unicast: &Unicast) -> Result<(), Dropped> {
        let neighbour = self.neighbour(slot).ok_or(Dropped::Stranger)?;
        let is_own = unicast.sender == neighbour.address;
        if unicast.hops == 0 || is_own != (unicast.hops == 1) {
            // What has come round is nobody's fault.
            if !is_own || unicast.hops == 0 {
                self.blame(slot, SPEAKS_FOR_OTHERS);
            }
            return Err(Dropped::Forged);
        }
        if unicast.hops > FASTTRACK_HOPS_MAX {
            return Err(Dropped::TooFar);
        }
        if unicast.sender == self.address() {
            return Err(Dropped::Own);
        }
        // A neighbour has a shorter way to us than by another one.
        let is_for_us = unicast.receiver == self.address();
        if is_for_us && !is_own && self.neighbour_at(unicast.sender).is_some() {
            return Err(Dropped::Forged);
        }
        if !GOES_ACROSS.contains(&unicast.kind) {
            return Err(Dropped::Unreadable);
        }
        Ok(())
    }

    /// Gives it to the neighbour that is nearest to its receiver, with its payload untouched (FTPEER-14).
    fn relay(&mut self, slot: Slot, unicast: &Unicast, now: Time) -> Result<(), Dropped> {
        let next = self.way_to(unicast.receiver).ok_or(Dropped::NoWay)?;
        if next == slot {
            return Err(Dropped::Backwards);
        }
        let onward = unicast.clone().relayed().ok_or(Dropped::TooFar)?;
        let neighbour = self.neighbour_mut(slot).ok_or(Dropped::Stranger)?;
        if !neighbour.relayed.take(RELAYED, weight(unicast), now) {
            return Err(Dropped::TooMuch);
        }
        self.tally.relayed = self.tally.relayed.saturating_add(1);
        self.send(next, Message::Unicast(onward));
        Ok(())
    }

    /// Only who sends its own is to blame for what cannot be read: others do not look at it.
    fn cannot_read(
        &mut self,
        slot: Slot,
        unicast: &Unicast,
        fault: Malformed,
    ) -> Result<(), Dropped> {
        if unicast.hops == 1 {
            self.outputs.push_back(Output::Fault { slot, fault: fault.into() });
        }
        Err(Dropped::Unreadable)
    }

    /// One of our children shall call somebody (FTPEER-21).
    fn pushed(&mut self, slot: Slot, push: PushRequest, now: Time) -> Result<(), Dropped> {
        if push.supernode != self.address() {
            return Err(Dropped::Unreadable);
        }
        let neighbour = self.neighbour_mut(slot).ok_or(Dropped::Stranger)?;
        if !neighbour.pushes.take(PUSHES, 1, now) {
            return Err(Dropped::TooMuch);
        }
        self.outputs.push_back(Output::Push(push));
        Ok(())
    }

    /// A child wants somebody to call who has another supernode, which is told so; false where there is
    /// no way to that one (FTPEER-21).
    pub fn push_across(&mut self, push: PushRequest) -> bool {
        let Some(next) = self.way_to(push.supernode) else { return false };
        let receiver = push.supernode;
        let unicast = Unicast::new(self.address(), receiver, &Message::PushRequest(push));
        self.send(next, Message::Unicast(unicast));
        true
    }
}

/// As how many a message counts that is passed on (FTPEER-24).
fn weight(unicast: &Unicast) -> u32 {
    let parts = unicast.payload.len() / FASTTRACK_RELAYED_LEN;
    u32::try_from(parts).unwrap_or(u32::MAX).saturating_add(1)
}

/// What goes from one supernode to another one by way of others (FTPEER-22).
const GOES_ACROSS: [Kind; 4] =
    [Kind::FORWARDED_SEARCH, Kind::RESULTS, Kind::SEARCH_END, Kind::PUSH];
