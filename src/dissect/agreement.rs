use crate::base::error::{Faults, Malformed};
use crate::base::reader::Expect;
use crate::gnutella::link::{Capabilities, Head, StartLine, Version};

const UNASKED: Expect =
    Expect::new("HAND-38", "compression is announced to a side that did not offer to inflate");

/// One of the two sides of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    First,
    Second,
}

/// What the heads of both sides have agreed on so far.
///
/// ```text
/// request  GNUTELLA CONNECT/0.6   of whoever connected
/// answer   GNUTELLA/0.6 200 OK    of the other side, whose messages follow
/// closing  GNUTELLA/0.6 200 OK    of whoever connected, whose messages follow
/// ```
#[derive(Debug, Default)]
pub(super) struct Agreement {
    request: Option<(Side, Offer)>,
    answer: Option<(Side, Offer)>,
}

#[derive(Clone, Copy, Debug)]
struct Offer {
    accept_deflate: bool,
    upgrade_tls: bool,
}

/// What its sender sends after a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Its last head.
    AnotherHead,
    /// Messages.
    Messages(Coding),
    /// Nothing: the handshake ends here.
    Nothing,
}

/// How messages are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    pub(super) deflate: Deflate,
    /// The side switches to TLS, where the other side does so as well.
    pub(super) may_be_tls: bool,
}

/// Whether a direction is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deflate {
    No,
    Yes,
    /// Announced to somebody who did not offer to inflate: its first bytes must tell.
    Perhaps,
}

impl Agreement {
    /// Takes note of a head, and says what its sender sends next.
    pub(super) fn note(
        &mut self,
        side: Side,
        head: &Head,
        faults: &mut Faults,
    ) -> Result<Next, Malformed> {
        let capabilities = head.capabilities();
        Ok(match head.start_line()? {
            StartLine::Request { version } => self.request(side, version, &capabilities),
            StartLine::Answer { code, .. } if code != StartLine::ACCEPTED => Next::Nothing,
            StartLine::Answer { .. } if self.is_closing(side) => {
                let answer = self.answer.map(|(_, offer)| offer);
                let wants_tls = answer.is_none_or(|offer| offer.upgrade_tls);
                messages(&capabilities, answer, wants_tls, faults)
            }
            StartLine::Answer { .. } => {
                self.answer = Some((side, Offer::of(&capabilities)));
                let request = self.request.map(|(_, offer)| offer);
                messages(&capabilities, request, capabilities.upgrade_tls, faults)
            }
        })
    }

    fn request(&mut self, side: Side, version: Version, capabilities: &Capabilities) -> Next {
        self.request = Some((side, Offer::of(capabilities)));
        match version < Version(0, 6) {
            // One head from each side was all there was to the handshake of 0.4.
            true => Next::Messages(Coding { deflate: Deflate::No, may_be_tls: false }),
            false => Next::AnotherHead,
        }
    }

    /// True when an answer of `side` is its second head. Where the request was not recorded, the
    /// order of the answers tells.
    fn is_closing(&self, side: Side) -> bool {
        match (self.request, self.answer) {
            (Some((requester, _)), _) => requester == side,
            (None, Some((answerer, _))) => answerer != side,
            (None, None) => false,
        }
    }
}

impl Offer {
    const fn of(capabilities: &Capabilities) -> Self {
        let Capabilities { accept_deflate, upgrade_tls, .. } = *capabilities;
        Self { accept_deflate, upgrade_tls }
    }
}

fn messages(
    own: &Capabilities,
    other: Option<Offer>,
    wants_tls: bool,
    faults: &mut Faults,
) -> Next {
    let deflate = match (own.content_deflate, other.is_none_or(|offer| offer.accept_deflate)) {
        (false, _) => Deflate::No,
        (true, true) => Deflate::Yes,
        (true, false) => {
            faults.push(UNASKED.broken_at(0));
            Deflate::Perhaps
        }
    };
    Next::Messages(Coding { deflate, may_be_tls: own.connection_upgrade && wants_tls })
}
