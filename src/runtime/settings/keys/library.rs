use super::{Effect, Key, number_or_word};

/// The word for folders that are looked through at the start only.
const NEVER: &str = "never";

/// More threads than that no disk feeds.
const THREADS_MAX: u64 = 64;

/// Whoever looks through all folders more often than each minute does nothing else.
const RESCAN_S_MIN: u64 = 60;
const RESCAN_S_MAX: u64 = 31_536_000;

/// How shared folders are looked after.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "library.threads",
        help: "Files that are read at the same time to be hashed; more than one is of use on fast disks",
        form: "a number from 1 to 64",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            let threads = reading.number(1..=THREADS_MAX)?;
            settings.library.threads = u32::try_from(threads).unwrap_or(1);
            Ok(())
        },
        shown: |settings| i64::from(settings.library.threads).into(),
    },
    Key {
        name: "library.watch",
        help: "The system is asked to tell what changes in shared folders, which is then seen within seconds; \
               it does not tell what others change on network drives",
        form: "true or false",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.library.watch = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.library.watch.into(),
    },
    Key {
        name: "library.rescan_s",
        help: "Seconds after which shared folders are looked through again, for what was not told",
        form: "\"never\", or a number from 60 on",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.library.rescan_s =
                reading.number_unless(NEVER, RESCAN_S_MIN..=RESCAN_S_MAX)?;
            Ok(())
        },
        shown: |settings| number_or_word(settings.library.rescan_s, NEVER),
    },
];
