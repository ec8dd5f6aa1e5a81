use std::net::IpAddr;

use super::{ApiAddress, FastTrackAddress, Settings};
use crate::base::addresses::{is_public, is_unicast};

/// What is wrong with values that are right by themselves, and what is likely to be a mistake.
pub(super) fn check(settings: &mut Settings, problems: &mut Vec<String>) {
    problems.extend(exposed_api(settings));
    problems.extend(nobody_advertised(settings));
    settings.warnings.extend(private_advertisement(settings));
    problems.extend(nobodys_address(settings));
    share_port(settings);
    if settings.multicast && !settings.allow_private {
        settings.warnings.push(format!(
            "{}: hosts of the local network are of use only with allow_private = true",
            settings.source("multicast")
        ));
    }
    if settings.port_mapping && !cfg!(feature = "port-mapping") {
        settings.warnings.push(format!(
            "{}: this program cannot ask a router; build it with --features port-mapping",
            settings.source("port_mapping")
        ));
    }
}

/// Two names for one port are one port.
fn share_port(settings: &mut Settings) {
    if settings.fasttrack.listen == FastTrackAddress::Own(settings.listen) {
        settings.fasttrack.listen = FastTrackAddress::Shared;
    }
}

/// An API that others can call, though nobody has said that they may.
fn exposed_api(settings: &Settings) -> Option<String> {
    let ApiAddress::Tcp(address) = settings.api.listen else { return None };
    let is_local = address.ip().to_canonical().is_loopback();
    (!is_local && !settings.api.allow_remote).then(|| {
        format!(
            "{}: other machines could call the API on {address}; write 127.0.0.1:{}, or allow it \
             with --api-allow-remote",
            settings.source("api.listen"),
            address.port(),
        )
    })
}

/// An address that is nobody's.
fn nobody_advertised(settings: &Settings) -> Option<String> {
    let ip = settings.advertise?.ip;
    let source = settings.source("advertise");
    (!is_unicast(ip)).then(|| format!("{source}: nobody can call {ip}; write your public address"))
}

/// An address that is of use in some networks only.
fn private_advertisement(settings: &Settings) -> Option<String> {
    let ip = settings.advertise?.ip;
    let is_odd = is_unicast(ip) && !is_public(ip) && !settings.allow_private;
    is_odd.then(|| {
        format!(
            "{}: nobody on the Internet can call {ip}; --allow-private is missing if that is meant",
            settings.source("advertise")
        )
    })
}

/// Addresses that no socket can have.
fn nobodys_address(settings: &Settings) -> Option<String> {
    let is_shared = |ip: &IpAddr| ip.is_multicast();
    let listen = Some(settings.listen.ip()).filter(is_shared).map(|ip| ("listen", ip));
    let is_nobody = |ip: &IpAddr| is_shared(ip) || ip.is_unspecified();
    let bind = settings.bind.filter(is_nobody).map(|ip| ("bind", ip));
    let (name, ip) = listen.or(bind)?;
    let source = settings.source(name);
    Some(format!("{source}: {ip} is the address of no machine; write one that this machine has"))
}
