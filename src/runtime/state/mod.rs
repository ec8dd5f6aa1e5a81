//! What a node keeps on disk from one run to the next: its hosts and its record in each network, its
//! GUID, whom it has asked, the numbers of its searches.
//!
//! ```text
//! home/            0700
//!   lock           held while a node runs: [`HomeLock`]
//!   state.redb     0600: [`Store`], written by a thread of its own: [`Saver`]
//!   state.redb.damaged-1   a file that could not be used, set aside
//!   library.redb   0600: [`Hashes`] of the files that are shared; large, and lost without harm
//! ```
//!
//! Each write is one transaction of redb, so that whatever happens to the process there is either the
//! state before it or the one after. A node never fails because of its state: what cannot be read is set
//! aside with one warning, and what cannot be written stays in memory until it can.
//!
//! Moments are kept by the wall clock ([`Wall`]), which may jump; what comes out of it is always an age that
//! makes sense.

mod disk;
mod hashes;
mod home;
mod kept;
mod saver;
mod store;
mod wall;

pub use disk::{Disk, Trouble};
pub use hashes::{HashRow, Hashes, Trees};
pub use home::{HomeLock, NoHome};
pub use kept::{Kept, Parts};
pub use saver::Saver;
pub use store::{Opened, Saved, Store, Warning};
pub use wall::Wall;
