//! What goes from one to another.

use std::net::SocketAddrV4;

use filbert::base::slots::Slot;
use filbert::fasttrack::ordinary_node;
use filbert::fasttrack::sought::Sought;
use filbert::fasttrack::supernode;
use filbert::fasttrack::wire::{Datagram, Frame, Message, Node, PushRequest, Results, Side, pack};

use super::{Above, CALL_LOST_MS, Event, Town, WAY_MS};

impl Town {
    pub(super) fn after(&mut self, wait_ms: u64, event: Event) {
        self.count += 1;
        self.events.insert((self.now.after_ms(wait_ms), self.count), event);
    }

    pub(super) fn drain(&mut self) {
        for below in 0..self.below.len() {
            while let Some(output) = self.below[below].rules.poll() {
                self.below[below].told.push((self.now, output.clone()));
                self.obey(below, output);
            }
        }
        let said = |(address, above): (&SocketAddrV4, &mut Above)| {
            above.rules.poll().map(|output| (*address, output))
        };
        while let Some((address, output)) = self.above.iter_mut().find_map(said) {
            self.serve(address, output);
        }
    }

    /// What an ordinary node wants.
    fn obey(&mut self, below: usize, output: ordinary_node::Output) {
        use ordinary_node::Output;
        match output {
            Output::WantsHosts { .. } => {
                let hosts: Vec<_> = self.above.keys().copied().collect();
                self.below[below].rules.give_hosts(&hosts, self.now);
            }
            Output::Datagram { to, datagram } => {
                let bytes = datagram.to_bytes();
                assert!(matches!(Datagram::decode(&bytes), Ok(Datagram::Ping { .. })));
                self.after(WAY_MS, Event::Asked { below, to });
            }
            Output::Dial { to } => {
                let is_up = self.above.get(&to).is_some_and(|above| above.is_up);
                match is_up {
                    true => self.after(4 * WAY_MS, Event::Opened { below, to }),
                    false => self.after(CALL_LOST_MS, Event::NotOpened { below, to }),
                }
            }
            Output::Send { slot, message } => {
                self.after(WAY_MS, Event::Up { below, slot, frame: message.to_frame() });
            }
            Output::Close { slot, .. } => {
                self.below[below].slots.remove(slot);
                if let Some((address, Some(session))) = self.below[below].above.remove(&slot) {
                    let above = self.above.get_mut(&address).unwrap();
                    above.below.remove(&session);
                    above.rules.closed(session);
                }
            }
            _ => {}
        }
    }

    /// What a supernode wants.
    fn serve(&mut self, address: SocketAddrV4, output: supernode::Output) {
        use supernode::Output;
        let others =
            || self.above.iter().filter(|(other, above)| **other != address && above.is_up);
        match output {
            Output::Send { slot, message } => self.down(address, slot, message.to_frame()),
            Output::Results { slot, frame } => self.down(address, slot, frame),
            Output::Close { slot, .. } => {
                let above = self.above.get_mut(&address).unwrap();
                above.rules.closed(slot);
                if let Some((below, slot)) = above.below.remove(&slot) {
                    self.after(WAY_MS, Event::Ended { below, slot });
                }
            }
            Output::WantsNodes { slot } => {
                let nodes: Vec<_> = others()
                    .map(|(other, _)| Node { address: *other, minutes: 0, load: 50 })
                    .collect();
                let above = self.above.get_mut(&address).unwrap();
                above.rules.give_nodes(slot, nodes, self.now);
            }
            // All others, as if they stood beside it.
            Output::Forward { key, sought } => {
                let answers: Vec<_> =
                    others().flat_map(|(other, above)| answer(*other, above, &sought)).collect();
                let rules = &mut self.above.get_mut(&address).unwrap().rules;
                for results in answers {
                    rules.add_results(key, &results);
                }
                rules.search_ended(key);
            }
            Output::PushAcross { push } => self.push_across(&push),
            _ => {}
        }
    }

    fn down(&mut self, address: SocketAddrV4, slot: Slot, frame: Frame) {
        if let Some((below, slot)) = self.above[&address].below.get(&slot).copied() {
            self.after(WAY_MS, Event::Down { below, slot, frame });
        }
    }

    fn push_across(&mut self, push: &PushRequest) {
        if let Some(above) = self.above.get_mut(&push.supernode) {
            above.rules.push_across(push);
        }
    }

    pub(super) fn happen(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Asked { below, to } => {
                let Some(above) = self.above.get(&to).filter(|above| above.is_up) else { return };
                let least = 1;
                let datagram = match above.rules.has_room() {
                    true => Datagram::Pong {
                        least,
                        users: 9,
                        load: above.rules.load(),
                        unknown: 0,
                        network: "KaZaA".into(),
                    },
                    false => Datagram::Full { least, kind: 1, id: 1, supernode: None },
                };
                self.after(WAY_MS, Event::Answered { below, from: to, datagram });
            }
            Event::Answered { below, from, datagram } => {
                self.below[below].rules.datagram(from, &datagram, now);
            }
            Event::NotOpened { below, to } => self.below[below].rules.dial_failed(to, now),
            Event::Opened { below, to } => {
                let node = &mut self.below[below];
                let slot = node.slots.insert(to);
                node.above.insert(slot, (to, None));
                node.rules.opened(slot, to, now);
            }
            Event::Up { below, slot, frame } => self.up(below, slot, &frame),
            Event::Down { below, slot, frame } => {
                let node = &mut self.below[below];
                if node.slots.contains(slot) {
                    let message = Message::parse(&frame, Side::Down).unwrap();
                    node.rules.receive(slot, &message, now);
                }
            }
            Event::Ended { below, slot } => {
                let node = &mut self.below[below];
                node.above.remove(&slot);
                if node.slots.remove(slot).is_some() {
                    node.rules.closed(slot, now);
                }
            }
        }
    }

    fn up(&mut self, below: usize, slot: Slot, frame: &Frame) {
        let node = &mut self.below[below];
        let Some((address, session)) = node.above.get_mut(&slot) else { return };
        let above = self.above.get_mut(address).unwrap();
        if !above.is_up {
            return;
        }
        match *session {
            Some(session) => {
                let message = Message::parse(frame, Side::Up).unwrap();
                above.rules.receive(session, &message);
            }
            None => {
                let Ok(Message::NodeInfo(info)) = Message::parse(frame, Side::Up) else {
                    panic!("0x02 comes first");
                };
                let opened = above.slots.insert(below);
                *session = Some(opened);
                above.below.insert(opened, (below, slot));
                above.rules.child_opened(opened, node.from, &info);
            }
        }
    }
}

/// What another supernode has, as it would say it.
fn answer(address: SocketAddrV4, above: &Above, sought: &Sought) -> Vec<Results> {
    let (found, _) = above.rules.find(sought, None);
    let frames = pack(address, 0, found.iter());
    let messages = frames.map(|frame| Message::parse(&frame, Side::Down).unwrap());
    let results = messages.filter_map(|message| match message {
        Message::Results(results) => Some(results),
        _ => None,
    });
    results.collect()
}
