use super::{Effect, Key};
use crate::base::limits::UPLOAD_QUEUE_MAX;

/// More transfers than that at a time are of use to nobody.
const SLOTS_MAX: u64 = 1_000;

/// Who gets files, and how many wait.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "uploads.slots",
        help: "Files that may be under way to others at the same time; those who come later wait for \
               their turn. Small files, lists of files and hash trees need no slot",
        form: "a number from 0 to 1000; 0 gives no file that needs a slot",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.uploads.slots = small(reading.number(0..=SLOTS_MAX)?);
            Ok(())
        },
        shown: |settings| i64::from(settings.uploads.slots).into(),
    },
    Key {
        name: "uploads.slots_per_host",
        help: "Of these, how many one host may have",
        form: "a number from 1 to 1000",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.uploads.slots_per_host = small(reading.number(1..=SLOTS_MAX)?);
            Ok(())
        },
        shown: |settings| i64::from(settings.uploads.slots_per_host).into(),
    },
    Key {
        name: "uploads.queue_len",
        help: "Hosts that may wait for a slot",
        form: "a number from 0 to 4000",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.uploads.queue_len = small(reading.number(0..=UPLOAD_QUEUE_MAX as u64)?);
            Ok(())
        },
        shown: |settings| i64::from(settings.uploads.queue_len).into(),
    },
    Key {
        name: "uploads.share_parts",
        help: "Whether others may have the parts of a file that are here and proved right while the rest of it \
               is fetched",
        form: "true or false",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.uploads.share_parts = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.uploads.share_parts.into(),
    },
];

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
