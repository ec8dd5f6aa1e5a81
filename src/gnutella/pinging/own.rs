use std::net::{IpAddr, SocketAddr};

use bytes::{Bytes, BytesMut};

use super::neighbour::Known;
use super::packed::write_hosts;
use super::pong_host::NamedHost;
use crate::base::addresses::NO_IPV4;
use crate::base::mutant::mutant;
use crate::base::return_tokens::ReturnToken;
use crate::gnutella::wire::ggep::value::Wants;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer};
use crate::gnutella::wire::{Frame, Function, GgepArea, Guid, Pong, VendorCode};

/// Version 0.2 of the extension `UP`, as gtk-gnutella writes it.
const ULTRAPEER_VERSION: u8 = 0x02;
/// Version 0.1 of GUESS: without hosts in the answers (GUESS-06).
const GUESS_VERSION: u8 = 0x01;
/// Seconds of a day, beyond which a daily uptime makes no sense.
const DAY_S: u32 = 86_400;
/// The least number of KiB that an ultrapeer says (PONG-08).
const ULTRAPEER_KIB_MIN: u32 = 8;

/// What our own pong says, as the node knows it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// Where we take connections; port 0 where nobody can reach us.
    pub address: SocketAddr,
    /// Files that we share.
    pub files: u32,
    /// KiB that we share.
    pub kib: u32,
    pub is_ultrapeer: bool,
    /// Leaves that we could take.
    pub free_leaf_slots: u8,
    /// Ultrapeers that we could take.
    pub free_ultrapeer_slots: u8,
    /// Seconds that we run on an average day.
    pub daily_uptime_s: u32,
    /// We answer GUESS queries.
    pub guess: bool,
    /// We are there to be asked for hosts, and say so (BOOT-22).
    pub is_host_cache: bool,
}

/// What stands in the answer to a ping in a datagram, besides what every pong says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told<'a> {
    /// Nothing about us that the asker can do without (BOOT-21).
    pub(super) is_short: bool,
    pub(super) key: Option<&'a ReturnToken>,
    /// The asker wants hosts; perhaps there are none.
    pub(super) is_for_hosts: bool,
    pub(super) hosts: &'a [NamedHost],
    /// The asker wants to know which of them take TLS.
    pub(super) with_tls: bool,
    pub(super) caches: &'a [String],
}

impl Own {
    /// True where somebody who learns of us could connect.
    pub(super) const fn has_room(&self) -> bool {
        self.free_leaf_slots > 0 || self.free_ultrapeer_slots > 0
    }

    /// The pong that answers a ping of this GUID after so many hops (PONG-10, PONG-11).
    pub(super) fn pong(&self, guid: Guid, ping_hops: u8, ggep: bool) -> Frame {
        let extensions = if ggep { self.extensions(&Told::default()) } else { Bytes::new() };
        self.frame(guid, ping_hops, extensions)
    }

    /// The same for whoever asks in a datagram, with what it asked for.
    pub(super) fn pong_with(&self, guid: Guid, told: &Told<'_>) -> Frame {
        self.frame(guid, 0, self.extensions(told))
    }

    /// The shortest pong that tells a query key (GUESS-03).
    pub fn pong_of_key(&self, guid: Guid, key: &ReturnToken) -> Frame {
        let mut writer = Writer::new();
        let _: Result<(), Oversize> = write_key(Some(key), &mut writer);
        self.frame(guid, 0, writer.finish())
    }

    /// The pong that says that a query by UDP was taken (GUESS-04).
    pub fn acknowledgement(&self, guid: Guid) -> Frame {
        self.pong(guid, 0, true)
    }

    fn frame(&self, guid: Guid, ping_hops: u8, extensions: Bytes) -> Frame {
        let (files, kib) = (self.files, self.marked_kib());
        pong_frame(guid, ping_hops, 0, &pong(self.address, files, kib, extensions))
    }

    /// PONG-08
    fn marked_kib(&self) -> u32 {
        if self.is_ultrapeer {
            return nearest_power_of_two(self.kib).max(ULTRAPEER_KIB_MIN);
        }
        if self.files == 0 { self.kib } else { self.kib | 1 }
    }

    fn extensions(&self, told: &Told<'_>) -> Bytes {
        let mut writer = Writer::new();
        // All values are short, so that none is refused.
        let _: Result<(), Oversize> = self.write_extensions(told, &mut writer);
        writer.finish()
    }

    fn write_extensions(&self, told: &Told<'_>, out: &mut Writer) -> Result<(), Oversize> {
        write_key(told.key, out)?;
        if !told.is_short {
            self.write_program(out)?;
        }
        if self.is_ultrapeer {
            let (leaf_slots, ultrapeer_slots) = (self.free_leaf_slots, self.free_ultrapeer_slots);
            let ultrapeer =
                Value::Ultrapeer { version: ULTRAPEER_VERSION, leaf_slots, ultrapeer_slots };
            out.put_value("UP", Place::Pong, &ultrapeer)?;
        }
        if !told.is_short {
            let uptime = Value::Number(self.daily_uptime_s.min(DAY_S).into());
            out.put_value("DU", Place::Pong, &uptime)?;
        }
        write_ipv6(self.address, out)?;
        if told.is_for_hosts && self.is_host_cache {
            out.put_value("UDPHC", Place::Pong, &Value::Mark)?;
        }
        write_hosts(told.hosts, told.with_tls, out)?;
        if !told.caches.is_empty() {
            out.put_value("PHC", Place::Pong, &Value::Lines(told.caches.join("\n")))?;
        }
        Ok(())
    }

    fn write_program(&self, out: &mut Writer) -> Result<(), Oversize> {
        let vendor = Value::Vendor { code: VendorCode::FILBERT, version: Some(program_version()) };
        out.put_value("VC", Place::Pong, &vendor)?;
        if self.guess {
            let guess = Value::Guess { version: GUESS_VERSION, port: None };
            out.put_value("GUE", Place::Pong, &guess)?;
        }
        Ok(())
    }
}

/// The ping that asks a UDP host cache for hosts with room for such as us, of IPv6 too where we can call
/// them (BOOT-03).
pub fn ping_for_hosts(guid: Guid, is_ultrapeer: bool, has_ipv6: bool) -> Frame {
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    let wants = Wants(flag(is_ultrapeer, Wants::ULTRAPEERS) | flag(has_ipv6, Wants::IPV6));
    let mut writer = Writer::new();
    let vendor = Value::Vendor { code: VendorCode::FILBERT, version: Some(program_version()) };
    for (id, value) in [("SCP", Value::Wants(wants)), ("VC", vendor)] {
        // All values are short, so that none is refused.
        let _: Result<_, Oversize> = writer.put_value(id, Place::Ping, &value);
    }
    let (function, payload) = (Function::PING, writer.finish());
    Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload }
}

/// A pong about a neighbour, of which this is known (PING-08).
pub(super) fn neighbour_pong(guid: Guid, known: &Known) -> Frame {
    let mut writer = Writer::new();
    let _: Result<(), Oversize> = write_ipv6(known.address, &mut writer);
    let pong = pong(known.address, known.files, known.kib, writer.finish());
    pong_frame(guid, 0, 1, &pong)
}

/// The TTL brings a pong as far back as its ping has come, and one link more (PONG-11).
pub(super) const fn way_home(ping_hops: u8) -> u8 {
    ping_hops.saturating_add(1)
}

/// An address of IPv6 stands in an extension (PONG-06).
fn pong(address: SocketAddr, files: u32, kib: u32, extensions: Bytes) -> Pong {
    let port = address.port();
    let address = match address.ip().to_canonical() {
        IpAddr::V4(address) => address,
        IpAddr::V6(_) => NO_IPV4,
    };
    Pong { port, address, files, kib, extensions: GgepArea::new(extensions, Place::Pong) }
}

fn write_ipv6(address: SocketAddr, out: &mut Writer) -> Result<(), Oversize> {
    if let IpAddr::V6(ip) = address.ip().to_canonical() {
        out.put_value("6", Place::Pong, &Value::Ipv6(ip))?;
    }
    Ok(())
}

fn pong_frame(guid: Guid, ping_hops: u8, hops: u8, pong: &Pong) -> Frame {
    let mut payload = BytesMut::new();
    pong.encode(&mut payload);
    let ttl = way_home(ping_hops);
    let guid = if mutant!(NamesPongsAnew) { Guid([0x77; 16]) } else { guid };
    Frame { guid, function: Function::PONG, ttl, hops, size_flags: None, payload: payload.freeze() }
}

fn write_key(key: Option<&ReturnToken>, out: &mut Writer) -> Result<(), Oversize> {
    if let Some(key) = key {
        out.put_value("QK", Place::Pong, &Value::Token(key.to_vec()))?;
    }
    Ok(())
}

fn nearest_power_of_two(number: u32) -> u32 {
    let Some(above) = number.checked_next_power_of_two() else { return 1 << 31 };
    let below = above / 2;
    if above.saturating_sub(number) <= number.saturating_sub(below) { above } else { below }
}

/// Our own version in one byte, a nibble each for major and minor.
fn program_version() -> u8 {
    let number = |text: &str| text.parse::<u8>().unwrap_or(0).min(0x0f);
    (number(env!("CARGO_PKG_VERSION_MAJOR")) << 4) | number(env!("CARGO_PKG_VERSION_MINOR"))
}
