//! What the lines of the hosts can carry.

use serde::Deserialize;

use super::latency::share;
use super::random::{Lot, Subject};
use super::scale::Thousandths;

/// Hosts of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub name: String,
    /// How many of the hosts are of this kind, beside the shares of the others.
    pub share: Thousandths,
    /// What the line carries away, in thousands of bits a second; without end where it is not said.
    pub up_kbit_s: Option<u32>,
    /// What it brings.
    pub down_kbit_s: Option<u32>,
    /// Of the hosts of this kind, so many cannot be called, for they are behind a NAT.
    #[serde(default)]
    pub nat: Thousandths,
    /// How long they stay, in mean, where hosts come and go; else as the table `churn` says.
    pub session_min: Option<u32>,
}

/// What was drawn for one host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) class: u16,
    pub(crate) is_behind_nat: bool,
}

/// Draws a class for each host. The first ones, which are ultrapeers from the start, are of the kind
/// with the best line, and can be called.
pub(crate) fn draw(classes: &[Class], first: u32, hosts: u32, seed: u64) -> Vec<Drawn> {
    let lot = &mut Lot::new(seed, Subject::Capacity);
    let shares: Vec<_> = classes.iter().map(|class| class.share).collect();
    let mut draw = || {
        let [a, b, c, d, ..] = lot.next().to_le_bytes();
        let class = share(&shares, u32::from_le_bytes([a, b, c, d]));
        let nat = classes.get(usize::from(class)).map_or(0, |class| class.nat.per_million());
        Drawn { class, is_behind_nat: lot.chance(nat) }
    };
    let best =
        classes.iter().enumerate().max_by_key(|(_, class)| class.up_kbit_s.unwrap_or(u32::MAX));
    let best = best.and_then(|(class, _)| u16::try_from(class).ok()).unwrap_or(0);
    let drawn = (0..hosts).map(|host| match draw() {
        _ if host < first => Drawn { class: best, is_behind_nat: false },
        drawn => drawn,
    });
    drawn.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_drawn_by_the_shares_of_their_classes() {
        let class = |name: &str, share, nat| Class {
            name: name.to_owned(),
            share: Thousandths::new(share),
            up_kbit_s: None,
            down_kbit_s: None,
            nat: Thousandths::new(nat),
            session_min: None,
        };
        let classes = [class("modem", 300, 0), class("cable", 600, 500), class("t1", 100, 0)];
        let drawn = draw(&classes, 0, 10_000, 7);
        let of = |wanted| drawn.iter().filter(move |host| host.class == wanted);
        assert!((2_850..=3_150).contains(&of(0).count()));
        assert!((5_850..=6_150).contains(&of(1).count()));
        assert!((900..=1_100).contains(&of(2).count()));
        assert!((2_850..=3_150).contains(&of(1).filter(|host| host.is_behind_nat).count()));
        assert!(of(0).chain(of(2)).all(|host| !host.is_behind_nat));
        let first = draw(&classes, 100, 200, 7);
        let best = Drawn { class: 2, is_behind_nat: false };
        assert!(first[..100].iter().all(|host| *host == best), "no end is better than any number");
        assert!(first[100..].iter().any(|host| host.is_behind_nat));
    }
}
