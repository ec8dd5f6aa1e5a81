//! What the wing wants done, and what it found out.

use std::net::{IpAddr, SocketAddrV4};

use super::{Event, Output};
use crate::base::error::{Fault, Misbehaved};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::peer::{self, Kin};
use crate::gnutella::link::Refusal;
use crate::node::bans::Weight;
use crate::node::host_cache::Outcome;
use crate::node::{self, LinkId, Node, SearchId};
use crate::promotion::Observation;

impl Node {
    /// Takes what the wing has to say until it is silent.
    pub(in crate::node) fn drain_fasttrack(&mut self, now: Time) {
        while let Some(output) = self.fasttrack.as_deref_mut().and_then(|it| it.peer.poll()) {
            self.follow_peer(output, now);
        }
    }

    fn follow_peer(&mut self, output: peer::Output, now: Time) {
        use peer::Output as Said;
        match output {
            Said::Ready(slot) => self.say_of(slot, |link| Output::Ready { link }),
            Said::Pause(slot) => self.say_of(slot, |link| Output::Pause { link }),
            Said::Resume(slot) => self.say_of(slot, |link| Output::Resume { link }),
            Said::Close { slot, why } => self.leave_session(slot, why),
            Said::Datagram { to, bytes } => self.say(Output::Datagram { to, bytes }),
            Said::Dial { to } => self.call_for_peer(to, now),
            Said::WantsHosts { count } => self.give_hosts(count, now),
            Said::WantsNodes { slot } => self.give_nodes(slot, now),
            Said::Learnt { from, nodes } => self.learn_nodes(from, &nodes, now),
            Said::Answered { from, answer } => self.hear_answer(from, answer, now),
            Said::Try { to } => self.try_child(to),
            Said::Tried { supernode, outcome } => self.note_trial(supernode, outcome, now),
            Said::Seen { by, ip } => {
                self.hear_address(IpAddr::V4(ip), IpAddr::V4(by));
                let (ip, told_by) = (IpAddr::V4(ip), IpAddr::V4(by));
                self.observe(Observation::Address { ip, told_by }, now);
            }
            Said::Became { slot, kin } => self.session_became(slot, kin, now),
            Said::Orphaned => {
                self.count_sessions(now);
                self.call_named_supernodes(now);
            }
            Said::Fault { slot, fault } => self.blame_session(slot, fault, now),
            Said::Hits { search, supernode, results } => {
                if let Some(search) = self.fasttrack_search(search) {
                    self.tell_of_fasttrack(Event::Hits { search, supernode, results });
                }
            }
            Said::SearchEnded { search, results } => {
                let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
                if let Some(search) = fasttrack.searches.remove(&search) {
                    let why = "it was answered";
                    self.tell_of_fasttrack(Event::SearchEnded { search, results, why });
                }
            }
            Said::Pushed { to, number } => self.tell_of_fasttrack(Event::Pushed { to, number }),
        }
    }

    pub(super) fn say_of(&mut self, slot: Slot, output: impl FnOnce(LinkId) -> Output) {
        if let Some(link) = self.session_link(slot) {
            self.say(output(link));
        }
    }

    fn fasttrack_search(&self, search: peer::SearchId) -> Option<SearchId> {
        self.fasttrack.as_deref()?.searches.get(&search).copied()
    }

    /// What a session is has become known.
    fn session_became(&mut self, slot: Slot, kin: Kin, now: Time) {
        let Some(link) = self.session_link(slot) else { return };
        if kin == Kin::Parent {
            self.has_parent(slot, now);
        }
        self.count_sessions(now);
        self.tell_of_fasttrack(Event::Became { link, kin });
    }

    pub(super) fn session_address(&self, slot: Slot) -> Option<SocketAddrV4> {
        Some(self.fasttrack.as_deref()?.peer.session(slot)?.address)
    }

    /// The other side broke a rule: it is struck for it, and the link says whether it goes on (FTSAFE-10).
    fn blame_session(&mut self, slot: Slot, fault: Fault, now: Time) {
        let (Some(link), Some(address)) = (self.session_link(slot), self.session_address(slot))
        else {
            return;
        };
        let is_slip = matches!(fault, Fault::Malformed(_));
        let weight = if is_slip { Weight::Slip } else { Weight::Breach };
        let is_banned = self.strike_session(link, address, fault, weight, now);
        self.say(Output::Blame { link, fault });
        if is_banned {
            self.leave_session(slot, "it is banned");
        } else if !is_slip {
            // The link ends for it, and whoever was struck is not struck again when it has.
            self.hear_no_more(link, slot);
        }
    }

    /// The link itself has ended because of a fault.
    pub(super) fn note_fasttrack_breach(
        &mut self,
        link: LinkId,
        address: SocketAddrV4,
        fault: Fault,
        now: Time,
    ) {
        self.strike_session(link, address, fault, Weight::Breach, now);
    }

    /// Counts a fault against an address. True where it is banned for it.
    fn strike_session(
        &mut self,
        link: LinkId,
        address: SocketAddrV4,
        fault: Fault,
        weight: Weight,
        now: Time,
    ) -> bool {
        let ip = IpAddr::V4(*address.ip());
        let breach = Misbehaved { rule: fault.rule(), what: node::events::what_of(&fault) };
        let ban = self.bans.strike(ip, breach, weight, now);
        self.tell(node::Event::Struck { link, address: address.into(), fault });
        if weight == Weight::Breach
            && let Some(fasttrack) = self.fasttrack.as_deref_mut()
        {
            // It would do the same again: it is not called for a while.
            let outcome = Outcome::Refused(Refusal::FORBIDDEN);
            fasttrack.hosts.outcome(address.into(), outcome, now);
        }
        let Some(ban) = ban else { return false };
        self.tell_banned(ip, &ban);
        true
    }
}
