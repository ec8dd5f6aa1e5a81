//! What is written to the log.

use tracing_subscriber::EnvFilter;

use super::super::LogFormat;
use super::{Effect, Flag, FlagKind, Key};

const FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

/// Takes a filter, or says what is wrong with it. A word that stands alone has to be a level: as
/// the name of a module it would silence all others, and most likely it is a level that was
/// misspelt.
pub fn check_filter(filter: &str) -> Result<String, String> {
    let wrong = || format!("'{filter}' is no log filter");
    for directive in filter.split(',').map(str::trim) {
        let is_level = LEVELS.iter().any(|level| directive.eq_ignore_ascii_case(level));
        let has_level = directive.rsplit_once('=').is_some_and(|(target, level)| {
            !target.is_empty() && LEVELS.iter().any(|known| level.eq_ignore_ascii_case(known))
        });
        if !is_level && !has_level {
            return Err(wrong());
        }
    }
    EnvFilter::builder().parse(filter).map_err(|_| wrong())?;
    Ok(filter.to_owned())
}

/// What is written, and how.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "log.filter",
        help: "What is written to the log",
        form: "off, error, warn, info, debug or trace, or several with commas, such as \
               \"info,filbert::runtime=debug\"",
        flag: Some(Flag {
            long: "log",
            environment: "FILBERT_LOG",
            help: "Log this: a level, or levels of modules, such as info,filbert::runtime=debug \
                   [default: info]",
            kind: FlagKind::Value("FILTER"),
        }),
        effect: Effect::Reload,
        set: |settings, reading| {
            settings.log.filter = check_filter(reading.text()?)?;
            Ok(())
        },
        shown: |settings| settings.log.filter.clone().into(),
    },
    Key {
        name: "log.format",
        help: "How the lines of the log look",
        form: "\"text\" or \"json\"",
        flag: Some(Flag {
            long: "log-format",
            environment: "FILBERT_LOG_FORMAT",
            help: "Log lines of this kind [default: text]",
            kind: FlagKind::Choice("FORMAT", &["text", "json"]),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            let text = reading.text()?;
            let format = FORMATS.iter().find(|(word, _)| *word == text);
            settings.log.format = format.ok_or_else(|| format!("'{text}' is no format"))?.1;
            Ok(())
        },
        shown: |settings| {
            let format = FORMATS.iter().find(|(_, format)| *format == settings.log.format);
            format.map_or("text", |(word, _)| word).into()
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_levels_or_levels_of_modules() {
        for right in ["info", "OFF", "info,filbert::node=trace", "filbert=debug", "a=warn, info"] {
            assert_eq!(check_filter(right), Ok(right.to_owned()));
        }
        for wrong in ["", "inof", "info,", "filbert", "=info", "filbert=", "filbert=loud", "a==b"] {
            assert!(check_filter(wrong).is_err(), "{wrong}");
        }
    }
}
