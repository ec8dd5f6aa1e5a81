//! Lists of hosts, as they stand in a pong (GGEP-55, GGEP-56).

use std::net::{IpAddr, SocketAddrV4};

use super::pong_host::{NamedHost, bit_of};
use crate::gnutella::wire::ggep::value::Address6;
use crate::gnutella::wire::ggep::{Oversize, Place, Value, Writer};

/// Writes the hosts, and which of them take TLS if that is wanted.
pub(super) fn write_hosts(
    hosts: &[NamedHost],
    with_tls: bool,
    out: &mut Writer,
) -> Result<(), Oversize> {
    let (mut packed, mut packed6) = (Vec::new(), Vec::new());
    let (mut tls, mut tls6) = (Vec::new(), Vec::new());
    for host in hosts {
        let port = host.address.port();
        match host.address.ip().to_canonical() {
            IpAddr::V4(ip) => {
                packed.push(SocketAddrV4::new(ip, port));
                tls.push(host.takes_tls);
            }
            IpAddr::V6(ip) => {
                packed6.push(Address6 { ip, port });
                tls6.push(host.takes_tls);
            }
        }
    }
    if !packed.is_empty() {
        out.put_value("IPP", Place::Pong, &Value::Addresses(packed))?;
        write_bits("IPP_TLS", &tls, with_tls, out)?;
    }
    if !packed6.is_empty() {
        out.put_value("IPP6", Place::Pong, &Value::Addresses6(packed6))?;
        write_bits("IPP6_TLS", &tls6, with_tls, out)?;
    }
    Ok(())
}

/// No byte more than the last host that takes TLS needs (BOOT-20).
fn write_bits(id: &str, bits: &[bool], is_wanted: bool, out: &mut Writer) -> Result<(), Oversize> {
    let Some(last) = bits.iter().rposition(|takes_tls| *takes_tls).filter(|_| is_wanted) else {
        return Ok(());
    };
    let mut bytes = vec![0_u8; (last / 8).saturating_add(1)];
    for (index, _) in bits.iter().enumerate().filter(|(_, takes_tls)| **takes_tls) {
        if let Some(byte) = bytes.get_mut(index / 8) {
            *byte |= bit_of(index);
        }
    }
    out.put_value(id, Place::Pong, &Value::Bitmap(bytes)).map(|_| ())
}
