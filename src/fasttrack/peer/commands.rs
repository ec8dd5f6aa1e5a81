//! What the node asks for: searches, pushes, files to offer.

use std::net::SocketAddrV4;

use super::{Callback, NoPush, Output, Peer, PushTarget, SearchId, Sought};
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::{OWN_SEARCHES_MAX, SHARED_WITH_SUPERNODE_MAX};
use crate::base::time::Time;
use crate::fasttrack::sought::media_of;
use crate::fasttrack::wire::{Share, Tag, TagWriter};
use crate::index::files::{FileId, FileView, Files, Kinds};
use crate::promotion::Role;

impl Peer {
    /// Supernodes that may be called, as [`Output::WantsHosts`] asks for them. None means that there are none
    /// now.
    pub fn give_hosts(&mut self, hosts: impl IntoIterator<Item = SocketAddrV4>, now: Time) {
        let hosts: Vec<_> = hosts.into_iter().collect();
        self.ordinary.give_hosts(&hosts, now);
        self.settle(now);
    }

    /// Nobody is there, or nobody who speaks FastTrack, where we wanted to open a session.
    pub fn not_opened(&mut self, to: SocketAddrV4, now: Time) {
        self.ordinary.dial_failed(to, now);
        self.settle(now);
    }

    /// Offers exactly these files from now on, but for those whose FastTrack hash is not known. For a large
    /// library they take seconds to make: whoever hands them in makes them elsewhere, and keeps a copy.
    pub fn offer(&mut self, files: Files, now: Time) {
        self.ordinary.share(some_of(&files), now);
        if let Some(supernode) = &mut self.supernode {
            supernode.offer(files.clone());
        }
        self.offered = files;
        self.offered_amount = None;
        self.settle(now);
    }

    /// Begins a search. Of too many the oldest ends.
    pub fn search(&mut self, sought: Sought, now: Time) -> SearchId {
        let search = SearchId(self.last_search.wrapping_add(1));
        self.last_search = search.0;
        if self.own.len() >= OWN_SEARCHES_MAX
            && let Some(oldest) = self.own.keys().next().copied()
        {
            self.drop_search(oldest, now);
        }
        self.begin_search(search, sought, now);
        self.settle(now);
        search
    }

    /// Nobody wants more results of a search.
    pub fn end_search(&mut self, search: SearchId, now: Time) {
        self.drop_search(search, now);
        self.settle(now);
    }

    pub(super) fn begin_search(&mut self, search: SearchId, sought: Sought, now: Time) {
        self.own.insert(search, sought.clone());
        match (self.role, &mut self.supernode) {
            (Role::Leaf, _) => self.ordinary.search(search, sought, now),
            (Role::Supernode, Some(supernode)) => _ = supernode.search_own(search, sought),
            (Role::Supernode, None) => {
                self.own.remove(&search);
                self.out.push_back(Output::SearchEnded { search, results: 0 });
            }
        }
    }

    pub(super) fn drop_search(&mut self, search: SearchId, now: Time) {
        match (self.role, &mut self.supernode) {
            (Role::Leaf, _) => self.ordinary.end_search(search, now),
            (Role::Supernode, Some(supernode)) => supernode.end_own(search),
            (Role::Supernode, None) => {}
        }
        self.settle(now);
    }

    /// Asks a node that nobody can call to call us: the number with which it will say GIVE (FTNODE-11).
    pub fn push(&mut self, target: &PushTarget, now: Time) -> Result<u32, NoPush> {
        if self.role == Role::Leaf {
            let number = self.ordinary.push(target, now);
            self.settle(now);
            return number;
        }
        let push = self.ordinary.begin_push(target, now)?;
        let number = push.id;
        let is_on_its_way = match (&mut self.supernode, &mut self.neighbours) {
            (Some(supernode), _) if Some(target.supernode) == self.settings.listen => {
                supernode.push_own(&push)
            }
            (_, Some(neighbours)) => neighbours.push_across(push),
            _ => false,
        };
        self.settle(now);
        if is_on_its_way {
            return Ok(number);
        }
        self.ordinary.take_give(number, now);
        Err(NoPush::NoSupernode)
    }

    /// Somebody has called and said GIVE with this number: whom we asked for that, if we did (FTNODE-14). A
    /// number is good for once.
    pub fn take_give(&mut self, number: u32, now: Time) -> Option<PushTarget> {
        self.ordinary.take_give(number, now)
    }

    /// What became of a call that [`Output::Pushed`] wanted.
    pub fn called_back(&mut self, to: SocketAddrV4, how: Callback, now: Time) {
        self.ordinary.callback_ended(to, how, now);
    }
}

/// The files that an ordinary node shares (FTNODE-06): the newest ones, and then those offered first.
fn some_of(files: &Files) -> Vec<Share> {
    let mut newest = Vec::new();
    files.newest(SHARED_WITH_SUPERNODE_MAX, Kinds::ALL, &mut newest);
    let newest = newest.into_iter().filter_map(|id: FileId| files.get(id));
    let all = newest.chain(files.iter().map(|(_, file)| file));
    let mut shares: Vec<Share> = Vec::new();
    for share in all.filter_map(share_of) {
        if shares.len() >= SHARED_WITH_SUPERNODE_MAX {
            break;
        }
        if !shares.iter().any(|other| other.hash == share.hash) {
            shares.push(share);
        }
    }
    shares
}

/// A file of ours as it is told, where it can be.
fn share_of(file: FileView<'_>) -> Option<Share> {
    let hash: UuHash = file.kzhash?.uuhash;
    Some(Share {
        media: media_of(file.kinds()),
        hash: hash.0,
        file_id: hash.file_id().into(),
        size: u32::try_from(file.size).ok()?,
        tags: TagWriter::new().text(Tag::FILE_NAME, file.name).finish(),
    })
}
