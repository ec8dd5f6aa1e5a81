//! Connections that links of ours had with real programs, replayed from the bytes that those sent.
//!
//! `tests/fixtures/links/README.md` says how they were made.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use filbert::base::time::Time;
use filbert::gnutella::link::{
    Decision, Ending, Input, Link, Output, Profile, Question, Queue, Refusal, Role,
};
use filbert::gnutella::wire::Message;

use crate::support::files;
use crate::support::pair::{ACCEPTING_AT, CONNECTING_AT, End};

const NOW: Time = Time::from_millis(1_000);

/// Who talked to us: program, its mode, compressed or not, who called, and what we were.
#[derive(Clone, Copy, Debug)]
struct Peer<'a> {
    program: &'a str,
    role: Role,
    deflates: bool,
    we_call: bool,
    our_role: Role,
}

impl<'a> Peer<'a> {
    fn parse(name: &'a str) -> Self {
        let mut words = name.split('-');
        let mut word = || words.next().expect("the name has all words");
        let role = |word| match word {
            "leaf" => Role::Leaf,
            "ultrapeer" => Role::Ultrapeer,
            other => panic!("{other} is no mode"),
        };
        let (program, mode, coding, caller) = (word(), word(), word(), word());
        let we_call = caller == "we";
        // "we-call-as-leaf", "calls-us-as-leaf"
        word();
        word();
        let our_role = role(word());
        Self { program, role: role(mode), deflates: coding == "deflate", we_call, our_role }
    }

    fn replay(self, bytes: &[u8], piece_len: usize) -> End {
        let profile = Profile {
            accepts_deflate: self.deflates,
            sends_deflate: self.deflates,
            ..Profile::new(self.our_role)
        };
        let link = match self.we_call {
            true => Link::connect(Arc::new(profile), ACCEPTING_AT, NOW),
            false => Link::accept(Arc::new(profile), CONNECTING_AT, NOW),
        };
        let mut end = End::new(link);
        end.write(Queue::Dry, NOW);
        let willing = |question: &Question| Decision::accept(question.role);
        for piece in bytes.chunks(piece_len) {
            end.handle(Input::Received(piece), &willing, NOW);
        }
        end.handle(Input::Ended, &willing, NOW);
        end
    }
}

fn fixtures() -> BTreeMap<String, Vec<u8>> {
    let recorded = files::with_extension("tests/fixtures/links", "bytes");
    recorded.iter().map(|path| (files::stem(path), fs::read(path).unwrap())).collect()
}

/// HAND-60, HAND-61, HAND-38, HAND-71: both programs take us in every role, called and calling, and
/// with the compression that both sides want.
#[test]
fn both_programs_take_us_in_every_role() {
    let mut opened = 0;
    for (name, bytes) in fixtures() {
        let peer = Peer::parse(&name);
        let end = peer.replay(&bytes, usize::MAX);
        if peer.role.is_leaf() && peer.our_role.is_leaf() {
            assert_two_leaves(peer, &end);
            continue;
        }
        let agreement = end.agreement().expect(&name);
        assert_eq!((agreement.role, agreement.peer_role), (peer.our_role, peer.role), "{name}");
        assert_eq!(agreement.receives_deflate, peer.deflates, "{name}");
        assert_eq!(agreement.sends_deflate, peer.deflates, "{name}");
        assert!(agreement.bye && agreement.ggep && agreement.fault.is_none(), "{name}");
        assert_eq!(agreement.vendor_messages, peer.program == "gtkg", "{name}");
        opened += 1;
    }
    assert_eq!(opened, 24);
}

/// HAND-67: they refuse two leaves, gtk-gnutella by 204 and GnutellaBun by 503, and so do we.
fn assert_two_leaves(peer: Peer<'_>, end: &End) {
    match (end.ending(), peer.we_call) {
        (Some(Ending::Declined(declined)), true) => {
            let code = if peer.program == "gtkg" { 204 } else { 503 };
            assert_eq!(declined.code, code);
            assert!(declined.reason.starts_with("Shielded leaf node ("), "{}", declined.reason);
        }
        (Some(Ending::Refused(refusal, Some(fault))), false) => {
            assert_eq!((refusal.code, fault.rule().id()), (Refusal::SHIELDED_LEAF, "HAND-67"));
        }
        (ending, _) => panic!("{peer:?}: {ending:?}"),
    }
}

/// HAND-69: asked to become a leaf, gtk-gnutella refuses, and GnutellaBun goes on as it is.
#[test]
fn an_ultrapeer_need_not_follow_guidance() {
    let guided = |name: &str| {
        let folder = files::path("tests/fixtures/links");
        let bytes = fs::read(folder.join(name)).unwrap();
        let profile = Arc::new(Profile::new(Role::Ultrapeer));
        let mut end = End::new(Link::accept(profile, CONNECTING_AT, NOW));
        let guide = |question: &Question| Decision::Accept {
            role: question.role,
            ultrapeer_needed: Some(false),
            try_ultrapeers: Vec::new(),
        };
        let request_len = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
        let (request, rest) = bytes.split_at(request_len);
        end.handle(Input::Received(request), &guide, NOW);
        assert!(end.take_text().contains("X-Ultrapeer-Needed: False\r\n"));
        end.handle(Input::Received(rest), &guide, NOW);
        end
    };
    let refused = guided("gtkg-declines-guidance.heads");
    let Some(Ending::Declined(declined)) = refused.ending() else {
        panic!("{:?}", refused.ending());
    };
    assert_eq!((declined.code, declined.reason.as_str()), (403, "Not becoming a leaf node"));
    let ignored = guided("gbun-ignores-guidance.heads");
    assert_eq!(ignored.agreement().unwrap().peer_role, Role::Ultrapeer);
}

/// What follows the heads is made of messages that decode and belong on a link, and nothing of it is
/// left over.
#[test]
fn every_message_of_theirs_is_understood() {
    let (mut counts, mut links) = (BTreeMap::<_, usize>::new(), 0);
    for (name, bytes) in fixtures() {
        let end = Peer::parse(&name).replay(&bytes, usize::MAX);
        if end.agreement().is_none() {
            continue;
        }
        links += 1;
        assert_eq!(end.ending(), Some(&Ending::Closed), "{name}");
        let dropped = end.outputs.iter().filter(|output| matches!(output, Output::Dropped { .. }));
        assert_eq!(dropped.count(), 0, "{name}");
        for frame in end.frames() {
            let message = Message::decode(&frame).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            let mut faults = filbert::base::error::Faults::new();
            message.inspect(&mut faults);
            assert!(faults.is_empty(), "{name}: {message} {faults:?}");
            *counts.entry(frame.function.name()).or_default() += 1;
        }
    }
    let counts: Vec<_> = counts.into_iter().collect();
    let expected = COUNTS.to_vec();
    assert_eq!((links, counts), (24, expected));
}

/// Messages in all recorded connections, as many as were seen when they were made.
const COUNTS: [(&str, usize); 4] =
    [("ping", 22), ("pong", 52), ("query_table", 40), ("vendor", 24)];

/// HAND-09: whatever the pieces.
#[test]
fn the_pieces_make_no_difference() {
    for (name, bytes) in fixtures() {
        let peer = Peer::parse(&name);
        let whole = peer.replay(&bytes, usize::MAX);
        for piece_len in [1, 2, 7, 100] {
            let pieces = peer.replay(&bytes, piece_len);
            assert_eq!(pieces.outputs, whole.outputs, "{name} in pieces of {piece_len}");
            assert_eq!(pieces.written, whole.written, "{name} in pieces of {piece_len}");
        }
    }
}
