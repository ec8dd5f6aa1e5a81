//! What this node says, beside what others said in the same place.

use std::fs;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use filbert::fasttrack::ordinary_node::{Output, Settings};
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::wire::{Bandwidth, Frame, Kind, Message, Realm, Share, Side};

use super::lab::{Lab, at, supernode};

/// The messages of the two sides of a recorded session.
fn recorded(id: &str) -> (Vec<Frame>, Vec<Frame>) {
    let text = fs::read_to_string("protocol-spec/fasttrack/vectors/link.toml").unwrap();
    let file: toml::Value = toml::from_str(&text).unwrap();
    let vectors = file["vector"].as_array().unwrap();
    let session = vectors.iter().find(|vector| vector["id"].as_str() == Some(id)).unwrap();
    let frames = |side: &str| {
        let items = session["value"][side]["items"].as_array().unwrap();
        items.iter().map(frame).collect()
    };
    (frames("connecting"), frames("accepting"))
}

fn frame(item: &toml::Value) -> Frame {
    let kind = Kind(u16::try_from(item["type"].as_integer().unwrap()).unwrap());
    let payload = HEXLOWER.decode(item["payload"].as_str().unwrap().as_bytes()).unwrap();
    Frame { kind, payload: payload.into() }
}

fn shares(frames: &[Frame]) -> Vec<Share> {
    let messages = frames.iter().map(|frame| Message::parse(frame, Side::Up).unwrap());
    let shares = messages.filter_map(|message| match message {
        Message::Share(share) => Some(share),
        _ => None,
    });
    shares.collect()
}

/// This node in the place of the one that was recorded: what it says to the same supernode.
fn said(
    settings: Settings,
    (theirs, heard): &(Vec<Frame>, Vec<Frame>),
    words: &str,
    realm: Realm,
) -> (Lab, Vec<Frame>) {
    let mut lab = Lab::with(settings, []);
    lab.node.share(shares(theirs), lab.now);
    lab.start();
    let slot = lab.open(supernode(1));
    // The answers to searches come last.
    let is_answer = |frame: &&Frame| matches!(frame.kind, Kind::RESULTS | Kind::SEARCH_END);
    for frame in heard.iter().filter(|frame| !is_answer(frame)) {
        lab.say(slot, &Message::parse(frame, Side::Down).unwrap());
    }
    lab.node.search(SearchId(1), Sought::words(words, realm), lab.now);
    lab.drain();
    for frame in heard.iter().filter(is_answer) {
        lab.say(slot, &Message::parse(frame, Side::Down).unwrap());
    }
    let sent = lab.sent(slot).iter().map(Message::to_frame).collect();
    (lab, sent)
}

fn settings(address: &str, bandwidth: u8, user: &str) -> Settings {
    Settings {
        allow_private: false,
        user: user.to_owned(),
        bandwidth: Bandwidth(bandwidth),
        address: at(address),
    }
}

/// In one order, and files in another one.
fn sorted(frames: impl IntoIterator<Item = Frame>) -> Vec<(Kind, Bytes)> {
    let mut all: Vec<_> = frames.into_iter().map(|frame| (frame.kind, frame.payload)).collect();
    let first = all.iter().position(|(kind, _)| *kind == Kind::SHARE).unwrap();
    let len = all[first..].iter().take_while(|(kind, _)| *kind == Kind::SHARE).count();
    all[first..first + len].sort();
    all
}

/// With the number of results that this node wants.
fn wanting_200(mut frame: Frame) -> Frame {
    if frame.kind == Kind::SEARCH {
        let mut payload = frame.payload.to_vec();
        payload[2..4].copy_from_slice(&[0, 200]);
        frame.payload = payload.into();
    }
    frame
}

/// FTNODE-03, FTNODE-04, FTNODE-05, FTNODE-10: beside giFT this node answers 0x1e, and does not say twice
/// who it is where that has not changed.
#[test]
fn what_is_said_is_what_gift_said() {
    let recorded = recorded("session-gift");
    let settings = settings("5.9.10.2:1214", 0x60, "giftuser");
    let (lab, ours) = said(settings, &recorded, "tune", Realm::EVERYTHING);
    let (theirs, _) = recorded;
    let infos = |frame: &Frame| frame.kind == Kind::NODE_INFO;
    assert_eq!(theirs.iter().filter(|frame| infos(frame)).count(), 2);
    let theirs = theirs[..3].iter().chain(theirs[3..].iter().filter(|frame| !infos(frame)));
    let theirs = theirs.cloned().map(wanting_200);
    let is_ours_alone = |frame: &Frame| frame.kind == Kind::CONFIG_REVISION;
    assert_eq!(ours.iter().filter(|frame| is_ours_alone(frame)).count(), 1);
    let ours = ours.into_iter().filter(|frame| !is_ours_alone(frame));
    assert_eq!(sorted(ours), sorted(theirs));
    let ended = lab.all(|output| match output {
        Output::SearchEnded { search, results, .. } => Some((*search, *results)),
        _ => None,
    });
    assert_eq!(ended, [(0, (SearchId(1), 0))]);
}

/// FTNODE-03, FTNODE-05, FTNODE-10, FTNODE-19: beside mldonkey this node answers 0x26 and 0x1e, too. It shows
/// what mldonkey showed.
#[test]
fn what_is_said_is_what_mldonkey_said() {
    let recorded = recorded("session-mldonkey");
    let settings = settings("5.9.10.3:1214", 0x68, "uszple");
    let (lab, ours) = said(settings, &recorded, "document", Realm(0x3f));
    let (theirs, _) = recorded;
    let is_ours_alone = |frame: &Frame| matches!(frame.kind, Kind::VERSION | Kind::CONFIG_REVISION);
    assert_eq!(ours.iter().filter(|frame| is_ours_alone(frame)).count(), 2);
    let ours = ours.into_iter().filter(|frame| !is_ours_alone(frame));
    assert_eq!(sorted(ours), sorted(theirs.into_iter().map(wanting_200)));
    let hits = lab.all(|output| match output {
        Output::Hits { results, supernode, .. } => Some((*supernode, results.clone())),
        _ => None,
    });
    let [(_, (from, results))] = hits.as_slice() else { panic!("one message has come") };
    assert_eq!((*from, results[0].address), (at("5.9.10.1:1214"), at("5.9.10.2:1214")));
    assert_eq!(lab.node.network_stats().map(|stats| stats.users), Some(3_000_000));
}
