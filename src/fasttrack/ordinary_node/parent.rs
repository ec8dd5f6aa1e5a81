//! What an ordinary node and its supernode say to each other.

use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::Bytes;

use super::{OrdinaryNode, Outcome, Output};
use crate::base::addresses::{is_callable, is_public};
use crate::base::limits::SHARE_UNASKED_MS;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Message, Node, NodeInfo, NodeList, Push, Results, harmless_user};

impl OrdinaryNode {
    /// A message of a session that we have opened. What a supernode does not say to its children is passed
    /// by.
    pub fn receive(&mut self, slot: Slot, message: &Message, now: Time) {
        if let Some(session) = self.sessions.get_mut(&slot) {
            let answer = session.answer(message);
            self.out.extend(answer.map(|message| Output::Send { slot, message }));
            match message {
                Message::NodeList(list) => self.hear_list(slot, list, now),
                Message::ExternalIp { address } => self.seen_as(slot, *address, now),
                Message::SendShares => {
                    self.accepted(slot, now);
                    self.sharing.tell_from(now);
                }
                _ if self.supernode == Some(slot) => self.hear(message, now),
                _ => {}
            }
        }
        self.step(now);
    }

    /// What only our own supernode says.
    fn hear(&mut self, message: &Message, now: Time) {
        match message {
            Message::NetworkStats(stats) => self.stats = Some(stats.clone()),
            Message::Results(results) => self.take_results(results, now),
            Message::SearchEnd { id } => {
                let over = self.searches.of_id(*id).and_then(|key| self.searches.end(key, now));
                self.tell_end(over, "the supernode has answered");
            }
            Message::Push(push) => self.answer_push(*push, now),
            _ => {}
        }
    }

    /// Says who we are where that has changed (FTNODE-03).
    pub(super) fn tell_who_we_are(&mut self, slot: Slot, now: Time) {
        let address = self.address();
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        if session.tells(address, now) {
            let user = Bytes::from(harmless_user(self.settings.user.as_bytes()).to_string());
            let bandwidth = self.settings.bandwidth;
            let message = Message::NodeInfo(NodeInfo { address, bandwidth, user });
            self.out.push_back(Output::Send { slot, message });
        }
    }

    fn hear_list(&mut self, slot: Slot, list: &NodeList, now: Time) {
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        if !session.hears_list(now) {
            return;
        }
        let from = session.supernode;
        let nodes: Vec<Node> = list.nodes().collect();
        self.seeking.hear(&nodes, from, &mut self.rng, now);
        self.out.push_back(Output::Learnt { from, nodes });
    }

    /// A supernode that says so has taken us (FTSUPER-03), and waits for shares or does not ask for them
    /// (FTNODE-05).
    fn seen_as(&mut self, slot: Slot, ip: Ipv4Addr, now: Time) {
        self.accepted(slot, now);
        self.sharing.tell_from(now.after_ms(SHARE_UNASKED_MS));
        let address = SocketAddrV4::new(ip, u16::MAX);
        if !is_callable(address.into(), self.settings.allow_private) || self.seen_as == Some(ip) {
            return;
        }
        self.seen_as = Some(ip);
        self.know_oneself();
        let from = self.sessions.get(&slot).map(|session| session.supernode);
        self.out.extend(from.map(|from| Output::SeenAs { from, address: ip }));
    }

    /// The first one that takes us is our supernode; all other sessions end (FTNODE-02).
    fn accepted(&mut self, slot: Slot, now: Time) {
        let Some(session) = self.sessions.get_mut(&slot).filter(|_| self.supernode.is_none())
        else {
            return;
        };
        session.since = now;
        let supernode = session.supernode;
        self.supernode = Some(slot);
        for other in self.seeking.accepted(slot, now) {
            self.close(other, "another supernode was faster");
        }
        self.out.push_back(Output::Tried { supernode, outcome: Outcome::Accepted });
        self.out.push_back(Output::BecameChildOf { slot, supernode });
    }

    /// There is no supernode any more.
    pub(super) fn orphan(&mut self) {
        if self.supernode.take().is_some() {
            self.sharing.reset();
            self.searches.orphan();
            self.stats = None;
            self.out.push_back(Output::Orphaned);
        }
    }

    /// Tells the supernode what it is to know by now.
    pub(super) fn serve(&mut self, now: Time) {
        let Some(slot) = self.supernode else { return };
        self.tell_who_we_are(slot, now);
        let searches = self.searches.unasked(now).into_iter().map(Message::Search);
        let messages = self.sharing.difference(now).into_iter().chain(searches);
        self.out.extend(messages.map(|message| Output::Send { slot, message }));
    }

    fn take_results(&mut self, results: &Results, now: Time) {
        let supernode = results.supernode;
        let Some((search, results)) = self.searches.take(results, now) else { return };
        self.out.push_back(Output::Hits { search, supernode, results });
        if self.searches.has_enough(search) {
            let over = self.searches.end(search, now);
            self.tell_end(over, "there are enough results");
        }
    }

    /// Somebody wants us to call it (FTNODE-12), which we do within reason (FTNODE-13).
    fn answer_push(&mut self, push: Push, now: Time) {
        let to = push.requester;
        if !self.is_own(to) && self.callbacks.allow(to, now) {
            self.out.push_back(Output::Pushed { to, number: push.id });
        }
    }

    /// Whether it is ourselves. A public address is that of one host, whatever the port.
    fn is_own(&self, to: SocketAddrV4) -> bool {
        [self.settings.address, self.address()].iter().any(|own| {
            let is_same_host = own.ip() == to.ip() && is_public((*to.ip()).into());
            *own == to || is_same_host
        })
    }
}
