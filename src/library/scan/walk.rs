use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::{count_one, identity_of, is_lasting, is_unwanted, list};
use crate::base::limits::SHARED_DEPTH_MAX;
use crate::library::found::{Identity, Listing, SharedFolder};

/// Goes through folders and all that is below them, one folder a step.
#[derive(Debug)]
pub struct Walk {
    /// What the user shares and was not begun, the last first.
    roots: Vec<PathBuf>,
    /// What was found and not yet listed, the last first, and how deep it lies.
    below: Vec<(SharedFolder, usize)>,
    own: Own,
    /// Folders that were met, and where.
    seen: BTreeMap<Identity, Arc<Path>>,
    own_seen: BTreeSet<Identity>,
}

/// Where the node keeps what is its own.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Nothing in it is shared.
    pub home: PathBuf,
    /// Finished downloads; these may be shared, even if they lie in the home.
    pub downloads: Option<PathBuf>,
    /// Files on their way to us lie in these folders; nothing in them is shared.
    pub unfinished: Vec<PathBuf>,
}

/// What a step of a walk has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A folder.
    Listed(Listing),
    /// This was to be shared, and is no folder, or not there.
    Missing(PathBuf),
    /// This was to be shared, and belongs to the node itself.
    Own(PathBuf),
    /// This is to be shared, and the system does not say whether it is there.
    Unsure(PathBuf),
    /// Nobody wants the rest.
    Stopped,
}

impl Walk {
    /// Through these folders.
    pub fn new(roots: &[PathBuf], own: Own) -> Self {
        let mut roots: Vec<PathBuf> = roots.to_vec();
        // What lies in another comes behind it, and belongs to it.
        roots.sort_unstable();
        roots.reverse();
        Self::with(roots, Vec::new(), own, BTreeMap::new())
    }

    /// Through these folders, which lie below one that was walked through before; `seen` are all that were met.
    pub fn below(
        root: &Arc<Path>,
        folders: Vec<PathBuf>,
        own: Own,
        seen: BTreeMap<Identity, Arc<Path>>,
    ) -> Self {
        let place = |path: PathBuf| {
            let depth = path.strip_prefix(root).map_or(0, |below| below.components().count());
            (SharedFolder { root: Arc::clone(root), path: path.into() }, depth)
        };
        let mut below: Vec<_> = folders.into_iter().map(place).collect();
        below.reverse();
        Self::with(Vec::new(), below, own, seen)
    }

    fn with(
        roots: Vec<PathBuf>,
        below: Vec<(SharedFolder, usize)>,
        own: Own,
        seen: BTreeMap<Identity, Arc<Path>>,
    ) -> Self {
        let paths = std::iter::once(&own.home).chain(&own.unfinished);
        let own_seen = paths.filter_map(|path| fs::metadata(path).ok());
        let own_seen = own_seen.map(|metadata| identity_of(&metadata)).collect();
        Self { roots, below, own, seen, own_seen }
    }

    /// The next folder; none when all were listed.
    pub fn step(&mut self, is_wanted: &dyn Fn() -> bool) -> Option<Step> {
        loop {
            let (folder, depth) = match self.below.pop() {
                Some(next) => next,
                None => match self.begin(self.roots.last()?.clone()) {
                    Ok(folder) => (folder, 0),
                    Err(refused) => return Some(refused.into()),
                },
            };
            if let Some(step) = self.list(folder, depth, is_wanted) {
                return Some(step);
            }
        }
    }

    /// A folder that the user names, which may be a link to one.
    fn begin(&mut self, named: PathBuf) -> Result<SharedFolder, Refused> {
        self.roots.pop();
        let real = match real_folder(&named) {
            Ok(Some(real)) => real,
            Err(error) if !is_lasting(&error) => return Err(Refused::Unsure(named)),
            Ok(None) | Err(_) => return Err(Refused::Missing(named)),
        };
        if self.own.has(&real) {
            return Err(Refused::Own(named));
        }
        let root: Arc<Path> = real.into();
        Ok(SharedFolder { path: Arc::clone(&root), root })
    }

    /// Nothing where the folder was listed before.
    fn list(
        &mut self,
        folder: SharedFolder,
        depth: usize,
        is_wanted: &dyn Fn() -> bool,
    ) -> Option<Step> {
        let mut none = Listing::empty(folder.clone());
        let metadata = match fs::symlink_metadata(&folder.path) {
            Ok(metadata) => metadata,
            Err(error) => {
                none.fail();
                none.is_partial = !is_lasting(&error);
                return Some(Step::Listed(none));
            }
        };
        let identity = identity_of(&metadata);
        let seen_at = self.seen.get(&identity).filter(|_| identity != Identity::default());
        if seen_at.is_some_and(|path| *path == folder.path) {
            return None;
        }
        let reason = match identity {
            _ if self.own_seen.contains(&identity) => Some(&mut none.left_out.own),
            _ if depth > SHARED_DEPTH_MAX => Some(&mut none.left_out.too_deep),
            _ if seen_at.is_some() => Some(&mut none.left_out.twice),
            _ => None,
        };
        if let Some(reason) = reason {
            count_one(reason);
            return Some(Step::Listed(none));
        }
        self.seen.insert(identity, Arc::clone(&folder.path));
        match list(folder, is_wanted) {
            Ok(listing) => {
                self.go_below(&listing, depth);
                Some(Step::Listed(listing))
            }
            Err(error) if is_unwanted(&error) => Some(Step::Stopped),
            Err(_) => {
                count_one(&mut none.left_out.unreadable);
                Some(Step::Listed(none))
            }
        }
    }

    fn go_below(&mut self, listing: &Listing, depth: usize) {
        let SharedFolder { root, path } = &listing.folder;
        let place =
            |name: &str| SharedFolder { root: Arc::clone(root), path: path.join(name).into() };
        let below = listing.folders.iter().rev();
        self.below.extend(below.map(|name| (place(name), depth.saturating_add(1))));
    }
}

/// Where a folder really lies; nothing where it is none.
fn real_folder(named: &Path) -> io::Result<Option<PathBuf>> {
    let real = fs::canonicalize(named)?;
    Ok(fs::metadata(&real)?.is_dir().then_some(real))
}

/// Why a folder is not walked through.
enum Refused {
    Missing(PathBuf),
    Own(PathBuf),
    Unsure(PathBuf),
}

impl From<Refused> for Step {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Missing(named) => Self::Missing(named),
            Refused::Own(named) => Self::Own(named),
            Refused::Unsure(named) => Self::Unsure(named),
        }
    }
}

impl Own {
    /// Whether a folder that was to be shared is ours alone.
    fn has(&self, real: &Path) -> bool {
        let real_path = |path: &PathBuf| fs::canonicalize(path).ok();
        let is_in = |own: &PathBuf| real_path(own).is_some_and(|own| real.starts_with(own));
        // Whoever downloads into the home itself does not share it by that.
        let home = real_path(&self.home);
        let downloads =
            self.downloads.as_ref().and_then(real_path).filter(|path| Some(path) != home.as_ref());
        let is_download = downloads.is_some_and(|downloads| real.starts_with(downloads));
        self.unfinished.iter().any(is_in) || (is_in(&self.home) && !is_download)
    }
}
