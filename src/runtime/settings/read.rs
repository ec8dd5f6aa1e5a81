use std::io;
use std::path::Path;

use super::file::Contents;
use super::keys::{self, CONFIG, HOME, Key};
use super::written::{Reading, Written};
use super::{Given, Places, Problems, Settings, Source, Surroundings, check};

impl Settings {
    /// The settings of this process: with the flags that it was given, its environment, and the
    /// file.
    pub fn load(given: &Given) -> Result<Self, Problems> {
        Self::read(given, &Surroundings::real(), |path| std::fs::read_to_string(path))
    }

    /// The same from what is handed in, and from nothing else.
    pub fn read(
        given: &Given,
        surroundings: &Surroundings,
        read_file: impl FnOnce(&Path) -> io::Result<String>,
    ) -> Result<Self, Problems> {
        let mut reader = Reader::new(given, surroundings)?;
        reader.take_file(read_file);
        reader.take_environment();
        reader.take_flags(given);
        check::check(&mut reader.settings, &mut reader.problems);
        Problems::unless_empty(reader.problems)?;
        Ok(reader.settings)
    }
}

/// Settings on their way: each source overwrites what earlier ones have said.
struct Reader<'a> {
    settings: Settings,
    surroundings: &'a Surroundings,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(given: &Given, surroundings: &'a Surroundings) -> Result<Self, Problems> {
        let places = Places::find(given, surroundings).map_err(Problems::one)?;
        let settings = Settings::defaults(places.home, places.config_file);
        let mut reader = Self { settings, surroundings, problems: Vec::new() };
        reader.note(HOME.long, places.home_source);
        reader.note(CONFIG.long, places.config_source);
        Ok(reader)
    }

    fn take_file(&mut self, read_file: impl FnOnce(&Path) -> io::Result<String>) {
        let path = self.settings.config_file.clone();
        let named_by = self.settings.source("config");
        let text = match read_file(&path) {
            Ok(text) => text,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && named_by == Source::Default =>
            {
                return;
            }
            Err(error) => return self.problems.push(unreadable(&path, &named_by, &error)),
        };
        let contents = Contents::parse(&text);
        for (line, problem) in contents.problems {
            self.problems.push(format!("{}:{line}: {problem}", path.display()));
        }
        let home = self.settings.home.clone();
        for (key, entry) in contents.entries {
            let source = Source::File { path: path.clone(), line: entry.line };
            self.take(key, &entry.written, &home, source);
        }
    }

    fn take_environment(&mut self) {
        let Surroundings { working_dir, .. } = self.surroundings;
        for (key, flag) in keys::all().filter_map(|key| Some((key, key.flag?))) {
            let Some(value) = self.surroundings.variable(flag.environment) else { continue };
            match flag.read_variable(value) {
                Ok(written) => {
                    self.take(key, &written, working_dir, Source::Environment(flag.environment));
                }
                Err(wrong) => {
                    let form = flag.variable_form().unwrap_or(key.form);
                    self.problems.push(format!("{}: {wrong}; write {form}", flag.environment));
                }
            }
        }
        self.warn_of_strange_variables();
    }

    fn take_flags(&mut self, given: &Given) {
        let Surroundings { working_dir, .. } = self.surroundings;
        for (key, flag) in keys::all().filter_map(|key| Some((key, key.flag?))) {
            if let Some(written) = given.of(&flag) {
                self.take(key, written, working_dir, Source::Flag(flag.long));
            }
        }
    }

    fn take(&mut self, key: &'static Key, written: &Written, base: &Path, source: Source) {
        let reading = Reading { written, base, surroundings: self.surroundings };
        match (key.set)(&mut self.settings, &reading) {
            Ok(()) => self.note(key.name, source),
            Err(wrong) => {
                let name = match source {
                    Source::File { .. } => format!("{}: ", key.name),
                    _ => String::new(),
                };
                self.problems.push(format!("{source}: {name}{wrong}; write {}", key.form));
            }
        }
    }

    fn note(&mut self, name: &'static str, source: Source) {
        if source != Source::Default {
            self.settings.sources.insert(name, source);
        }
    }

    /// A variable that is nearly one of ours is a mistake; any other may be somebody else's.
    fn warn_of_strange_variables(&mut self) {
        let rest = |name: &'a str| name.strip_prefix(PREFIX);
        let known = || keys::flags().filter_map(|flag| flag.environment.strip_prefix(PREFIX));
        for name in self.surroundings.environment.keys().filter_map(|name| rest(name)) {
            let nearest = keys::nearest(name, known()).filter(|nearest| *nearest != name);
            if let Some(nearest) = nearest {
                self.settings.warnings.push(format!(
                    "{PREFIX}{name} means nothing; write {PREFIX}{nearest} if you mean that"
                ));
            }
        }
    }
}

/// What the names of all our variables begin with.
const PREFIX: &str = "FILBERT_";

fn unreadable(path: &Path, named_by: &Source, error: &io::Error) -> String {
    let by = match named_by {
        Source::Default => String::new(),
        named_by => format!("{named_by}: "),
    };
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!(
            "{by}there is no file {path}; 'filbert generate config' prints one to begin with"
        ),
        io::ErrorKind::InvalidData => format!("{by}{path} is not UTF-8; save it as UTF-8"),
        _ => format!("{by}cannot read {path}: {error}"),
    }
}
