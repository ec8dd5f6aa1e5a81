//! One session, from its first byte to its messages.
//!
//! ```text
//! bytes ─► hello ─► key ─► Cipher ─► network name ─► Framing ─► frames
//!                                     frames ─► Framing ─► Cipher ─► bytes
//! ```
//!
//! [`Link`] is the machine that puts these together; a driver turns it. It knows no socket and no
//! clock: time is handed in. [`Profile`] is what we say of ourselves.
//!
//! ```
//! use filbert::base::time::Time;
//! use filbert::fasttrack::link::{Input, Link, Output, Profile};
//! use rand::SeedableRng;
//! use rand::rngs::ChaCha8Rng;
//!
//! let (profile, now) = (Profile::default(), Time::ZERO);
//! let mut ours = Link::connect(&profile, now);
//! let mut theirs = Link::accept(&profile, &mut ChaCha8Rng::seed_from_u64(1), now);
//!
//! let hello = ours.transmit(now).expect("a link that connects speaks first");
//! assert_eq!(hello[..4], [0xfa, 0x00, 0xb6, 0x2b]);
//! theirs.handle(Input::Received(&hello), now);
//! assert!(theirs.poll().is_none());
//! let answer = theirs.transmit(now).expect("an answer and a name");
//!
//! ours.handle(Input::Received(&answer), now);
//! let Some(Output::Opened(session)) = ours.poll() else { panic!() };
//! assert_eq!(session.network, "KaZaA");
//! ```

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod alive;
mod cipher;
mod contract;
mod encryption;
mod ending;
mod faults;
mod framing;
mod greeting;
mod hello;
mod machine;
mod masks;
mod name;
mod naming;
mod open;
mod outgoing;
mod overheard;
mod pace;
mod profile;
mod session;

pub use cipher::{Cipher, cube};
pub use contract::{Input, Output, Reason};
pub use encryption::Encryption;
pub use ending::Ending;
pub use framing::{Framing, Item};
pub use hello::{Answer, Hello};
pub use machine::Link;
pub use masks::mask;
pub use name::NETWORKS;
pub use overheard::{Overheard, Said, overhear};
pub use profile::Profile;
pub use session::Session;
