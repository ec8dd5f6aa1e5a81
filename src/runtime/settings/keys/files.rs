use super::{Effect, Flag, FlagKind, Key, Separator, list};

/// What is offered, and where to put what was found.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "share",
        help: "Folders whose files are offered, with all that is below them; not hidden files, nor what links lead to",
        form: "a list of paths, such as [\"~/Music\"]; they begin in the home of the node \
               where they do not begin with / or ~/",
        flag: Some(Flag {
            long: "share",
            environment: "FILBERT_SHARE",
            help: "Offer the files in this folder; may be given several times",
            kind: FlagKind::List("DIR", Separator::OfPaths),
        }),
        effect: Effect::Reload,
        set: |settings, reading| {
            let paths = reading.texts()?.into_iter().map(|text| reading.path(text));
            settings.share = paths.collect::<Result<_, _>>()?;
            Ok(())
        },
        shown: |settings| {
            let paths: Vec<_> = settings.share.iter().map(|path| path.to_string_lossy()).collect();
            list(&paths)
        },
    },
    Key {
        name: "downloads",
        help: "Where files that were fetched are put; unfinished ones lie in a hidden folder in it",
        form: "a path, such as \"~/Downloads\"",
        flag: Some(Flag {
            long: "downloads",
            environment: "FILBERT_DOWNLOADS",
            help: "Put files that were fetched into this folder [default: downloads, in the home]",
            kind: FlagKind::Value("DIR"),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.downloads = reading.path(reading.text()?)?;
            Ok(())
        },
        shown: |settings| settings.downloads.to_string_lossy().into_owned().into(),
    },
];
