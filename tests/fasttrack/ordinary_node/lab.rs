//! One ordinary node, and a network of supernodes that do as they are told.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::fasttrack::ordinary_node::{OrdinaryNode, Outcome, Output, Settings};
use filbert::fasttrack::wire::Message;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub(super) use super::scene::*;

/// Until a call to an address where nobody is has failed, as TCP has it.
const CALL_LOST_MS: u64 = 15_000;

#[derive(Clone, Debug)]
enum Happening {
    Answer(SocketAddrV4, Udp),
    Failed(SocketAddrV4),
    Opened(SocketAddrV4),
    Message(Slot, Message),
    Closed(Slot),
}

/// The node, the network, and what has happened.
pub(super) struct Lab {
    pub(super) node: OrdinaryNode,
    pub(super) hosts: BTreeMap<SocketAddrV4, Host>,
    pub(super) now: Time,
    /// What there is when the node wants hosts.
    pub(super) cache: Vec<SocketAddrV4>,
    happenings: BTreeMap<(Time, u64), Happening>,
    count: u64,
    slots: Slots<SocketAddrV4>,
    /// All that the node wanted or told.
    pub(super) outputs: Vec<(Time, Output)>,
}

impl Lab {
    /// A node that knows these hosts.
    pub(super) fn new(hosts: impl IntoIterator<Item = (SocketAddrV4, Host)>) -> Self {
        Self::with(settings(), hosts)
    }

    pub(super) fn with(
        settings: Settings,
        hosts: impl IntoIterator<Item = (SocketAddrV4, Host)>,
    ) -> Self {
        let now = Time::from_millis(1_000);
        let hosts: BTreeMap<_, _> = hosts.into_iter().collect();
        let rng = ChaCha8Rng::seed_from_u64(7);
        Self {
            node: OrdinaryNode::new(settings, rng, now),
            cache: hosts.keys().copied().collect(),
            hosts,
            now,
            happenings: BTreeMap::new(),
            count: 0,
            slots: Slots::new(),
            outputs: Vec::new(),
        }
    }

    /// A node that has just become the child of the one supernode that there is, and its session.
    pub(super) fn child() -> (Self, Slot) {
        let mut lab = Self::new([(supernode(1), Host::good(20))]);
        lab.start();
        lab.run_ms(200);
        let (slot, _) = lab.node.supernode().expect("there is a supernode");
        lab.outputs.clear();
        (lab, slot)
    }

    pub(super) fn start(&mut self) {
        self.node.start(self.now);
        self.drain();
    }

    /// Lets so much time pass.
    pub(super) fn run_ms(&mut self, wait_ms: u64) {
        let end = self.now.after_ms(wait_ms);
        for _ in 0..100_000 {
            let happening = self.happenings.keys().next().map(|(at, _)| *at);
            let timeout = self.node.next_timeout();
            let next = happening.into_iter().chain(timeout).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            assert!(timeout.is_none_or(|timeout| timeout > self.now), "it does not come to rest");
            self.now = self.now.max(next);
            if happening == Some(next) {
                let (_, happening) = self.happenings.pop_first().unwrap();
                self.happen(happening);
            } else {
                self.node.timeout(self.now);
            }
            self.drain();
        }
        panic!("it does not come to rest");
    }

    /// Lets time pass until there is a supernode, but no more than two minutes: how many milliseconds.
    pub(super) fn run_to_supernode(&mut self) -> u64 {
        let waits = (0..120_000).step_by(10);
        for waited_ms in waits {
            if self.node.supernode().is_some() {
                return waited_ms;
            }
            self.run_ms(10);
        }
        panic!("there is none");
    }

    /// A number that was not given before.
    pub(super) fn number(&mut self) -> u32 {
        self.count += 1;
        u32::try_from(self.count).unwrap()
    }

    /// Hands a message of a supernode in.
    pub(super) fn say(&mut self, slot: Slot, message: &Message) {
        self.node.receive(slot, message, self.now);
        self.drain();
    }

    /// A session ends.
    pub(super) fn hang_up(&mut self, slot: Slot) {
        self.happen(Happening::Closed(slot));
        self.drain();
    }

    /// A session stands that was not called for.
    pub(super) fn open(&mut self, supernode: SocketAddrV4) -> Slot {
        let slot = self.slots.insert(supernode);
        self.node.opened(slot, supernode, self.now);
        self.drain();
        slot
    }

    /// Takes what the node wants, and lets the network do what follows from it.
    pub(super) fn drain(&mut self) {
        while let Some(output) = self.node.poll() {
            self.outputs.push((self.now, output.clone()));
            match output {
                Output::WantsHosts { count } => {
                    let hosts: Vec<_> = self.cache.iter().copied().take(count).collect();
                    self.node.give_hosts(&hosts, self.now);
                }
                Output::Datagram { to, .. } => self.datagram(to),
                Output::Dial { to } => self.dial(to),
                Output::Close { slot, .. } => drop(self.slots.remove(slot)),
                Output::Send { slot, message: Message::NodeInfo(_) } => self.greet(slot),
                _ => {}
            }
        }
    }

    fn datagram(&mut self, to: SocketAddrV4) {
        let Some(host) = self.hosts.get(&to).cloned() else { return };
        if host.udp != Udp::Silent {
            self.after(host.rtt_ms, Happening::Answer(to, host.udp));
        }
    }

    fn dial(&mut self, to: SocketAddrV4) {
        let host = self.hosts.get(&to).cloned().unwrap_or_else(Host::dead);
        match host.tcp {
            Tcp::Refuses => self.after(host.rtt_ms, Happening::Failed(to)),
            Tcp::Unheard => {}
            Tcp::Lost => self.after(CALL_LOST_MS, Happening::Failed(to)),
            // One for TCP, one for the hello and the names.
            _ => self.after(2 * host.rtt_ms, Happening::Opened(to)),
        }
    }

    /// The node has said who it is.
    fn greet(&mut self, slot: Slot) {
        let Some(address) = self.slots.get(slot).copied() else { return };
        let sent = self.sent(slot).into_iter();
        if sent.filter(|message| matches!(message, Message::NodeInfo(_))).count() > 1 {
            return;
        }
        let Some(host) = self.hosts.get(&address).cloned() else { return };
        let messages = match host.tcp {
            Tcp::Greets => greeting(&host.names),
            _ => vec![list(&host.names)],
        };
        for message in messages {
            self.after(host.rtt_ms, Happening::Message(slot, message));
        }
        if host.tcp == Tcp::Declines {
            self.after(host.rtt_ms, Happening::Closed(slot));
        }
    }

    fn after(&mut self, wait_ms: u64, happening: Happening) {
        self.count += 1;
        self.happenings.insert((self.now.after_ms(wait_ms), self.count), happening);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Answer(from, udp) => {
                self.node.datagram(from, &answer(udp), self.now);
            }
            Happening::Failed(to) => self.node.dial_failed(to, self.now),
            Happening::Opened(to) => {
                let slot = self.slots.insert(to);
                self.node.opened(slot, to, self.now);
            }
            Happening::Message(slot, message) if self.slots.contains(slot) => {
                self.node.receive(slot, &message, self.now);
            }
            Happening::Closed(slot) if self.slots.remove(slot).is_some() => {
                self.node.closed(slot, self.now);
            }
            Happening::Message(..) | Happening::Closed(_) => {}
        }
    }

    /// What was sent over a session.
    pub(super) fn sent(&self, slot: Slot) -> Vec<Message> {
        let sent = self.outputs.iter().filter_map(|(_, output)| match output {
            Output::Send { slot: to, message } if *to == slot => Some(message.clone()),
            _ => None,
        });
        sent.collect()
    }

    /// Takes what was sent over a session since the last time.
    pub(super) fn take_sent(&mut self, slot: Slot) -> Vec<Message> {
        let sent = self.sent(slot);
        self.outputs.retain(|(_, output)| !matches!(output, Output::Send { .. }));
        sent
    }

    /// Who was asked by UDP, and after how many milliseconds.
    pub(super) fn asked(&self) -> Vec<(u64, SocketAddrV4)> {
        self.all(|output| match output {
            Output::Datagram { to, .. } => Some(*to),
            _ => None,
        })
    }

    /// Who was called, and after how many milliseconds.
    pub(super) fn called(&self) -> Vec<(u64, SocketAddrV4)> {
        self.all(|output| match output {
            Output::Dial { to } => Some(*to),
            _ => None,
        })
    }

    /// Whose child the node became, and after how many milliseconds.
    pub(super) fn parents(&self) -> Vec<(u64, SocketAddrV4)> {
        self.all(|output| match output {
            Output::BecameChildOf { supernode, .. } => Some(*supernode),
            _ => None,
        })
    }

    /// What became of those that were tried.
    pub(super) fn tried(&self) -> Vec<(SocketAddrV4, Outcome)> {
        let tried = self.all(|output| match output {
            Output::Tried { supernode, outcome } => Some((*supernode, *outcome)),
            _ => None,
        });
        tried.into_iter().map(|(_, tried)| tried).collect()
    }

    /// What is picked of all outputs, and after how many milliseconds.
    pub(super) fn all<T>(&self, pick: impl Fn(&Output) -> Option<T>) -> Vec<(u64, T)> {
        let start = Time::from_millis(1_000);
        let millis = |at: Time| u64::try_from(at.since(start).as_millis()).unwrap();
        let picked =
            self.outputs.iter().filter_map(|(at, output)| Some((millis(*at), pick(output)?)));
        picked.collect()
    }
}
