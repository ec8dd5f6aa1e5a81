//! Queries that go out step by step until enough is found.
//!
//! A flood asks everybody, whatever it is for. A dynamic query asks three neighbours first, learns
//! from them how common a thing is, and then asks one neighbour after another with just the TTL
//! that the estimate calls for. What is common costs hundreds of messages in place of hundred
//! thousands; what is rare is asked for as far as a flood would go.
//!
//! - [`DynamicQueries`]: all that run here, for this node and for its leaves
//! - [`reach`]: how far a TTL leads
//! - [`HitPolicy`]: which hits of a query are carried home
//! - [`RequeryThrottle`]: a leaf does not ask the same again and again
//! - [`SearchReports`]: what this node, as a leaf, tells the ultrapeers that ask for it
//!
//! # The numbers
//!
//! Three texts were compared: the proposal of 2003, gtk-gnutella and LimeWire.
//!
//! | | proposal | gtk-gnutella | LimeWire | here |
//! |---|---|---|---|---|
//! | results for ourselves | 150 | 150 | 150, and 15 % more | 150 |
//! | results for a leaf | 50 | 50 | 20 or 38 | 50: a leaf has three ultrapeers |
//! | results by hash | | 6, for a leaf 2 | 10 | 10 |
//! | horizon | 200,000 | 500,000 | 110,000 | 200,000, and no further by one message |
//! | through one neighbour | | | | 50,000: its degree is a claim |
//! | highest TTL | 4 | 5 | 6 | 4, hops counted |
//! | probes | 3 with TTL 2 | 3, TTL by how many tables match | 1 to 9 with TTL 1, 3 with TTL 2 | 3: TTL 1 where the table matches, else 2 |
//! | next TTL | least that suffices | highest that does not exceed | least of which 16 suffice | least that suffices |
//! | without a result yet | | a millionth a host | 40,000 hosts | as if there were one |
//! | asked again, higher | | if it was a probe | if it had TTL 1 | whoever takes it, when no other is left |
//! | wait a link | 2.4 s | 3.7 s a message | 2.4 s | 2.4 s |
//! | for rare things | 0.1 s less each time | 0.1 s less, down to 1.5 s | less and less, down to 0.1 s a link | 0.1, 0.2, 0.3 s less, down to 0.4 s a link |
//! | life | 180 s | 600 s | 200 s | 200 s |
//! | leaf is asked | | after 3 messages and 20 results | never, it tells by itself | after 3 messages and 20 results |
//! | patience with it | 10 s | 40 s, twice | | 40 s, twice |
//! | from one neighbour at most | | | | half of what is wanted |
//! | carried at most | | 20 times what was wanted | 75 | 5 times what was wanted |
//!
//! The estimate is that of the proposal: if `r` results came from `h` ultrapeers, the missing ones
//! need `missing * h / r` more, and each of the neighbours left has to lead to its part of these. A
//! message with TTL `t` to a neighbour of degree `d` leads to `reach(d, t)`. All of it is done in
//! integers.
//!
//! # What it costs
//!
//! `tests/dynamic_query/cost.rs` prints the figures: in an overlay of 50,000 ultrapeers of degree
//! 32 with thirty leaves each, a thing that one host in a hundred has costs about 500 messages for
//! 150 results, where a flood with TTL 3 costs 31,500. A thing that one host in 100,000 has is
//! found as often as by a flood of the same horizon.

mod choice;
mod contract;
mod hit_accounts;
mod hit_policy;
mod queries;
mod reach;
mod reports;
mod requery;
mod running;
mod status;

pub use contract::{
    Candidate, Candidates, Guidance, Origin, Progress, Search, Step, Why, results_of_one,
    results_wanted,
};
pub use hit_policy::{HitLimits, HitPolicy, HitSize, HitVerdict};
pub use queries::DynamicQueries;
pub use reach::reach;
pub use reports::SearchReports;
pub use requery::RequeryThrottle;
