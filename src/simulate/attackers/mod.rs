//! Peers that mean harm: scripts that shake hands like anybody else, and then say what they should
//! not.

mod echo;
mod forged_hits;
mod pong_poisoner;
mod query_flooder;
mod scripted;

use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) use echo::Echo;
pub(crate) use forged_hits::HitForger;
pub(crate) use pong_poisoner::{PongPoisoner, is_made_up};
pub(crate) use query_flooder::QueryFlooder;
pub(crate) use scripted::{Malice, Scripted};

use super::machine::Machine;
use crate::base::time::Time;
use crate::fasttrack;
use crate::gnutella::link::{Profile, Role};
use crate::gnutella::wire::Frame;
use crate::node::{Input, LinkId, Output};

/// What runs on a host: an honest machine, or a script.
#[derive(Debug)]
pub(crate) enum Actor<M> {
    Honest(M),
    Attacker(Box<Scripted>),
}

impl<M> Actor<M> {
    pub(crate) const fn is_attacker(&self) -> bool {
        matches!(self, Self::Attacker(_))
    }
}

impl<M: Machine> Machine for Actor<M> {
    fn handle(&mut self, input: Input, now: Time) {
        match self {
            Self::Honest(machine) => machine.handle(input, now),
            Self::Attacker(script) => script.handle(input, now),
        }
    }

    fn poll(&mut self) -> Option<Output> {
        match self {
            Self::Honest(machine) => machine.poll(),
            Self::Attacker(script) => script.poll(),
        }
    }

    fn transmit(&mut self, link: LinkId, now: Time) -> Option<Frame> {
        match self {
            Self::Honest(machine) => machine.transmit(link, now),
            Self::Attacker(script) => script.transmit(link),
        }
    }

    fn transmit_session(&mut self, link: LinkId, now: Time) -> Option<fasttrack::wire::Frame> {
        match self {
            Self::Honest(machine) => machine.transmit_session(link, now),
            Self::Attacker(_) => None,
        }
    }

    fn next_timeout(&self) -> Option<Time> {
        match self {
            Self::Honest(machine) => machine.next_timeout(),
            Self::Attacker(script) => script.next_timeout(),
        }
    }

    fn profile(&self) -> Arc<Profile> {
        match self {
            Self::Honest(machine) => machine.profile(),
            Self::Attacker(script) => script.profile(),
        }
    }

    fn session_profile(&self) -> Option<fasttrack::link::Profile> {
        match self {
            Self::Honest(machine) => machine.session_profile(),
            Self::Attacker(_) => None,
        }
    }

    fn role(&self) -> Role {
        match self {
            Self::Honest(machine) => machine.role(),
            Self::Attacker(_) => Role::Ultrapeer,
        }
    }

    fn audit(&self) -> Result<(), String> {
        match self {
            Self::Honest(machine) => machine.audit(),
            Self::Attacker(_) => Ok(()),
        }
    }

    fn known_hosts(&self) -> Vec<SocketAddr> {
        match self {
            Self::Honest(machine) => machine.known_hosts(),
            Self::Attacker(_) => Vec::new(),
        }
    }
}
