use std::fmt::Display;
use std::str::FromStr;

use super::super::written::{Reading, Wrong};
use super::{Effect, Flag, FlagKind, Key, list};

/// The word for the sources of hosts that Filbert brings along.
const BUILT_IN: &str = "built-in";

/// Who is asked for hosts.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "bootstrap.enabled",
        help: "Whether host caches are asked for hosts when too few are known",
        form: "true or false",
        flag: Some(Flag {
            long: "no-bootstrap",
            environment: "FILBERT_NO_BOOTSTRAP",
            help: "Ask no host caches; know only hosts that are named, or were met before",
            kind: FlagKind::Switch(false),
        }),
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.bootstrap.enabled = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.bootstrap.enabled.into(),
    },
    Key {
        name: "bootstrap.udp_host_caches",
        help: "UDP host caches to ask",
        form: "\"built-in\", or a list of HOST:PORT in place of them",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.bootstrap.udp_host_caches = in_place_of_ours(reading)?;
            Ok(())
        },
        shown: |settings| {
            settings.bootstrap.udp_host_caches.as_ref().map_or(BUILT_IN.into(), |hosts| list(hosts))
        },
    },
    Key {
        name: "bootstrap.web_caches",
        help: "Web caches (GWebCache) to ask",
        form: "\"built-in\", or a list of URLs in place of them, such as \
               [\"http://cache.example/gwc.php\"]",
        flag: None,
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.bootstrap.web_caches = in_place_of_ours(reading)?;
            Ok(())
        },
        shown: |settings| {
            settings.bootstrap.web_caches.as_ref().map_or(BUILT_IN.into(), |urls| list(urls))
        },
    },
    Key {
        name: "bootstrap.announce_host_cache",
        help: "Whether the node says that it is a UDP host cache to those who ask it for hosts; an \
               ultrapeer answers them anyhow, but LimeWire then knows it as that and does not connect",
        form: "true or false",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.bootstrap.announce_host_cache = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.bootstrap.announce_host_cache.into(),
    },
];

/// A list of names, or nothing where the word for ours stands.
fn in_place_of_ours<T: FromStr<Err: Display>>(
    reading: &Reading<'_>,
) -> Result<Option<Vec<T>>, Wrong> {
    match reading.texts()?.as_slice() {
        [BUILT_IN] => Ok(None),
        texts => texts.iter().map(|text| name(text)).collect::<Result<_, _>>().map(Some),
    }
}

fn name<T: FromStr<Err: Display>>(text: &str) -> Result<T, Wrong> {
    text.parse().map_err(|why| format!("'{text}' cannot be asked: {why}"))
}
