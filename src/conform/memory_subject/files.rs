//! The one file that our node shares in memory, and whoever asks for it.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde_json::Value;

use super::SUBJECT;
use crate::base::kazaa_hash::UuHash;
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::base::urn::Urn;
use crate::conform::shared_file::{digests_of, shared_file};
use crate::fasttrack::http::Sender;
use crate::fasttrack::link;
use crate::gnutella::holder::{Holder, Own};
use crate::gnutella::http::thex::TreeRows;
use crate::gnutella::servent::{Offer, Serving};
use crate::gnutella::wire::Guid;
use crate::index::files::{File, FileId, Files as Library};
use crate::transfer::upload::{
    About, Body, Conversation, Counter, Input, Item, Mesh, Output, Shelf, Terms, VisitId, World,
};

/// What the file is called.
pub(super) const NAME: &str = "filbert conformance specimen.txt";
const SIZE: usize = 100_000;
/// When it was written last.
const MODIFIED_S: u32 = 1_700_000_000;

/// Its bytes, which are of no use.
fn content() -> Vec<u8> {
    (0..SIZE).map(|at| u8::try_from(at.wrapping_mul(31) % 251).unwrap_or(0)).collect()
}

/// As cases name it.
pub(super) fn described() -> Value {
    shared_file(NAME, &content())
}

/// As the node offers it.
pub(super) fn offer() -> Box<Offer> {
    let digests = digests_of(&content());
    let mut files = Library::new();
    files.insert(
        FileId(1),
        File {
            name: NAME.into(),
            size: SIZE as u64,
            sha1: Some(digests.sha1),
            tiger_root: Some(digests.tree.root()),
            kzhash: digests.kzhash,
            modified_s: Some(MODIFIED_S),
        },
    );
    Box::new(Offer::of(files))
}

/// We, as those see us who fetch in the words of FastTrack.
pub(super) fn known_as() -> Sender {
    Sender {
        network: Some("KaZaA".to_owned()),
        user: Some("filbert".to_owned()),
        address: Some(SUBJECT),
        supernode: None,
    }
}

/// All that answers for the file.
pub(super) struct Files {
    shelf: OneFile,
    counter: Counter,
    mesh: Mesh,
    about: About,
    next_visit: u64,
    /// What the node says in a hello of FastTrack, if it speaks that.
    session: Option<link::Profile>,
    rng: ChaCha8Rng,
}

struct OneFile {
    content: Bytes,
    item: Item,
    uuhash: Option<UuHash>,
    tree: Option<TreeRows>,
}

impl Files {
    pub(super) fn new(guid: Guid, session: Option<link::Profile>, seed: u64) -> Self {
        let content = Bytes::from(content());
        let digests = digests_of(&content);
        let item = Item {
            id: FileId(1),
            name: NAME.into(),
            size: SIZE as u64,
            sha1: Some(digests.sha1),
            tiger_root: Some(digests.tree.root()),
            parts: None,
        };
        let serving = Serving { lists_files: true, ..Serving::default() };
        let own = Own {
            servent: guid,
            listen: Some(SUBJECT.into()),
            is_reached: true,
            serving,
            ..Own::default()
        };
        let about = About {
            server: concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned(),
            holder: Holder::ours(&own, &[]),
            node: Some(SUBJECT.into()),
            behind: None,
            allow_private: false,
            kazaa: session.is_some().then(known_as),
        };
        let terms = Terms { slots: 2, slots_per_host: 1, queue_len: 8 };
        let counter = Counter::new(terms, ChaCha8Rng::seed_from_u64(seed));
        let tree = TreeRows::new(SIZE as u64, digests.tree.breadth_first());
        let uuhash = digests.kzhash.map(|hash| hash.uuhash);
        let shelf = OneFile { content, item, uuhash, tree };
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Self { shelf, counter, mesh: Mesh::default(), about, next_visit: 0, session, rng }
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.counter.next_timeout()
    }

    /// Those who wait may have their turn.
    pub(super) fn handle_timeout(&mut self, now: Time) {
        if self.counter.next_timeout().is_some_and(|due| due <= now) {
            self.counter.handle_timeout(now);
        }
        // Whoever waits is not called here.
        while self.counter.poll().is_some() {}
    }

    pub(super) fn session_profile(&self) -> Option<link::Profile> {
        self.session.clone()
    }

    pub(super) const fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }

    pub(super) fn begin(&mut self, address: SocketAddr, now: Time) -> Talk {
        self.next_visit = self.next_visit.wrapping_add(1);
        let visit = VisitId(self.next_visit);
        let conversation = Conversation::new(visit, address, now);
        Talk { visit, conversation, out: BytesMut::new(), is_over: false }
    }
}

impl Shelf for OneFile {
    fn by_urn(&self, urn: &Urn) -> Option<Item> {
        let is_it = match urn {
            Urn::Sha1(sha1) | Urn::Bitprint { sha1, .. } => Some(*sha1) == self.item.sha1,
            _ => false,
        };
        is_it.then(|| self.item.clone())
    }

    fn by_uuhash(&self, hash: &UuHash) -> Option<Item> {
        (Some(*hash) == self.uuhash).then(|| self.item.clone())
    }

    fn by_index(&self, index: u32) -> Option<Item> {
        (index == self.item.id.0).then(|| self.item.clone())
    }

    fn by_name(&self, name: &str) -> Option<Item> {
        (name == &*self.item.name).then(|| self.item.clone())
    }

    fn list(&self, behind: Option<FileId>, limit: usize) -> Vec<Item> {
        let is_wanted = behind.is_none() && limit > 0;
        is_wanted.then(|| self.item.clone()).into_iter().collect()
    }
}

/// One connection over which it is asked for.
pub(super) struct Talk {
    visit: VisitId,
    conversation: Conversation,
    out: BytesMut,
    is_over: bool,
}

impl Talk {
    pub(super) fn receive(&mut self, bytes: &[u8], files: &mut Files, now: Time) {
        self.tell(Input::Received(bytes), files, now);
    }

    pub(super) fn timeout(&mut self, files: &mut Files, now: Time) {
        self.tell(Input::Timeout, files, now);
    }

    pub(super) fn gone(&mut self, files: &mut Files, now: Time) {
        files.counter.gone(self.visit, now);
    }

    pub(super) const fn next_timeout(&self) -> Option<Time> {
        self.conversation.next_timeout()
    }

    /// What is to be sent, and whether it is the last.
    pub(super) fn take(&mut self) -> (Bytes, bool) {
        (self.out.split().freeze(), self.is_over)
    }

    fn tell(&mut self, input: Input<'_>, files: &mut Files, now: Time) {
        let Files { shelf, counter, mesh, about, .. } = files;
        let mut world = World { shelf: &*shelf, counter, mesh, about };
        self.conversation.handle(input, &mut world, now);
        while let Some(output) = self.conversation.poll() {
            match output {
                Output::Open(_) => {
                    self.conversation.handle(Input::Opened(true), &mut world, now);
                }
                Output::ReadTree(_) => {
                    let tree = shelf.tree.clone();
                    self.conversation.handle(Input::Tree(tree), &mut world, now);
                }
                Output::Answer { head, body } => {
                    self.out.extend_from_slice(&head);
                    self.out.extend_from_slice(&shelf.body(body));
                    self.conversation.handle(Input::Ending, &mut world, now);
                    self.conversation.handle(Input::Written, &mut world, now);
                }
                Output::Push { .. } => {
                    let outcome = crate::gnutella::push_proxy::Requested::Gone;
                    self.conversation.handle(Input::Pushed(outcome), &mut world, now);
                }
                Output::Close => self.is_over = true,
            }
        }
    }
}

impl OneFile {
    fn body(&self, body: Body) -> Bytes {
        match body {
            Body::Nothing => Bytes::new(),
            Body::Bytes(bytes) => bytes,
            Body::File { range: ByteRange { start, end }, .. } => {
                let place = |at: u64| usize::try_from(at).unwrap_or(SIZE).min(SIZE);
                self.content.slice(place(start)..place(end))
            }
        }
    }
}
