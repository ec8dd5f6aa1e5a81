//! What the disk says of folders and files, before a byte of them is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is known of a file without reading it. Another stamp means other bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    pub size: u64,
    /// Nanoseconds since 1970 at which it was written last.
    pub modified_ns: i64,
    /// Nanoseconds since 1970 at which the system changed anything of it last, which nobody can set; zero where it
    /// does not tell.
    pub changed_ns: i64,
    /// Which file on this machine it is, under whatever name; zeros where the system does not tell.
    pub identity: Identity,
}

/// Device and number of a file or a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    pub device: u64,
    pub inode: u64,
}

impl Stamp {
    /// The same file with as many bytes, written at the same moment: its names or its rights may have changed, and its
    /// bytes only if somebody has hidden that.
    pub fn is_like(&self, other: &Self) -> bool {
        Self { changed_ns: other.changed_ns, ..*self } == *other
    }

    /// The same but for the number of its device: a disk that was put back has another one.
    pub(super) fn is_remounted(&self, before: &Self) -> bool {
        let device = before.identity.device;
        Self { identity: Identity { device, ..self.identity }, ..*self } == *before
    }

    /// Whole seconds since 1970 at which it was written last.
    pub fn modified_s(&self) -> Option<u32> {
        u32::try_from(self.modified_ns.div_euclid(1_000_000_000)).ok()
    }
}

/// Where files lie: a folder that is shared, or one below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedFolder {
    /// What the user shares, without links in it.
    pub root: Arc<Path>,
    /// The folder itself: the root, or below it.
    pub path: Arc<Path>,
}

impl SharedFolder {
    /// The folder as seen from the root; empty for the root itself.
    pub fn relative(&self) -> &Path {
        self.path.strip_prefix(&self.root).unwrap_or(Path::new(""))
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// What is in one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub folder: SharedFolder,
    pub identity: Identity,
    /// What may be offered, in the order of the names.
    pub files: Vec<(Arc<str>, Stamp)>,
    /// Names of the folders in it, in their order.
    pub folders: Vec<Box<str>>,
    pub left_out: LeftOut,
    /// Names of which the system did not say what they are, in their order.
    pub unsure: Vec<Box<str>>,
    /// It was not looked through to its end: whatever is not named may be there as it was.
    pub is_partial: bool,
}

impl Listing {
    /// Of a folder in which nothing was found.
    pub(super) fn empty(folder: SharedFolder) -> Self {
        Self {
            folder,
            identity: Identity::default(),
            files: Vec::new(),
            folders: Vec::new(),
            left_out: LeftOut::default(),
            unsure: Vec::new(),
            is_partial: false,
        }
    }

    /// Whether all of it was seen.
    pub const fn is_sure(&self) -> bool {
        !self.is_partial && self.unsure.is_empty()
    }

    /// Whether something of this name may be there, although it was not found.
    pub(super) fn may_have(&self, name: &str) -> bool {
        self.is_partial || self.unsure.binary_search_by(|unsure| (**unsure).cmp(name)).is_ok()
    }

    /// Whether a folder of this name is there, or may be.
    pub(super) fn may_have_folder(&self, name: &str) -> bool {
        let found = self.folders.binary_search_by(|folder| (**folder).cmp(name));
        found.is_ok() || self.may_have(name)
    }
}

/// What is not offered, and why: numbers of files, and of folders with all that is in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The name begins with a dot.
    pub hidden: u64,
    /// Symbolic links.
    pub links: u64,
    /// Devices, pipes, sockets.
    pub special: u64,
    /// Without a byte: nobody can ask for one.
    pub empty: u64,
    /// Larger than what is offered.
    pub too_large: u64,
    /// The name is no text, or has characters that steer terminals.
    pub unnameable: u64,
    /// The system does not let us, or the disk is broken.
    pub unreadable: u64,
    /// Folders that were met before, under another name.
    pub twice: u64,
    /// Folders that lie too deep in each other.
    pub too_deep: u64,
    /// Folders in which the node keeps what is its own.
    pub own: u64,
}

impl LeftOut {
    /// Adds what another folder has.
    pub fn add(&mut self, other: &Self) {
        self.each_with(other, u64::saturating_add);
    }

    /// Takes away what another folder had.
    pub fn subtract(&mut self, other: &Self) {
        self.each_with(other, u64::saturating_sub);
    }

    fn each_with(&mut self, other: &Self, combine: impl Fn(u64, u64) -> u64) {
        let mut other = *other;
        for (number, other) in self.numbers().into_iter().zip(other.numbers()) {
            *number = combine(*number, *other);
        }
    }

    fn numbers(&mut self) -> [&mut u64; 10] {
        let Self {
            hidden,
            links,
            special,
            empty,
            too_large,
            unnameable,
            unreadable,
            twice,
            too_deep,
            own,
        } = self;
        [hidden, links, special, empty, too_large, unnameable, unreadable, twice, too_deep, own]
    }
}
