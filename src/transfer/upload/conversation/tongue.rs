//! In whose words somebody asks, and is answered.

use super::{About, Conversation, Plan, World, heads};
use crate::base::kazaa_hash::UuHash;
use crate::base::mutant::mutant;
use crate::fasttrack::http::{Header, Sender, TagHeader};
use crate::gnutella::http::{
    ContentRange, Form, NodeAddress, OwnHead, QueueVersion, Queued, Request, Status, Target,
};
use crate::transfer::upload::counter::{Manner, Ticket};
use crate::transfer::upload::shelf::Item;

/// Whose words a request is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
    Gnutella,
    /// FastTrack's, for the file with this hash.
    Kazaa(UuHash),
}

impl Tongue {
    pub(super) const fn of(target: &Target) -> Self {
        match target {
            Target::ByUuHash(hash) => Self::Kazaa(*hash),
            _ => Self::Gnutella,
        }
    }
}

impl Conversation {
    /// Who is asked for a file of FastTrack has it if it speaks that (FTHTTP-11).
    pub(super) fn by_uuhash(hash: &UuHash, world: &World<'_>) -> Option<Item> {
        world.about.kazaa.as_ref()?;
        world.shelf.by_uuhash(hash)
    }

    /// The first answer to a servent says what we can do, and each to a node of FastTrack who we are.
    pub(super) fn introduced(&mut self, head: OwnHead, world: &World<'_>) -> OwnHead {
        if self.tongue != Tongue::Gnutella || std::mem::replace(&mut self.has_told_features, true) {
            return self.signed(head, world.about);
        }
        heads::about_us(head, world.about)
    }

    /// A file is not what it was when it was shared (UPLOAD-16). Kazaa knows one word for what is not here (FTHTTP-11).
    pub(super) const fn gone(&self) -> Status {
        match self.tongue {
            Tongue::Kazaa(_) => Status::NOT_FOUND,
            Tongue::Gnutella => Status::GONE,
        }
    }

    /// How somebody can wait, as it says. Nodes of FastTrack know no queues.
    pub(super) fn manner_of(&self, request: &Request) -> Manner {
        match self.tongue {
            Tongue::Kazaa(_) => Manner::Unaware,
            Tongue::Gnutella => manner_of(request),
        }
    }

    /// A status and what goes with it, which says who we are where that is the custom (FTHTTP-08).
    pub(super) fn signed(&self, head: OwnHead, about: &About) -> OwnHead {
        match self.tongue {
            Tongue::Kazaa(_) => signed(head, about),
            Tongue::Gnutella => head,
        }
    }

    /// A part of a file, or all of it.
    pub(super) fn head_of_file(&self, plan: &Plan, about: &About) -> OwnHead {
        match self.tongue {
            Tongue::Kazaa(hash) => file(plan, hash, about),
            Tongue::Gnutella => heads::file(plan, about),
        }
    }

    /// A range that is not there.
    pub(super) fn head_of_nothing(&self, item: &Item, about: &About, keeps: bool) -> OwnHead {
        let Tongue::Kazaa(_) = self.tongue else { return heads::unavailable(item, about, keeps) };
        let there_is = ContentRange { range: None, size: Some(item.size) };
        let head = heads::plain(Status::RANGE_NOT_SATISFIABLE, about, keeps);
        signed(head.with_form(&there_is), about)
    }
}

/// What Kazaa tells of a file: its bytes and its hash (FTHTTP-06, FTHTTP-08).
fn file(plan: &Plan, hash: UuHash, about: &About) -> OwnHead {
    let head = heads::bytes(plan, about);
    if mutant!(TellsNoHash) {
        return head;
    }
    with(head, &Header::Tag(TagHeader::hash(hash)))
}

/// Who we are.
fn signed(head: OwnHead, about: &About) -> OwnHead {
    let own = about.kazaa.iter().filter(|_| !mutant!(SignsNoAnswer));
    let own = own.flat_map(Sender::headers);
    own.fold(head, |head, header| with(head, &header))
}

fn with(head: OwnHead, header: &Header) -> OwnHead {
    head.with(header.name(), header)
}

/// How somebody can wait, as it says.
fn manner_of(request: &Request) -> Manner {
    let queued = Queued::of(&request.head);
    let version = QueueVersion::of(&request.head);
    let is_numbered = queued.is_some() || version.is_some_and(|QueueVersion(it)| it.0 >= 1);
    if !is_numbered {
        let stays = version.is_some() && request.keeps_connection();
        return if stays { Manner::Stays } else { Manner::Unaware };
    }
    let id = queued.and_then(|queued| queued.id).and_then(|id| Ticket::parse(id.as_str()));
    let calls_at = NodeAddress::of(&request.head).map(|NodeAddress(at)| at);
    Manner::Numbered { id, calls_at }
}
