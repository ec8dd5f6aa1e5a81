use bytes::{Buf, BytesMut};

use super::name::{END, is_known};
use super::{Cipher, Encryption};
use crate::base::error::{Fault, Incompatible, Rule};
use crate::base::limits::{NETWORK_LEN_MAX, NETWORK_TRIED_LEN_MAX, NETWORK_TRIED_LEN_MIN};
use crate::base::reader::Expect;

const NO_NAME: Expect = Expect::new("FTLINK-18", "the network has no name");
const NO_TYPE: Incompatible =
    Incompatible { rule: Rule::new("FTLINK-13"), what: "no encryption of ours gives a name" };

/// Deciphers the name of the other side's network, and finds out how.
#[derive(Debug)]
pub(super) struct Naming {
    /// Those that may still be right.
    candidates: Vec<Candidate>,
    /// Bytes that all of these have taken.
    tried_len: usize,
    is_trial: bool,
}

#[derive(Debug)]
struct Candidate {
    encryption: Encryption,
    cipher: Cipher,
    name: String,
    is_whole: bool,
}

/// A name, and behind it what it was deciphered with.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) network: String,
    pub(super) encryption: Encryption,
    pub(super) cipher: Cipher,
}

impl Naming {
    /// The encryption is known.
    pub(super) fn certain(seed: u32, encryption: Encryption) -> Self {
        Self { candidates: vec![Candidate::new(seed, encryption)], tried_len: 0, is_trial: false }
    }

    /// The encryption is found by trying (FTLINK-12).
    pub(super) fn trial(seed: u32) -> Self {
        let candidates = Encryption::ALL.map(|encryption| Candidate::new(seed, encryption));
        Self { candidates: candidates.into(), tried_len: 0, is_trial: true }
    }

    /// Takes the name off the front of what has arrived, once it is certain; what stays is plain. Until
    /// then everything stays, which is never more than a name and what came last.
    pub(super) fn read(&mut self, inbox: &mut BytesMut) -> Result<Option<Named>, Fault> {
        while let Some(&byte) = inbox.get(self.tried_len) {
            let is_trial = self.is_trial;
            self.candidates.retain_mut(|candidate| candidate.take(byte, is_trial));
            if let Some(mut named) = self.decide()? {
                inbox.advance(named.network.len().saturating_add(1));
                named.cipher.apply(inbox);
                return Ok(Some(named));
            }
            self.tried_len = self.tried_len.saturating_add(1);
        }
        Ok(None)
    }

    /// FTLINK-13
    fn decide(&mut self) -> Result<Option<Named>, Fault> {
        let is_certain = |it: &Candidate| it.is_whole && is_known(&it.name);
        if let Some(at) = self.candidates.iter().position(is_certain) {
            return Ok(Some(self.candidates.swap_remove(at).into_named()));
        }
        match &self.candidates[..] {
            [] if self.is_trial => Err(NO_TYPE.into()),
            [] => Err(NO_NAME.broken_at(self.tried_len).into()),
            candidates if candidates.iter().any(|it| !it.is_whole) => Ok(None),
            [_] => Ok(self.candidates.pop().map(Candidate::into_named)),
            _ => Err(NO_TYPE.into()),
        }
    }
}

impl Candidate {
    fn new(seed: u32, encryption: Encryption) -> Self {
        let cipher = Cipher::new(seed, encryption);
        Self { encryption, cipher, name: String::new(), is_whole: false }
    }

    /// Takes the next byte. False if that cannot belong to a name.
    fn take(&mut self, byte: u8, is_trial: bool) -> bool {
        if self.is_whole {
            return true;
        }
        let lengths = if is_trial {
            NETWORK_TRIED_LEN_MIN..=NETWORK_TRIED_LEN_MAX
        } else {
            1..=NETWORK_LEN_MAX
        };
        let mut plain = [byte];
        self.cipher.apply(&mut plain);
        let [plain] = plain;
        if plain == END {
            self.is_whole = true;
            return lengths.contains(&self.name.len());
        }
        self.name.push(plain.into());
        matches!(plain, b' '..=b'~') && self.name.len() <= *lengths.end()
    }

    fn into_named(self) -> Named {
        Named { network: self.name, encryption: self.encryption, cipher: self.cipher }
    }
}
