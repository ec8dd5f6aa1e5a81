//! What a child hears first, and now and then after that.

use bytes::Bytes;

use super::child::Stage;
use super::{Output, Supernode};
use crate::base::limits::{
    FASTTRACK_NODES_EVERY, FASTTRACK_NODES_MAX, FASTTRACK_NUMBERS_EVERY_MS,
    FASTTRACK_USERS_TOLD_MIN,
};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Message, Node, NodeList};

/// What 0x23 says, in every session that was seen (FTWIRE-26).
const GREETING_NUMBER: u32 = 1;

/// The version of Kazaa 2.5, as we tell it to supernodes too (FTWIRE-27).
const VERSION: u32 = 0x21;

/// The name in 0x1d.
const NETWORK_NAME: Bytes = Bytes::from_static(b"KaZaA");

/// We have no configuration that anybody signed (FTWIRE-23).
const REVISION: u32 = 0;

impl Supernode {
    /// The node list that was wanted for a session: supernodes that may be tried, those beside us first. A
    /// newcomer is greeted with it (FTSUPER-02), or declined (FTSUPER-07).
    pub fn give_nodes(&mut self, slot: Slot, nodes: impl IntoIterator<Item = Node>, now: Time) {
        let Some(child) = self.children.get_mut(slot) else { return };
        let (stage, from) = (child.stage, child.from);
        if stage == Stage::Waiting {
            child.stage = Stage::Greeted;
        }
        let ourselves = Node { address: self.own.address, minutes: 0, load: self.load() };
        let is_told = stage != Stage::Declined && !mutant!(LeavesItselfOut);
        let own = is_told.then_some(ourselves);
        let own_address = self.own.address;
        let others = nodes.into_iter().filter(|node| node.address != own_address);
        let list = own.into_iter().chain(others).take(FASTTRACK_NODES_MAX);
        let list = Message::NodeList(NodeList::from_iter(list));
        self.send(slot, list);
        match stage {
            Stage::Waiting => {
                for message in self.greeting(*from.ip()) {
                    self.send(slot, message);
                }
                self.schedule(slot, now);
            }
            Stage::Declined => {
                self.out.push_back(Output::Close { slot, why: "there is no room for a child" });
            }
            Stage::Greeted => {}
        }
    }

    /// All behind the node list, in its order.
    fn greeting(&self, seen: std::net::Ipv4Addr) -> Vec<Message> {
        let mut greeting = vec![
            Message::GreetingNumber { number: GREETING_NUMBER },
            Message::Version { number: VERSION },
            Message::NetworkName { text: NETWORK_NAME },
            Message::ExternalIp {
                address: if mutant!(TellsWrongAddress) { *self.own.address.ip() } else { seen },
            },
            Message::SendShares,
        ];
        if mutant!(GreetsWithoutShares) {
            greeting.pop();
        }
        greeting.extend(self.numbers());
        greeting.push(Message::ConfigRevision { number: REVISION });
        greeting
    }

    /// How large the network is, if there is enough of it to be told (FTSUPER-04).
    fn numbers(&self) -> Option<Message> {
        let network = self.network.as_ref();
        let network = network.filter(|network| network.users >= FASTTRACK_USERS_TOLD_MIN)?;
        Some(Message::NetworkStats(network.clone()))
    }

    /// When [`timeout`](Self::timeout) is to be called.
    pub fn next_timeout(&self) -> Option<Time> {
        self.rounds.first().map(|(at, _)| *at)
    }

    /// Tells children how large the network is now (FTSUPER-21), and which supernodes there are (FTSUPER-05).
    pub fn timeout(&mut self, now: Time) {
        while let Some((_, slot)) = self.rounds.first().copied().filter(|(at, _)| *at <= now) {
            self.rounds.pop_first();
            let Some(child) = self.children.get_mut(slot) else { continue };
            child.rounds = child.rounds.wrapping_add(1);
            let is_for_nodes = child.rounds.is_multiple_of(FASTTRACK_NODES_EVERY);
            if let Some(numbers) = self.numbers() {
                self.send(slot, numbers);
            }
            if is_for_nodes {
                self.out.push_back(Output::WantsNodes { slot });
            }
            self.schedule(slot, now);
        }
    }

    fn schedule(&mut self, slot: Slot, now: Time) {
        let due = now.after_ms(FASTTRACK_NUMBERS_EVERY_MS);
        if let Some(child) = self.children.get_mut(slot) {
            child.next_round = Some(due);
            self.rounds.insert((due, slot));
        }
    }
}
