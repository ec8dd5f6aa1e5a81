//! What the rooms want from each other goes through here.

use super::session::Home;
use super::sessions::units;
use super::{Kin, Output, Peer};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::neighbours::{self, Closed, Declined, ReplyTo, SearchKey};
use crate::fasttrack::sought::{SearchId, Sought};
use crate::fasttrack::wire::FoundRef;
use crate::fasttrack::{ordinary_node, supernode};

impl Peer {
    /// Follows what the rooms say until all of them are silent.
    pub(super) fn settle(&mut self, now: Time) {
        self.now = self.now.max(now);
        loop {
            if let Some(output) = self.supernode.as_mut().and_then(|it| it.poll()) {
                self.follow_supernode(output, now);
            } else if let Some(output) = self.neighbours.as_mut().and_then(|it| it.poll()) {
                self.follow_neighbours(output, now);
            } else if let Some(output) = self.ordinary.poll() {
                self.follow_ordinary(output, now);
            } else {
                break;
            }
        }
    }

    fn follow_supernode(&mut self, output: supernode::Output, now: Time) {
        use supernode::Output as Said;
        match output {
            Said::Send { slot, message } => self.send(slot, message.to_frame(), now),
            Said::Results { slot, frame } => self.send(slot, frame, now),
            Said::Close { slot, why } => self.leave(slot, why),
            Said::WantsNodes { slot } => self.out.push_back(Output::WantsNodes { slot }),
            Said::Forward { key, sought } => match &mut self.neighbours {
                Some(neighbours) => {
                    let Sought { max, realm, terms } = sought;
                    neighbours.search(SearchKey(key.0), max, realm, terms, now);
                }
                None => self.forwarded_ended(SearchKey(key.0)),
            },
            Said::EndForward { key } => {
                if let Some(neighbours) = &mut self.neighbours {
                    neighbours.end_search(SearchKey(key.0));
                }
            }
            Said::PushAcross { push } => {
                if let Some(neighbours) = &mut self.neighbours {
                    neighbours.push_across(push);
                }
            }
            Said::Hits { search, supernode, results } => {
                if self.own.contains_key(&search) {
                    self.out.push_back(Output::Hits { search, supernode, results });
                }
            }
            Said::SearchEnded { search, results } => self.own_ended(search, results),
        }
    }

    fn follow_neighbours(&mut self, output: neighbours::Output, now: Time) {
        use neighbours::Output as Said;
        match output {
            Said::Send { to, message } => self.send(to, message.to_frame(), now),
            Said::Joined { slot, .. } => self.be(slot, Kin::Neighbour),
            Said::Decline { slot, why: Declined::Full | Declined::Network } => {
                self.move_to(slot, Home::Declined);
                self.out.push_back(Output::WantsNodes { slot });
            }
            Said::Close { slot, why } => self.leave(slot, reason(why)),
            Said::Asked { reply, max, realm, terms } => {
                self.asked(reply, Sought { max, realm, terms }, now);
            }
            Said::Push(push) => {
                if let Some(supernode) = &mut self.supernode {
                    supernode.push_across(&push);
                }
            }
            Said::Found { key, results } => {
                if let Some(supernode) = &mut self.supernode {
                    supernode.add_results(supernode::Key(key.0), &results);
                }
            }
            Said::Ended { key, .. } => self.forwarded_ended(key),
            Said::Learnt { from, nodes } => {
                if let Some(session) = self.sessions.get(from) {
                    self.out.push_back(Output::Learnt { from: session.address, nodes });
                }
            }
            Said::Doubted { .. } => {}
            Said::Fault { slot, fault } => self.fault(slot, fault),
        }
    }

    fn follow_ordinary(&mut self, output: ordinary_node::Output, now: Time) {
        use ordinary_node::Output as Said;
        match output {
            Said::WantsHosts { count } => self.out.push_back(Output::WantsHosts { count }),
            Said::Datagram { to, datagram } => {
                if self.settings.udp {
                    let bytes = datagram.to_bytes();
                    self.out.push_back(Output::Datagram { to, bytes });
                }
            }
            Said::Dial { to } => self.out.push_back(Output::Dial { to }),
            Said::Send { slot, message } => self.send(slot, message.to_frame(), now),
            Said::Close { slot, why } => self.leave(slot, why),
            Said::BecameChildOf { slot, .. } => self.be(slot, Kin::Parent),
            Said::Orphaned => self.out.push_back(Output::Orphaned),
            Said::Answered { from, answer } => {
                self.out.push_back(Output::Answered { from, answer });
            }
            Said::Tried { supernode, outcome } => {
                self.out.push_back(Output::Tried { supernode, outcome });
            }
            Said::Learnt { from, nodes } => self.out.push_back(Output::Learnt { from, nodes }),
            Said::SeenAs { from, address } => {
                self.out.push_back(Output::Seen { by: *from.ip(), ip: address });
            }
            Said::Hits { search, supernode, results } => {
                if self.own.contains_key(&search) {
                    self.out.push_back(Output::Hits { search, supernode, results });
                }
            }
            Said::SearchEnded { search, results, .. } => self.own_ended(search, results),
            Said::Pushed { to, number } => self.out.push_back(Output::Pushed { to, number }),
        }
    }

    fn forwarded_ended(&mut self, key: SearchKey) {
        if let Some(supernode) = &mut self.supernode {
            supernode.search_ended(supernode::Key(key.0));
        }
    }

    fn own_ended(&mut self, search: SearchId, results: u32) {
        if self.own.remove(&search).is_some() {
            self.out.push_back(Output::SearchEnded { search, results });
        }
    }

    /// Another supernode searches here: it waits for its turn where somebody does (FTSAFE-15).
    fn asked(&mut self, reply: ReplyTo, sought: Sought, now: Time) {
        if self.desk.is_free_for_supernodes(now) {
            self.answer_supernode(reply, &sought, now);
        } else if !self.desk.put_asked(reply, sought, now)
            && let Some(neighbours) = &mut self.neighbours
        {
            neighbours.answer(reply, std::iter::empty::<FoundRef<'_>>());
        }
    }

    /// Answers it from what is here (FTPEER-18).
    pub(super) fn answer_supernode(&mut self, reply: ReplyTo, sought: &Sought, now: Time) {
        let (Some(supernode), Some(neighbours)) = (&self.supernode, &mut self.neighbours) else {
            return;
        };
        let (finds, looks) = supernode.find(sought, None);
        neighbours.answer(reply, finds.iter());
        self.desk.charge(None, units(looks), now);
    }

    /// Works on searches that wait, as far as there is work to be had.
    pub(super) fn work(&mut self, now: Time) {
        use super::desk::Turn;
        while let Some(turn) = self.desk.next(now) {
            match turn {
                Turn::Child { slot, search, is_last } => {
                    if is_last && self.is_heard(slot) {
                        self.out.push_back(Output::Resume(slot));
                    }
                    self.search_for_child(slot, search, now);
                }
                Turn::Supernode(reply, sought) => self.answer_supernode(reply, &sought, now),
            }
            self.settle(now);
        }
        self.desk.schedule(now);
    }

    fn is_heard(&self, slot: Slot) -> bool {
        self.sessions.get(slot).is_some_and(|session| !session.is_leaving)
    }
}

const fn reason(why: Closed) -> &'static str {
    match why {
        Closed::Ourselves => "it is ourselves",
        Closed::Doubled => "there is another session with it",
        Closed::Forged => "it is not who it says to be",
        Closed::Silent => "it has not told its table",
        Closed::Declined => "it has declined",
    }
}
