use super::super::address::{self, ApiAddress};
use super::{Effect, Flag, FlagKind, Key};

/// How people and programs steer the node.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "api.listen",
        help: "Where people and programs steer the node; the port 0 picks a free one",
        form: "ADDR:PORT or PORT, \"unix:PATH\" or \"off\"",
        flag: Some(Flag {
            long: "api",
            environment: "FILBERT_API",
            help: "Serve the API there: ADDR:PORT, unix:PATH or off; the port 0 picks a free one \
                   [default: 127.0.0.1:6381]",
            kind: FlagKind::Value("ADDR:PORT|off"),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            let text = reading.text_or_number()?;
            settings.api.listen = match text.strip_prefix("unix:") {
                _ if text == "off" => ApiAddress::Off,
                Some(path) => ApiAddress::Unix(reading.path(path)?),
                None => ApiAddress::Tcp(address::local(&text, address::HERE)?),
            };
            Ok(())
        },
        shown: |settings| settings.api.listen.to_string().into(),
    },
    Key {
        name: "api.allow_remote",
        help: "Whether the API may listen where other machines can call; they need the token, \
               which they send unencrypted",
        form: "true or false",
        flag: Some(Flag {
            long: "api-allow-remote",
            environment: "FILBERT_API_ALLOW_REMOTE",
            help: "Serve the API where other machines can call; they need the token, which they send \
                   unencrypted",
            kind: FlagKind::Switch(true),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.api.allow_remote = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.api.allow_remote.into(),
    },
];
