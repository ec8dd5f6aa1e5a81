use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt};

use super::trial::{Reach, Trial};
use crate::base::limits::REACH_HELPERS;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::announced::Abilities;
use crate::gnutella::wire::vendor::{Body, MessageId, TcpConnectBack, UdpConnectBack};
use crate::gnutella::wire::{Frame, Guid, Vendor};

/// An ultrapeer that can be asked.
#[derive(Clone, Copy, Debug)]
pub struct Helper {
    pub slot: Slot,
    pub abilities: Abilities,
}

/// By which protocols those who were asked did not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    pub tcp: bool,
    pub udp: bool,
}

/// Learns whether we can be reached (BEAR/7, GTKG/7).
///
/// Proof is that somebody came through, whom we did not call: a connection for TCP, a ping with a
/// GUID that only those know who were asked for UDP (VMSG-54). It holds for a while, and is then
/// sought anew; where there is nobody to ask, it is over.
#[derive(Clone, Debug)]
pub struct Reachability {
    port: u16,
    tcp: Trial,
    udp: Trial,
    /// The GUIDs of the pings that were asked for last; the newest first.
    tokens: [Guid; 2],
}

impl Reachability {
    /// Nothing is known. With port 0 nobody is asked, and nothing will ever be.
    pub fn new(port: u16) -> Self {
        Self { port, tcp: Trial::default(), udp: Trial::default(), tokens: [Guid::ZERO; 2] }
    }

    /// What is known of TCP.
    pub const fn tcp(&self) -> Reach {
        self.tcp.reach
    }

    /// What is known of UDP.
    pub const fn udp(&self) -> Reach {
        self.udp.reach
    }

    /// Somebody from outside connected to us: what that is, the caller knows.
    pub fn connected(&mut self, now: Time) {
        if self.port != 0 {
            self.tcp.prove(now);
        }
    }

    /// A ping came by UDP, from outside. True if it was asked for, so that it proves something and needs
    /// no answer.
    pub fn pinged(&mut self, guid: Guid, now: Time) -> bool {
        let is_asked_for = guid != Guid::ZERO && self.tokens.contains(&guid);
        if is_asked_for {
            self.udp.prove(now);
        }
        is_asked_for
    }

    /// When [`timeout`](Self::timeout) has something to do.
    pub fn next_timeout(&self) -> Option<Time> {
        let due = [self.tcp.next_timeout(), self.udp.next_timeout()];
        due.into_iter().flatten().min().filter(|_| self.port != 0)
    }

    /// Asks two helpers where it is time to, and tells whether those before have not come. Call it too
    /// when an ultrapeer has told what it can do.
    pub fn timeout(
        &mut self,
        now: Time,
        helpers: impl Iterator<Item = Helper>,
        rng: &mut ChaCha8Rng,
        out: &mut Vec<(Slot, Frame)>,
    ) -> Missed {
        let missed = Missed { tcp: self.tcp.is_missed(now), udp: self.udp.is_missed(now) };
        let wants = (self.tcp.wants_help(now), self.udp.wants_help(now));
        if self.port == 0 || wants == (false, false) {
            return missed;
        }
        let helpers: Vec<_> = helpers.collect();
        if wants.0 {
            let chosen = choose(&helpers, can_connect, rng);
            self.tcp.asked(!chosen.is_empty(), now);
            out.extend(chosen.iter().map(|helper| (helper.slot, self.ask_connection())));
        }
        if wants.1 {
            let chosen = choose(&helpers, can_ping, rng);
            self.udp.asked(!chosen.is_empty(), now);
            if !chosen.is_empty() {
                self.renew_token(rng);
            }
            out.extend(chosen.iter().map(|helper| (helper.slot, self.ask_ping(helper.abilities))));
        }
        missed
    }

    fn ask_connection(&self) -> Frame {
        let body = Body::TcpConnectBack(TcpConnectBack { port: self.port });
        Vendor::new(MessageId::TCP_CONNECT_BACK, body).into_frame(Guid::ZERO)
    }

    fn ask_ping(&self, abilities: Abilities) -> Frame {
        let [token, _] = self.tokens;
        // In version 2 the message itself has the GUID of the ping (VMSG-14).
        let (id, guid) = if abilities.contain(Abilities::UDP_CONNECT_BACK_V2) {
            (MessageId::UDP_CONNECT_BACK_V2, None)
        } else {
            (MessageId::UDP_CONNECT_BACK_V1, Some(token))
        };
        let body = Body::UdpConnectBack(UdpConnectBack { port: self.port, guid });
        Vendor::new(id, body).into_frame(token)
    }

    /// Who answers late, after others were asked, still proves something.
    fn renew_token(&mut self, rng: &mut ChaCha8Rng) {
        let mut token = [0; 16];
        rng.fill_bytes(&mut token);
        let [last, _] = self.tokens;
        self.tokens = [Guid(token), last];
    }
}

const fn can_connect(abilities: Abilities) -> bool {
    abilities.contain(Abilities::TCP_CONNECT_BACK)
}

const fn can_ping(abilities: Abilities) -> bool {
    abilities.contain(Abilities::UDP_CONNECT_BACK_V1)
        || abilities.contain(Abilities::UDP_CONNECT_BACK_V2)
}

/// A few of those who can, whichever they are.
fn choose(
    helpers: &[Helper],
    can: impl Fn(Abilities) -> bool,
    rng: &mut ChaCha8Rng,
) -> Vec<Helper> {
    let mut able: Vec<_> = helpers.iter().copied().filter(|helper| can(helper.abilities)).collect();
    let mut chosen = Vec::new();
    while chosen.len() < REACH_HELPERS && !able.is_empty() {
        let len = u32::try_from(able.len()).unwrap_or(u32::MAX);
        let at = usize::try_from(rng.random_range(0..len)).unwrap_or(0);
        chosen.push(able.swap_remove(at));
    }
    chosen
}
