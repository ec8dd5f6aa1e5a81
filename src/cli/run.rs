//! The flags of `filbert run`, which `filbert config` has too. They come from the table of all
//! keys.

use clap::builder::{BoolishValueParser, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};

use super::Exit;
use crate::runtime::daemon::{self, Failure};
use crate::runtime::settings::keys::{self, FlagKind};
use crate::runtime::settings::{Flag, Given, Settings};

/// What `filbert run` is told.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    given: Given,
}

impl Arguments {
    /// What these flags, the environment and the file come to.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings::load(&self.given)?)
    }

    /// The flags alone: with them, the settings can be read again.
    pub fn given(&self) -> &Given {
        &self.given
    }
}

/// Runs a node until it is told to end.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let given = arguments.given.clone();
    let ended = daemon::run(Box::new(move || Settings::load(&given)));
    ended.map_err(|failure| Exit::from(&failure).because(failure.to_string()))?;
    Ok(Exit::Success)
}

impl From<&Failure> for Exit {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Configuration(_) => Self::Usage,
            Failure::CannotBind(_) => Self::CannotBind,
            Failure::Failed(_) => Self::Failed,
            Failure::Interrupted => Self::Interrupted,
        }
    }
}

impl clap::Args for Arguments {
    fn augment_args(command: Command) -> Command {
        command.args(keys::flags().map(|flag| argument(&flag)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Arguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut arguments = Self::default();
        arguments.update_from_arg_matches(matches)?;
        Ok(arguments)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        for flag in keys::flags() {
            if let FlagKind::Switch(_) = flag.kind {
                if let Some(is_on) = matches.get_one::<bool>(flag.long) {
                    self.given.insert(&flag, vec![is_on.to_string()]);
                }
            } else if let Some(values) = matches.get_many::<String>(flag.long) {
                self.given.insert(&flag, values.cloned().collect());
            }
        }
        Ok(())
    }
}

fn argument(flag: &Flag) -> Arg {
    let help = format!("{} [env: {}]", flag.help, flag.environment);
    let argument = Arg::new(flag.long).long(flag.long).help(help);
    match flag.kind {
        FlagKind::Switch(_) => argument
            .value_name("true|false")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(BoolishValueParser::new())
            .hide_possible_values(true),
        FlagKind::Value(name) => argument.value_name(name),
        FlagKind::Choice(name, words) => {
            argument.value_name(name).value_parser(PossibleValuesParser::new(words))
        }
        FlagKind::List(name, _) => argument.value_name(name).action(ArgAction::Append),
    }
}

#[cfg(test)]
mod tests {
    use clap::Args;

    use super::*;

    fn parse(arguments: &[&str]) -> Given {
        let command = Arguments::augment_args(Command::new("run").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments).unwrap();
        Arguments::from_arg_matches(&matches).unwrap().given
    }

    #[test]
    fn only_flags_that_were_given_are_noted() {
        assert_eq!(parse(&[]), Given::default());
        let flag = |long| keys::flags().find(|flag| flag.long == long).unwrap();
        let mut expected = Given::default();
        expected.insert(&flag("allow-private"), vec![]);
        expected.insert(&flag("connect"), vec!["a".to_owned(), "b".to_owned()]);
        expected.insert(&flag("role"), vec!["leaf".to_owned()]);
        let given = ["--connect", "a", "--allow-private", "--role=leaf", "--connect", "b"];
        assert_eq!(parse(&given), expected);
    }

    #[test]
    fn a_switch_may_say_whether_it_is_on() {
        let flag = |long| keys::flags().find(|flag| flag.long == long).unwrap();
        for (given, expected) in [("", "true"), ("=true", "true"), ("=on", "true"), ("=0", "false")]
        {
            for long in ["allow-private", "no-bootstrap"] {
                let mut wanted = Given::default();
                wanted.insert(&flag(long), vec![expected.to_owned()]);
                assert_eq!(parse(&[&format!("--{long}{given}")]), wanted, "{long}{given}");
            }
        }
        let command = Arguments::augment_args(Command::new("run").no_binary_name(true));
        for wrong in [&["--allow-private=maybe"][..], &["--allow-private", "true"]] {
            assert!(command.clone().try_get_matches_from(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_help_of_every_flag_names_its_variable() {
        let help = Arguments::augment_args(Command::new("run")).render_help().to_string();
        for flag in keys::flags() {
            assert!(help.contains(&format!("--{}", flag.long)), "{help}");
            assert!(help.contains(flag.environment), "{help}");
        }
    }
}
