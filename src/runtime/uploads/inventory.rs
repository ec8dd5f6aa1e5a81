//! The library, as uploads see it.

use std::sync::Arc;

use tokio::sync::watch;

use super::opening::{Listed, Promise, Unopened};
use super::{Files, Located, Unfinished};
use crate::base::kazaa_hash::UuHash;
use crate::base::urn::Urn;
use crate::gnutella::http::AltHost;
use crate::gnutella::http::thex::TreeRows;
use crate::index::files::FileId;
use crate::library::catalogue::{Content, Inventory, Offered};
use crate::runtime::sharing::Doubts;
use crate::runtime::state::Trees;
use crate::transfer::upload::{Item, Shelf};

/// Files with the same content of which one is looked for that can be opened.
const COPIES_MAX: usize = 8;

/// What the library offers at each moment.
pub struct LibraryFiles {
    inventory: watch::Receiver<Arc<Inventory>>,
    trees: Option<Trees>,
    doubts: Doubts,
}

impl LibraryFiles {
    /// The trees are those of the inventory. Whoever looks after the folders is told there what is wrong with files.
    pub const fn new(
        inventory: watch::Receiver<Arc<Inventory>>,
        trees: Option<Trees>,
        doubts: Doubts,
    ) -> Self {
        Self { inventory, trees, doubts }
    }

    /// What is offered now. Nothing is copied, and nobody waits for anybody.
    fn now(&self) -> Arc<Inventory> {
        Arc::clone(&self.inventory.borrow())
    }
}

impl Shelf for LibraryFiles {
    fn by_urn(&self, urn: &Urn) -> Option<Item> {
        let inventory = self.now();
        match urn {
            Urn::TigerTree(root) => inventory.with_tiger_root(root).map(item),
            _ => inventory.with_sha1(urn.sha1()?).filter(|file| meets(file, urn)).map(item),
        }
    }

    fn by_uuhash(&self, hash: &UuHash) -> Option<Item> {
        self.now().with_uuhash(hash).map(item)
    }

    fn by_index(&self, index: u32) -> Option<Item> {
        self.now().get(FileId(index)).map(item)
    }

    fn by_name(&self, name: &str) -> Option<Item> {
        self.now().with_name(name).map(item)
    }

    fn list(&self, behind: Option<FileId>, limit: usize) -> Vec<Item> {
        let first = behind.map_or(FileId(0), |id| FileId(id.0.saturating_add(1)));
        self.now().from(first).take(limit).map(item).collect()
    }
}

impl Files for LibraryFiles {
    fn copies(&self, file: FileId) -> Vec<(FileId, Located)> {
        let inventory = self.now();
        let copies = inventory.copies(file, COPIES_MAX).into_iter();
        copies.map(|offered| (offered.id, self.located(&offered))).collect()
    }

    fn tree(&self, file: FileId) -> Option<TreeRows> {
        let inventory = self.now();
        let offered = inventory.get(file)?;
        let Offered { sha1, tiger_root, kzhash, .. } = offered;
        let content = Content { sha1, tiger_root, kzhash };
        let tree = self.trees.as_ref()?.tree(offered.stamp.size, &content)?;
        TreeRows::new(tree.size(), tree.breadth_first())
    }

    fn cannot_open(&self, file: FileId, why: Unopened) {
        match why {
            Unopened::Gone | Unopened::Touched => {
                if let Some(offered) = self.now().get(file) {
                    self.doubts.look_at(&offered.folder.path);
                }
            }
            Unopened::Forbidden => self.doubts.cannot_open(file),
            Unopened::Later => {}
        }
    }

    fn shelf(&self) -> &dyn Shelf {
        self
    }
}

impl LibraryFiles {
    fn located(&self, offered: &Offered<'_>) -> Located {
        Located {
            root: Arc::clone(&offered.folder.root),
            relative: offered.relative_path(),
            promise: Promise::Whole(
                offered.stamp,
                Listed { file: offered.id, inventory: self.inventory.clone() },
            ),
        }
    }
}

/// The library, and what is not whole yet. What the library has counts.
pub struct AllFiles {
    library: LibraryFiles,
    unfinished: Unfinished,
}

impl AllFiles {
    /// Both together.
    pub const fn new(library: LibraryFiles, unfinished: Unfinished) -> Self {
        Self { library, unfinished }
    }
}

impl Shelf for AllFiles {
    fn by_urn(&self, urn: &Urn) -> Option<Item> {
        self.library.by_urn(urn).or_else(|| self.unfinished.by_urn(urn))
    }

    fn by_uuhash(&self, hash: &UuHash) -> Option<Item> {
        self.library.by_uuhash(hash)
    }

    fn by_index(&self, index: u32) -> Option<Item> {
        let id = FileId(index);
        if Unfinished::may_have(id) {
            return self.unfinished.by_id(id);
        }
        self.library.by_index(index)
    }

    fn by_name(&self, name: &str) -> Option<Item> {
        self.library.by_name(name)
    }

    fn list(&self, behind: Option<FileId>, limit: usize) -> Vec<Item> {
        self.library.list(behind, limit)
    }

    fn hear_of(&self, file: FileId, host: AltHost) {
        self.unfinished.hear_of(file, host);
    }
}

impl Files for AllFiles {
    fn copies(&self, file: FileId) -> Vec<(FileId, Located)> {
        if Unfinished::may_have(file) {
            let located = self.unfinished.locate(file);
            return located.map(|located| (file, located)).into_iter().collect();
        }
        self.library.copies(file)
    }

    fn tree(&self, file: FileId) -> Option<TreeRows> {
        if Unfinished::may_have(file) {
            return self.unfinished.tree(file);
        }
        self.library.tree(file)
    }

    fn cannot_open(&self, file: FileId, why: Unopened) {
        // An unfinished file that cannot be opened has just become a whole one, or nothing.
        if !Unfinished::may_have(file) {
            self.library.cannot_open(file, why);
        }
    }

    fn shelf(&self) -> &dyn Shelf {
        self
    }
}

/// A bitprint names both digests.
fn meets(file: &Offered<'_>, urn: &Urn) -> bool {
    match urn {
        Urn::Bitprint { tiger_tree, .. } => *tiger_tree == file.tiger_root,
        _ => true,
    }
}

fn item(file: Offered<'_>) -> Item {
    Item {
        id: file.id,
        name: file.name.into(),
        size: file.stamp.size,
        sha1: Some(file.sha1),
        tiger_root: Some(file.tiger_root),
        parts: None,
    }
}
