use sha1::{Digest, Sha1};

use super::{CHECK_LEN, MAGIC, Record, SALT_LEN};

/// Writes a journal: says which bytes to append, and where.
#[derive(Clone, Debug)]
pub struct Writer {
    check: [u8; 20],
    len: u64,
}

impl Writer {
    /// A new journal, and what it begins with.
    pub fn begin(salt: [u8; SALT_LEN], first: &Record) -> (Self, Vec<u8>) {
        let mut head = MAGIC.to_vec();
        head.extend(salt);
        let mut writer = Self { check: first_check(&head), len: len_of(&head) };
        let record = writer.append(first);
        head.extend(record);
        (writer, head)
    }

    /// Goes on behind the last sound record.
    pub(super) const fn after(check: [u8; 20], len: u64) -> Self {
        Self { check, len }
    }

    /// A number for another journal in place of this one.
    pub fn salt(&self) -> [u8; SALT_LEN] {
        self.check.first_chunk().copied().unwrap_or_default()
    }

    /// Bytes of the journal so far: where the next record goes.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Never: a journal begins with its intent.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes of a record, which are to be written where the journal ended.
    pub fn append(&mut self, record: &Record) -> Vec<u8> {
        let payload = record.payload();
        let mut bytes = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        bytes.push(record.kind());
        self.check = next_check(&self.check, record.kind(), &payload);
        bytes.extend(payload);
        bytes.extend(self.check.iter().take(CHECK_LEN));
        self.len = self.len.saturating_add(len_of(&bytes));
        bytes
    }
}

pub(super) fn first_check(head: &[u8]) -> [u8; 20] {
    Sha1::digest(head).into()
}

pub(super) fn next_check(before: &[u8; 20], kind: u8, payload: &[u8]) -> [u8; 20] {
    Sha1::new().chain_update(before).chain_update([kind]).chain_update(payload).finalize().into()
}

fn len_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
