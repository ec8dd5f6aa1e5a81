//! Handshakes of real programs, with one side taken over by a link of ours: it is asked what the
//! recorded side was asked, and has to come to what the recorded side came to.
//!
//! Our heads are not those that were recorded, so that the other side sometimes takes up an offer
//! that nobody made on this link. Each handshake is therefore replayed twice: with a link that
//! offers all it can, and with a bare one. The tables say what becomes of each.

use std::sync::Arc;

use filbert::base::time::Time;
use filbert::gnutella::link::{
    Capabilities, Decision, Ending, Head, Input, Link, Output, Profile, Question, Queue, Refusal,
    Role, StartLine,
};

use crate::agreement_rows::row;
use crate::handshakes;
use crate::handshakes::Handshake;
use crate::support::pair::{ACCEPTING_AT, CONNECTING_AT, End};

const NOW: Time = Time::from_millis(1_000);

/// HAND-01, HAND-23, HAND-25, HAND-37, HAND-38, HAND-48, HAND-49, HAND-52, HAND-53, HAND-54,
/// HAND-59, HAND-67, HAND-68, HAND-76: all that real programs have asked of others, asked of us.
#[test]
fn whoever_called_a_real_program_gets_on_with_us() {
    let rows = handshakes::all().into_iter().map(|handshake| {
        let [offering, bare] = [true, false].map(|offers| called(&handshake, offers));
        format!("{} {}", handshake.name, outcome(&offering, &bare))
    });
    assert_rows(rows.collect(), include_str!("replay/called.txt"));
}

/// HAND-03, HAND-24, HAND-38, HAND-49, HAND-57, HAND-68, HAND-71, HAND-77: all that real programs
/// have answered, answered to us.
#[test]
fn whatever_a_real_program_has_answered_is_understood() {
    let rows = handshakes::all().into_iter().map(|handshake| {
        let role = mode(&handshake.request).unwrap_or(Role::Leaf);
        let [offering, bare] =
            [true, false].map(|offers| calling(&handshake, profile(role, offers, offers)));
        format!("{} {}", handshake.name, outcome(&offering, &bare))
    });
    assert_rows(rows.collect(), include_str!("replay/calling.txt"));
}

/// HAND-25, HAND-38, HAND-49, HAND-72: to the same answers we say last what gtk-gnutella says, byte
/// for byte. The table tells where we say something else than the recorded side, and why.
#[test]
fn our_last_heads_are_those_of_real_programs() {
    let (mut others, mut same) = (Vec::new(), 0);
    for handshake in handshakes::all() {
        let Some(last) = &handshake.last else { continue };
        let said = capabilities(&handshake.request);
        let role = mode(&handshake.request).unwrap();
        let end = calling(&handshake, profile(role, said.accept_deflate, said.upgrade_tls));
        if end.written == last[..] {
            same += 1;
        } else {
            others.push(format!("{} {}", handshake.name, headers(&end.written)));
        }
    }
    println!("{same} last heads are the same, {} are not", others.len());
    assert_eq!(same, 8);
    assert_rows(others, include_str!("replay/last_heads.txt"));
}

/// A link of ours in place of the side that was called.
fn called(handshake: &Handshake, offers: bool) -> End {
    let role = handshake.answer.as_ref().and_then(|answer| mode(answer));
    let profile = profile(role.unwrap_or(Role::Ultrapeer), offers, offers);
    let mut end = End::new(Link::accept(Arc::new(profile), CONNECTING_AT, NOW));
    let request = Head::decode(&handshake.request).unwrap().0;
    let decide = |question: &Question| {
        assert_eq!(question.peer, request.capabilities(), "{}", handshake.name);
        assert_eq!((question.peer_role, question.guidance), (mode(&handshake.request), None));
        assert_eq!(question.is_crawler, request.value("Crawler").is_some());
        decide_as_recorded(handshake, question)
    };
    end.handle(Input::Received(&handshake.request), &decide, NOW);
    if let Some(last) = &handshake.last {
        end.handle(Input::Received(last), &decide, NOW);
    }
    if end.agreement().is_none() {
        end.handle(Input::Ended, &decide, NOW);
    }
    end
}

/// A link of ours in place of the side that called.
fn calling(handshake: &Handshake, profile: Profile) -> End {
    let role = profile.role;
    let mut end = End::new(Link::connect(Arc::new(profile), ACCEPTING_AT, NOW));
    end.write(Queue::Dry, NOW);
    end.written.clear();
    let decide = |question: &Question| {
        let answer = handshake.answer.as_ref().unwrap();
        assert_eq!(question.peer, capabilities(answer), "{}", handshake.name);
        assert_eq!((question.role, question.peer_role), (role, mode(answer)));
        assert_eq!(question.guidance, guidance(role, answer), "{}", handshake.name);
        // One probe calls as an ultrapeer and becomes a leaf.
        Decision::accept(handshake.last.as_ref().and_then(|last| mode(last)).unwrap_or(role))
    };
    if let Some(answer) = &handshake.answer {
        end.handle(Input::Received(answer), &decide, NOW);
    }
    if end.agreement().is_none() {
        end.handle(Input::Ended, &decide, NOW);
    }
    end
}

fn profile(role: Role, deflates: bool, upgrades_to_tls: bool) -> Profile {
    let (accepts_deflate, sends_deflate) = (deflates, deflates);
    Profile { accepts_deflate, sends_deflate, upgrades_to_tls, ..Profile::new(role) }
}

fn capabilities(head: &[u8]) -> Capabilities {
    Head::decode(head).unwrap().0.capabilities()
}

/// What a head says that its sender is.
fn mode(head: &[u8]) -> Option<Role> {
    capabilities(head).ultrapeer.map(Role::from_ultrapeer)
}

/// The node refuses whom the recorded one refused, and tells a crawler of nobody.
fn decide_as_recorded(handshake: &Handshake, question: &Question) -> Decision {
    let answer = handshake.answer.as_ref().map(|answer| Head::decode(answer).unwrap().0);
    match answer.map(|head| (head.start_line().unwrap(), head)) {
        _ if question.is_crawler => Decision::Crawl { peers: Vec::new(), leaves: Vec::new() },
        Some((StartLine::Answer { code, .. }, head)) if code != StartLine::ACCEPTED => {
            Decision::Refuse(Refusal::new(code, head.start.splitn(3, ' ').last().unwrap()))
        }
        _ => Decision::accept(question.role),
    }
}

/// What an ultrapeer that answers wants of us, if it is not what we are.
fn guidance(role: Role, answer: &[u8]) -> Option<Role> {
    let said = capabilities(answer);
    let wanted =
        Role::from_ultrapeer(said.ultrapeer_needed.filter(|_| said.ultrapeer == Some(true))?);
    (wanted != role).then_some(wanted)
}

/// The words of a row behind the name.
fn outcome(offering: &End, bare: &End) -> String {
    if let (Some(agreement), Some(bare_agreement)) = (offering.agreement(), bare.agreement()) {
        [offering, bare].into_iter().for_each(assert_steps);
        return row(agreement, bare_agreement);
    }
    let [offering, bare] = [offering, bare].map(ending);
    assert_eq!(offering, bare);
    offering
}

/// One question, TLS where it was agreed on, and the agreement: nothing else comes out.
fn assert_steps(end: &End) {
    use Output::{Answered, Asked, Opened, StartTls};
    match (&end.outputs[..], end.agreement().is_some_and(|agreement| agreement.tls)) {
        ([Asked(_) | Answered(_), Opened(_)], false)
        | ([Asked(_) | Answered(_), StartTls { .. }, Opened(_)], true) => {}
        (outputs, _) => panic!("{outputs:?}"),
    }
}

/// How a link without an agreement has ended, and whether the node was asked.
fn ending(end: &End) -> String {
    let is_asked = matches!(end.outputs[0], Output::Asked(_) | Output::Answered(_));
    let asked = if is_asked { "asked" } else { "unasked" };
    let written = String::from_utf8_lossy(&end.written);
    match end.ending().unwrap() {
        Ending::Refused(refusal, fault) => {
            let line = format!("GNUTELLA/0.6 {} {}\r\n", refusal.code, refusal.reason);
            assert!(written.starts_with(&line), "{written}");
            assert_eq!(end.outputs.iter().rev().nth(1), Some(&Output::EndWriting));
            let rule = fault.map_or("-", |fault| fault.rule().id());
            format!("{asked} refused {} {rule}", refusal.code)
        }
        Ending::Crawled => format!("{asked} {}", written.lines().next().unwrap()),
        Ending::Declined(declined) => {
            assert_eq!(written, "");
            let others = declined.peer.try_ultrapeers.as_ref().map_or(0, Vec::len);
            format!("{asked} declined {} {others} {}", declined.code, declined.reason)
        }
        Ending::Closed => format!("{asked} closed"),
        ending => panic!("{ending}"),
    }
}

/// The headers of a head that accepts; of another one its first line.
fn headers(head: &[u8]) -> String {
    let head = Head::decode(head).unwrap().0;
    match head.start.as_str() {
        "GNUTELLA/0.6 200 OK" if head.headers.is_empty() => "-".to_owned(),
        "GNUTELLA/0.6 200 OK" => {
            let headers = head.headers.iter().map(|(name, value)| format!("{name}: {value}"));
            headers.collect::<Vec<_>>().join(" | ")
        }
        _ => head.start,
    }
}

/// The order of rows means nothing, blanks are for the reader, and so are lines that begin with #.
fn assert_rows(mut rows: Vec<String>, table: &str) {
    let in_words = |row: &str| row.split_whitespace().collect::<Vec<_>>().join(" ");
    let listed = table.lines().filter(|line| !line.starts_with('#')).map(in_words);
    let mut listed: Vec<_> = listed.filter(|row| !row.is_empty()).collect();
    rows.sort();
    listed.sort();
    let unlisted: Vec<_> = rows.iter().filter(|row| !listed.contains(row)).collect();
    assert!(unlisted.is_empty(), "not in the table: {unlisted:#?}");
    assert_eq!(rows, listed);
}
