//! The invariants of what is sent, each a function of what was sent and of what is known.

use super::book::Carried;
use super::flood::{Flood, Held, Seen, Ttls};
use super::violations::Invariant;
use crate::gnutella::wire::Function;

/// What is broken, and how.
pub(super) type Broken = (Invariant, String);

/// The rules for a query that is sent; the first one that is broken.
pub(super) fn query(flood: &Flood, sent: &Carried<'_>) -> Option<Broken> {
    let before = flood.sent.get(&sent.link).copied().unwrap_or_default();
    let broken = forwarded_once(flood, before, sent);
    // Whoever made it may start it again, also after it came back.
    if broken.is_some() || flood.origin == Some(sent.machine) {
        return broken;
    }
    let seen = flood.hosts.get(&sent.machine);
    never_back(seen, sent).or_else(|| known(flood, seen, sent)).or_else(|| ttl_falls(seen?, sent))
}

/// The rules for a hit that is sent.
pub(super) fn hit(flood: Option<&Flood>, sent: &Carried<'_>) -> Option<Broken> {
    let Some(flood) = flood else {
        let what = format!("a hit for {}, a query that nobody sent", sent.frame.guid);
        return Some((Invariant::NothingFromNowhere, what));
    };
    reverse_path(flood, sent)
}

/// Rules 1 and 4: a copy goes over a link once, or again with a higher TTL. Where two copies wait in
/// a queue, the higher one may overtake the lower; not so at whoever made the query.
fn forwarded_once(flood: &Flood, before: Ttls, sent: &Carried<'_>) -> Option<Broken> {
    let frame = sent.frame;
    let is_own = flood.origin == Some(sent.machine);
    let is_again = before.has(frame.ttl) || is_own && before.highest() > frame.ttl;
    is_again.then(|| {
        let before = before.highest();
        let what = format!("{} was sent with TTL {before} before", brief(sent));
        (Invariant::ForwardedOnce, what)
    })
}

/// Rule 2: nothing goes back to where it came from first, unless a copy from elsewhere explains it:
/// one with a higher TTL, or one that was taken where the first was not for want of time.
fn never_back(seen: Option<&Seen>, sent: &Carried<'_>) -> Option<Broken> {
    let (seen, ttl) = (seen?, sent.frame.ttl);
    let is_back = seen.first_link == sent.link && ttl < seen.first_ttl && seen.others_ttl <= ttl;
    is_back.then(|| {
        let what = format!("{} goes back to where it came from", brief(sent));
        (Invariant::NeverBack, what)
    })
}

/// Whoever did not receive a query can only have made it.
fn known(flood: &Flood, seen: Option<&Seen>, sent: &Carried<'_>) -> Option<Broken> {
    if seen.is_some()
        || sent.frame.hops == 0 && flood.origin.is_none_or(|host| host == sent.machine)
    {
        return None;
    }
    let what = format!("{} was never received", brief(sent));
    Some((Invariant::NothingFromNowhere, what))
}

/// The TTL falls by one with each hop. Where a leaf asked, its ultrapeer starts anew; and a leaf may
/// be shown what has come to its end.
fn ttl_falls(seen: &Seen, sent: &Carried<'_>) -> Option<Broken> {
    let frame = sent.frame;
    let may_show = sent.to_leaf && frame.ttl <= 1;
    let falls = frame.ttl < seen.ttl && frame.ttl.saturating_add(frame.hops) <= seen.reach;
    (!falls && !may_show && !seen.from_leaf).then(|| {
        let what = format!("{} was received with TTL {} at most", brief(sent), seen.ttl);
        (Invariant::TtlFalls, what)
    })
}

/// Rule 3: a hit goes where its query came from.
fn reverse_path(flood: &Flood, sent: &Carried<'_>) -> Option<Broken> {
    let is_first = flood.hosts.get(&sent.machine).is_some_and(|seen| seen.first_link == sent.link);
    (!is_first).then(|| {
        let what = format!("{}, where its query did not come from first", brief(sent));
        (Invariant::ReversePath, what)
    })
}

/// Rules 5 and 1: a hit is passed on that was received, and as often as it was.
pub(super) fn hit_passed_on(held: Option<&mut Held>, sent: &Carried<'_>) -> Option<Broken> {
    let Some(held) = held else {
        let what = format!("{} was never received", brief(sent));
        return Some((Invariant::NothingFromNowhere, what));
    };
    // A leaf gets its hit even where the TTL has come to its end.
    let may_show = sent.to_leaf && sent.frame.ttl <= 2;
    if sent.frame.ttl >= held.ttl && !may_show {
        let what = format!("{} was received with TTL {} at most", brief(sent), held.ttl);
        return Some((Invariant::TtlFalls, what));
    }
    let Some(left) = held.left.checked_sub(1) else {
        let what = format!("{} is passed on more often than it came", brief(sent));
        return Some((Invariant::ForwardedOnce, what));
    };
    held.left = left;
    None
}

/// What was sent, in a few words.
fn brief(sent: &Carried<'_>) -> String {
    let frame = sent.frame;
    let name = match frame.function {
        Function::QUERY_HIT => "hit",
        function => function.name(),
    };
    format!("{name} {} {}/{} to node {}", frame.guid, frame.ttl, frame.hops, sent.other)
}
