//! Pushes: towards the servent that shall connect.

use std::net::{IpAddr, SocketAddr};

use super::outgoing::kept;
use super::{Output, Servent};
use crate::base::addresses::is_callable;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::flow::Class;
use crate::gnutella::push_proxy::Callback;
use crate::gnutella::router::PushRoute;
use crate::gnutella::wire::{Frame, Push};

impl Servent {
    /// A push of a neighbour (PUSH-09).
    pub(super) fn receive_push(&mut self, slot: Slot, frame: &Frame, now: Time) {
        let push = match Push::decode(&frame.payload) {
            Ok(push) => push,
            Err(fault) => return self.blame_maker(slot, frame, fault),
        };
        let (header, servent) = (frame.header(), push.servent);
        // Whoever has asked us to take its pushes need not have been heard of by hits (VMSG-56).
        let leaf = self.service.peek().and_then(|service| service.proxied.route(servent));
        let route = match leaf {
            _ if servent == self.guid || mutant!(ObeysPushesForOthers) => {
                self.router.push_here(&header, slot, now)
            }
            Some(leaf) => self.router.push_to(&header, leaf, slot, now),
            None => self.router.push(&header, servent, slot, now),
        };
        match route {
            PushRoute::Here => self.answer_push(Some(slot), push, now),
            PushRoute::Drop { fault, .. } => self.drop_frame(slot, fault),
            PushRoute::To { ways, onward } => {
                let frame = kept(frame).forwarded(onward.ttl, onward.hops);
                for target in ways.iter() {
                    self.push(target, Class::Push, frame.clone(), Some(slot), now);
                }
            }
        }
    }

    /// Somebody wants us to connect to it: a neighbour has brought the push, or a datagram. Nobody can make us call a third one often (PUSH-12).
    pub(super) fn answer_push(&mut self, from: Option<Slot>, push: Push, now: Time) {
        let asker = SocketAddr::new(IpAddr::V4(push.address), push.port);
        // Nobody outside may have us knock at doors inside (PUSH-08).
        let is_fit = is_callable(asker, self.settings.allow_private);
        if !is_fit || !self.service.enter().callbacks.allow(asker, from, now) {
            return from.map_or((), |from| self.drop_frame(from, None));
        }
        self.out.push_back(Output::Pushed(Box::new(push)));
    }

    /// We connected because of a push: what has become of that (PUSH-12, PUSH-29).
    pub fn callback_ended(&mut self, at: SocketAddr, how: Callback, now: Time) {
        self.service.enter().callbacks.ended(at, how, now);
    }
}
