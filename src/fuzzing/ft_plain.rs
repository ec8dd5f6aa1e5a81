use crate::base::limits::{NETWORK_LEN_MAX, NETWORK_TRIED_LEN_MAX, NETWORK_TRIED_LEN_MIN};
use crate::fasttrack::link::{Cipher, Encryption, NETWORKS};

/// A keystream, byte by byte as the specification says it; only what is in front of the first byte comes
/// from the cipher itself.
#[derive(Clone, Debug)]
pub(super) struct Keystream {
    pad: Vec<u8>,
    position: usize,
    table: Option<Vec<u8>>,
    counter: u8,
}

impl Keystream {
    pub(super) fn new(seed: u32, encryption: Encryption) -> Self {
        let cipher = Cipher::new(seed, encryption);
        let (pad, position, table) = cipher.state();
        Self { pad: pad.to_vec(), position, table: table.map(<[u8]>::to_vec), counter: 0 }
    }

    /// FTCIPHER-12, FTCIPHER-13
    pub(super) fn next(&mut self) -> u8 {
        let before = (self.position + 62) % 63;
        let sum = self.pad[self.position].wrapping_add(self.pad[before]);
        self.pad[self.position] = sum;
        if self.position == 7 && sum & 0x70 == 0 {
            self.stir(usize::from(sum) + usize::from(self.pad[2]));
        }
        self.position += 1;
        if self.position == 63 {
            self.position = 0;
            self.counter = self.counter.wrapping_add(u8::from(self.table.is_some()));
        }
        match &self.table {
            None => sum,
            Some(table) => table[usize::from(sum.wrapping_add(self.counter))],
        }
    }

    /// Enciphered, or plain again.
    pub(super) fn apply(&mut self, bytes: &[u8]) -> Vec<u8> {
        bytes.iter().map(|byte| byte ^ self.next()).collect()
    }

    /// FTCIPHER-11
    fn stir(&mut self, by: usize) {
        let place = (by * by + 2) % 59;
        self.pad[place..place + 5].sort_by_key(|byte| byte ^ 0x20);
        for place in (5..63_u8).step_by(3) {
            let byte = &mut self.pad[usize::from(place)];
            *byte = (!*byte).wrapping_add(place) | 1;
        }
    }
}

/// What stands at the front of the plain bytes of one side, behind its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Ping,
    Pong,
    Message(u16, Vec<u8>),
}

/// The plain bytes of one side behind its name, without regard to pieces.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) parts: Vec<Part>,
    /// Something stands behind them that is no part.
    pub(super) is_out_of_step: bool,
    /// A part has begun behind them.
    pub(super) has_begun: bool,
}

impl Stream {
    pub(super) fn read(mut plain: &[u8]) -> Self {
        let mut stream = Self::default();
        let mut state = 0x51_u32;
        while let Some((lead, rest)) = plain.split_first() {
            let part = match lead {
                0x50 => Some((Part::Ping, rest)),
                0x52 => Some((Part::Pong, rest)),
                0x4b => message(state, rest),
                _ => {
                    stream.is_out_of_step = true;
                    return stream;
                }
            };
            let Some((part, rest)) = part else {
                stream.has_begun = true;
                return stream;
            };
            if let Part::Message(kind, payload) = &part {
                state ^=
                    !(u32::from(*kind) + u32::try_from(payload.len()).expect("two bytes say it"));
            }
            stream.parts.push(part);
            plain = rest;
        }
        stream
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = (u16, &[u8])> {
        self.parts.iter().filter_map(|part| match part {
            Part::Message(kind, payload) => Some((*kind, &payload[..])),
            Part::Ping | Part::Pong => None,
        })
    }

    pub(super) fn count(&self, wanted: &Part) -> usize {
        self.parts.iter().filter(|part| *part == wanted).count()
    }
}

/// FTLINK-22, FTLINK-23
fn message(state: u32, bytes: &[u8]) -> Option<(Part, &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<4>()?;
    // Places of the two bytes of the type and of the length, high bytes first.
    let [kind_high, kind_low, len_high, len_low] =
        [[1, 0, 2, 3], [0, 2, 1, 3], [0, 3, 2, 1]][state as usize % 3].map(|at: usize| header[at]);
    let kind = u16::from_be_bytes([kind_high, kind_low]);
    let (payload, rest) = rest.split_at_checked(u16::from_be_bytes([len_high, len_low]).into())?;
    Some((Part::Message(kind, payload.to_vec()), rest))
}

/// The name at the front of the bytes of one side, if they are long enough to tell: its length, and what
/// it was enciphered with, or the requirement because of which there is none.
pub(super) fn name(
    wire: &[u8],
    seed: u32,
    known: Option<Encryption>,
) -> Option<Result<(String, Encryption), &'static str>> {
    let candidates: Vec<_> =
        known.map_or_else(|| Encryption::ALL.to_vec(), |encryption| vec![encryption]);
    let (lengths, rule) = match known {
        Some(_) => (1..=NETWORK_LEN_MAX, "FTLINK-18"),
        None => (NETWORK_TRIED_LEN_MIN..=NETWORK_TRIED_LEN_MAX, "FTLINK-13"),
    };
    // Of each: the name and behind how many bytes it is whole, or behind how many it is out.
    let read = |encryption: Encryption| {
        let plain = Keystream::new(seed, encryption).apply(&wire[..wire.len().min(80)]);
        let end = plain.iter().position(|byte| !(b' '..=b'~').contains(byte));
        let len = end.unwrap_or(plain.len());
        match end {
            _ if len > *lengths.end() => Some((lengths.end() + 1, None)),
            Some(len) if plain[len] == 0 && lengths.contains(&len) => {
                Some((len + 1, String::from_utf8(plain[..len].to_vec()).ok()))
            }
            Some(len) => Some((len + 1, None)),
            None => None,
        }
    };
    let fates: Vec<_> = candidates.into_iter().map(|it| (it, read(it))).collect();
    let is_known = |name: &String| NETWORKS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let known = fates.iter().find_map(|(encryption, fate)| match fate {
        Some((_, Some(name))) if is_known(name) => Some((name.clone(), *encryption)),
        _ => None,
    });
    if let Some(named) = known {
        return Some(Ok(named));
    }
    if fates.iter().any(|(_, fate)| fate.is_none()) {
        return None;
    }
    let mut names = fates.into_iter().filter_map(|(encryption, fate)| Some((fate?.1?, encryption)));
    match (names.next(), names.next()) {
        (Some(named), None) => Some(Ok(named)),
        _ => Some(Err(rule)),
    }
}
