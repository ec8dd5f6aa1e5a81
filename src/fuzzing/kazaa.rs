//! Hashes, links, headers and lines of FastTrack's transfers, and what an answer comes to.

use bytes::BytesMut;

use super::invariants::check_display;
use super::magnet::check_name;
use crate::base::kazaa_hash::{KzHash, UuHash};
use crate::base::limits::{GIVE_LINE_LEN_MAX, KAZAA_RETRY_MAX_S, KAZAA_RETRY_MIN_S};
use crate::base::ranges::ByteRange;
use crate::base::sig2dat::Sig2dat;
use crate::fasttrack::http::{Give, Header, Sender, TagHeader};
use crate::gnutella::http::{ResponseReader, Target};
use crate::gnutella::link::Head;
use crate::transfer::download::{Answer, KazaaHost, Outcome, Wanted};

/// A text that may be any of these.
pub(super) fn kazaa(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    check_hashes(&text);
    check_link(&text);
    if let Some((name, value)) = text.split_once(':') {
        check_header(name, value);
    }
    check_give(input);
    if let Ok(Some(response)) = ResponseReader::default().take_from(&mut BytesMut::from(input)) {
        check_answer(&response);
        check_sender(&response.head);
    }
}

fn check_hashes(text: &str) {
    if let Some(hash) = UuHash::from_hex(text) {
        assert_eq!((hash.to_string(), text.len()), (text.to_ascii_lowercase(), 40));
    }
    if let Some(hash) = UuHash::from_text(text) {
        assert_eq!(UuHash::from_text(&hash.to_text()), Some(hash));
        assert!((27..=29).contains(&text.len()) && hash.to_text().contains(text));
        assert!(hash.file_id() <= 0x3fff);
    }
    if let Some(hash) = KzHash::from_hex(text) {
        assert_eq!(hash.to_string(), text.to_ascii_lowercase());
        assert_eq!(KzHash::from_bytes(hash.to_bytes()), hash);
    }
    match Target::parse(text) {
        Target::ByUuHash(hash) => {
            assert_eq!(Target::parse(&format!("/.hash={hash}")), Target::ByUuHash(hash));
        }
        target => check_display(&target),
    }
}

fn check_link(text: &str) {
    let Some(link) = Sig2dat::parse(text) else { return };
    link.name.iter().for_each(check_name);
    check_display(&link);
    assert_eq!(Sig2dat::parse(&link.to_string()), Some(link));
}

fn check_header(name: &str, value: &str) {
    let Some(header) = Header::parse(name, value) else { return };
    assert!(header.name().eq_ignore_ascii_case(name));
    check_display(&header);
    assert_eq!(Header::parse(header.name(), &header.to_string()), Some(header));
}

fn check_give(input: &[u8]) {
    let mut stream = BytesMut::from(input);
    match Give::take_from(&mut stream) {
        Ok(Some(give)) => {
            assert!(input.ends_with(&stream) && input.len() - stream.len() <= GIVE_LINE_LEN_MAX);
            let mut again = BytesMut::from(&*give.to_string());
            assert_eq!(Give::take_from(&mut again), Ok(Some(give)));
            assert!(again.is_empty());
        }
        Ok(None) => assert!(input.len() < GIVE_LINE_LEN_MAX && *stream == *input),
        Err(_) => assert_eq!(stream, input),
    }
}

fn check_answer(response: &crate::gnutella::http::Response) {
    let asked = ByteRange::new(1_000, 3_000);
    let (user, network, supernode) = (String::new(), String::new(), None);
    let node = KazaaHost { hash: UuHash([7; 20]), user, network, supernode };
    let told = TagHeader::hash_of(headers(&response.head));
    match Answer::of_kazaa(response, Wanted::Bytes(asked), &node).outcome {
        Outcome::Bytes { range, size } => {
            assert!(told.is_none_or(|told| told == node.hash), "bytes of another file");
            assert!(size.is_none_or(|size| range.end <= size));
            let is_untold = response.content_range().is_none();
            assert!(!is_untold || size.is_some() || asked.contains(range), "{range}");
        }
        Outcome::Busy { retry_ms } => {
            let seconds = retry_ms.expect("it is always said") / 1_000;
            let bounds = u64::from(KAZAA_RETRY_MIN_S)..=u64::from(KAZAA_RETRY_MAX_S);
            assert!(bounds.contains(&seconds), "{seconds} s");
        }
        Outcome::Queued { .. } | Outcome::Tree { .. } => panic!("it has neither"),
        Outcome::NotTheseBytes { .. } | Outcome::Missing | Outcome::Refused => {}
    }
}

/// What we say of ourselves is read as it was said.
fn check_sender(head: &Head) {
    let sender = Sender::of(headers(head));
    let said: Vec<(&str, String)> =
        sender.headers().map(|header| (header.name(), header.to_string())).collect();
    let again = Sender::of(said.iter().map(|(name, value)| (*name, value.as_str())));
    let same = Sender { user: again.user.clone(), ..sender.clone() };
    assert_eq!(again, same);
    assert_eq!(again.user.is_some(), sender.user.is_some());
}

fn headers(head: &Head) -> impl Iterator<Item = (&str, &str)> {
    head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
