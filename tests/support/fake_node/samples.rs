//! One of each: tests change what matters to them.

use std::net::SocketAddr;

use filbert::control::model::{
    Direction, Download, DownloadState, Hit, Host, HostQuality, Links, Network, Peer, PeerId,
    Promotion, QueryTable, Queue, Role, Search, SearchId, SearchState, SharedFile, Status, Totals,
};

pub fn a_peer(id: u64) -> Peer {
    let last = u8::try_from(id % 250).unwrap();
    Peer {
        id: PeerId(id),
        network: Network::Gnutella,
        address: SocketAddr::from(([192, 0, 2, last], 6346)),
        listen: Some(SocketAddr::from(([192, 0, 2, last], 6346))),
        direction: if id.is_multiple_of(2) { Direction::Incoming } else { Direction::Outgoing },
        role: if id.is_multiple_of(3) { Role::Leaf } else { Role::Ultrapeer },
        vendor: Some("gtk-gnutella/1.2.3".to_owned()),
        version: "0.6".to_owned(),
        servent_id: Some("00112233445566778899aabbccddeeff".to_owned()),
        uptime_s: 61,
        tls: false,
        deflate_in: true,
        deflate_out: false,
        received_bytes: 1_000,
        sent_bytes: 2_000,
        received_messages: 10,
        sent_messages: 20,
        dropped_messages: 1,
        queue: Queue { bytes: 300 },
        query_table: Some(QueryTable { slots: 65_536, filled: 655, fill_permille: 9 }),
    }
}

pub fn a_host(last: u8) -> Host {
    let address = SocketAddr::from(([198, 51, 100, last], 6346));
    let (network, quality) = (Network::Gnutella, HostQuality::Met);
    Host { network, address, quality, ultrapeer: true, age_s: 7 }
}

pub fn a_search(id: u64, words: &str) -> Search {
    Search {
        id: SearchId(id),
        words: words.to_owned(),
        state: SearchState::Running,
        why: None,
        hits: 0,
        hits_kept: 0,
        networks: vec![Network::Gnutella],
        hits_recalled: 0,
        age_s: 0,
    }
}

pub fn a_hit(search: u64, number: u64) -> Hit {
    Hit {
        search: SearchId(search),
        number,
        network: Network::Gnutella,
        name: format!("file {number}.ogg"),
        size: 1_234_567,
        sha1: Some("PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB".to_owned()),
        kazaa_hash: None,
        user: None,
        supernode: None,
        address: SocketAddr::from(([203, 0, 113, 7], 6346)),
        index: 5,
        vendor: Some("GTKG".to_owned()),
        servent_id: "00112233445566778899aabbccddeeff".to_owned(),
        firewalled: false,
        push_proxies: Vec::new(),
        takes_tls: false,
        busy: false,
        hops: 2,
        speed: 350,
        doubt: None,
        magnet: Some(format!(
            "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=file%20{number}.ogg&xl=1234567"
        )),
    }
}

pub fn a_shared_file(index: u32) -> SharedFile {
    SharedFile {
        index,
        name: format!("file {index}.ogg"),
        path: format!("/music/file {index}.ogg"),
        size: 1_234_567,
        sha1: Some("PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB".to_owned()),
        tiger_root: Some("LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ".to_owned()),
        kzhash: None,
        modified_s: Some(1_700_000_000),
        magnet: Some(format!(
            "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=file%20{index}.ogg&xl=1234567"
        )),
    }
}

pub fn a_download(id: u64) -> Download {
    Download {
        id,
        name: format!("file {id}.ogg"),
        sha1: Some("PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB".to_owned()),
        uuhash: None,
        unverified: false,
        state: DownloadState::Fetching,
        why: None,
        size: Some(10 << 20),
        done_bytes: 0,
        verified_bytes: 0,
        bytes_per_s: 0,
        sources: 0,
        sending: 0,
        queued: 0,
        path: None,
    }
}

pub fn a_status() -> Status {
    Status {
        version: "0.1.0".to_owned(),
        role: Role::Leaf,
        role_wanted: "auto".to_owned(),
        uptime_s: 3_661,
        servent_id: "00112233445566778899aabbccddeeff".to_owned(),
        listen: vec![SocketAddr::from(([0, 0, 0, 0], 6346))],
        advertised: None,
        reachable_tcp: Some(true),
        reachable_udp: None,
        links: Links::default(),
        fasttrack: None,
        promotion: Promotion { eligible: false, reason: "it runs for an hour only".to_owned() },
        hosts: 12,
        searches: 0,
        totals: Totals::default(),
        holdings: Vec::new(),
    }
}
