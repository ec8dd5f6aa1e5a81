use super::{Effect, Key, number_or_word};
use crate::control::model::Bandwidth;

/// The word for no limit.
const UNLIMITED: &str = "unlimited";
/// The word for a line of which the user says nothing.
const UNKNOWN: &str = "unknown";

/// With less, not even the handshakes of a few neighbours would pass in time.
const BYTES_PER_S_MIN: u64 = 1_000;
/// More than any line has.
const BYTES_PER_S_MAX: u64 = 1_000_000_000_000;

/// Whether a limit is one that a node can live with.
pub fn check_bandwidth(bandwidth: Bandwidth) -> Result<(), String> {
    let limits = [bandwidth.upload_bytes_per_s, bandwidth.download_bytes_per_s];
    let is_fit = |limit: &u64| (BYTES_PER_S_MIN..=BYTES_PER_S_MAX).contains(limit);
    match limits.into_iter().flatten().find(|limit| !is_fit(limit)) {
        Some(limit) => Err(format!(
            "{limit} bytes a second is no limit to live with; take null for none, or at least \
             {BYTES_PER_S_MIN}"
        )),
        None => Ok(()),
    }
}

/// How much may pass.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "bandwidth.upload_bytes_per_s",
        help: "Bytes a second that may go out",
        form: "\"unlimited\", or a number from 1000 on",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.bandwidth.upload_bytes_per_s =
                reading.number_unless(UNLIMITED, BYTES_PER_S_MIN..=BYTES_PER_S_MAX)?;
            Ok(())
        },
        shown: |settings| number_or_word(settings.bandwidth.upload_bytes_per_s, UNLIMITED),
    },
    Key {
        name: "bandwidth.download_bytes_per_s",
        help: "Bytes a second that may come in",
        form: "\"unlimited\", or a number from 1000 on",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.bandwidth.download_bytes_per_s =
                reading.number_unless(UNLIMITED, BYTES_PER_S_MIN..=BYTES_PER_S_MAX)?;
            Ok(())
        },
        shown: |settings| number_or_word(settings.bandwidth.download_bytes_per_s, UNLIMITED),
    },
    Key {
        name: "bandwidth.promised_upload_bytes_per_s",
        help: "Bytes a second upwards that the line has, by your word; it gets the node a trial as \
               an ultrapeer, in which the line is measured",
        form: "\"unknown\", or a number from 1000 on",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.promised_upload_bytes_per_s =
                reading.number_unless(UNKNOWN, BYTES_PER_S_MIN..=BYTES_PER_S_MAX)?;
            Ok(())
        },
        shown: |settings| number_or_word(settings.promised_upload_bytes_per_s, UNKNOWN),
    },
];
