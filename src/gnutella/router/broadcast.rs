use super::meter::{count_onward, may_go_on};
use super::neighbour::{Neighbour, SPENT};
use super::seen::{Came, Copied, Key, Seen};
use super::{Dropped, Messages, Refused, Router, TtlRules, Verdict, admit, begun};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Function, Guid, Header};

impl Router {
    /// A query came, or a ping that is flooded.
    pub fn broadcast(&mut self, header: &Header, from: Slot, now: Time) -> Verdict {
        match self.judge(header, from, now) {
            Ok(verdict) => verdict,
            Err((why, fault)) => Verdict::Drop { why, fault },
        }
    }

    #[inline]
    fn judge(&mut self, header: &Header, from: Slot, now: Time) -> Result<Verdict, Refused> {
        let Header { guid, function, ttl, hops, .. } = *header;
        let rules = self.rules;
        let sender = admit(&mut self.neighbours, header, from)?;
        if ttl == 0 {
            let is_sign_of_life = function == Function::PING;
            return Err((Dropped::Spent, (!is_sign_of_life).then_some(SPENT)));
        }
        if rules.is_too_far(ttl, hops) {
            return Err((Dropped::TooFar, sender.blame_far(header)));
        }
        let is_asked_for = sender.is_leaf && function == Function::QUERY;
        // What has no name cannot be known again, so it goes no further. What a leaf asks would, step by
        // step.
        if guid == Guid::ZERO {
            let new = Ok(Verdict::New { onward: None });
            return if is_asked_for { Err((Dropped::Nameless, None)) } else { new };
        }
        // What does not go on now may do so when somebody else brings it.
        let onward = rules
            .broadcast(ttl, hops, reach_max(rules, sender, function))
            .filter(|_| may_go_on(self.forwarded, sender, &self.quotas, now));
        let came = if is_asked_for {
            Came::to_be_asked_for(header)
        } else {
            Came::going_on(header, onward.map_or(0, |onward| onward.ttl))
        };
        let key = Key::new(function, guid);
        let messages = begun(&mut self.messages, &self.quotas, &self.hasher);
        let account = (from, self.quotas.messages(sender.is_leaf));
        let copied = recognise(messages, sender, account, key, came, now)?;
        let Some(copied) = copied else {
            if onward.is_some() {
                count_onward(&mut self.forwarded, sender, &self.quotas, now);
            }
            self.wake_to_tidy(now);
            return Ok(Verdict::New { onward });
        };
        let is_wanted = copied.is_raised
            && !mutant!(KnowsNoRaisedTtl)
            && rules.forwards_raised
            && function == Function::QUERY;
        if let Some(onward) = onward.filter(|_| is_wanted || mutant!(ForwardsDuplicates)) {
            if !copied.has_gone_on {
                count_onward(&mut self.forwarded, sender, &self.quotas, now);
            }
            return Ok(Verdict::Again { onward });
        }
        if mutant!(AnswersDuplicates) {
            return Ok(Verdict::New { onward: None });
        }
        let fault = if copied.is_repeat { sender.blame_repeat() } else { None };
        Err((Dropped::Duplicate, fault))
    }
}

/// Remembers a message as one that this neighbour was the first to bring, or says what is to be said of
/// a copy. An account is opened in this name and with this quota where the neighbour has none yet.
///
/// A leaf that has used up its quota is not heard (TTL-22). If it could push out what it has sent itself,
/// the same could go out from here once more, as often as it likes.
#[inline]
pub(super) fn recognise(
    messages: &mut Messages,
    sender: &mut Neighbour,
    (name, quota): (Slot, u32),
    key: Key,
    came: Came,
    now: Time,
) -> Result<Option<Copied>, Refused> {
    match messages.find(&key, now) {
        Ok(found) => {
            let is_first = Some(found.account) == sender.messages;
            Ok(Some(found.value.copy((!is_first).then_some(sender.number), came)))
        }
        Err(free) => {
            let account = *sender.messages.get_or_insert_with(|| messages.open(name, quota));
            if sender.is_leaf && !messages.has_room(account, now) {
                return Err((Dropped::OverQuota, None));
            }
            messages.insert(free, account, key, Seen::new(came), now);
            Ok(None)
        }
    }
}

/// Links that a message of this neighbour may cross in all (TTL-06, TTL-20).
#[inline]
fn reach_max(rules: TtlRules, sender: &Neighbour, function: Function) -> u8 {
    if sender.dynamic_querying || function != Function::QUERY {
        return rules.max_ttl;
    }
    rules.max_ttl.min(rules.own_ttl)
}
