//! The command line: one subcommand a file.
//!
//! A subcommand is a struct of arguments and a `run`, which prints to standard output and says how
//! it ended. Whatever goes wrong on the way comes back as an error, and becomes one sentence here.

mod asking;
mod bar;
pub mod browse;
mod columns;
pub mod config;
pub mod conform;
pub mod connect;
pub mod decode;
pub mod demo;
pub mod disconnect;
pub mod downloads;
pub mod events;
pub mod generate;
pub mod get;
pub mod hosts;
pub mod library;
pub mod peers;
mod printable;
pub mod run;
pub mod search;
pub mod searches;
pub mod simulate;
pub mod spec;
pub mod status;
pub mod stop;
mod table;
mod units;
pub mod uploads;
mod wrap;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::base::show;

/// How a run ended, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Success = 0,
    /// It ran, and failed, or the answer is no: breaches were found, or what was looked for was not.
    Failed = 1,
    /// It could not run: wrong arguments, or a file that cannot be read or is not what it should be.
    Usage = 2,
    /// It is about a running node, and there is none that answers.
    NoNode = 3,
    /// The node cannot listen where it should.
    CannotBind = 4,
    /// The user, or the system, ended it early.
    Interrupted = 130,
}

impl Exit {
    /// An error that ends the program with this code, where any other means [`Exit::Usage`], or
    /// [`Exit::Failed`] if the system failed.
    pub fn because(self, sentence: impl Into<String>) -> anyhow::Error {
        Ended { exit: self, sentence: sentence.into() }.into()
    }

    /// The code that an error stands for.
    fn of(error: &anyhow::Error) -> Self {
        if let Some(ended) = error.chain().find_map(|cause| cause.downcast_ref::<Ended>()) {
            return ended.exit;
        }
        let has_failed = |cause: &io::Error| !is_of_what_was_named(cause.kind());
        let mut causes = error.chain().filter_map(|cause| cause.downcast_ref());
        if causes.any(has_failed) { Self::Failed } else { Self::Usage }
    }
}

/// Whether the file is at fault that the user has named, and not the system.
const fn is_of_what_was_named(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof
    )
}

/// See [`Exit::because`].
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
struct Ended {
    exit: Exit,
    sentence: String,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Parses the arguments, the first of which is the program's own name, and does what they say.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let result = match CommandLine::try_parse_from(arguments) {
        Ok(CommandLine { command: Command::Run(arguments) }) => run::run(&arguments),
        Ok(CommandLine { command: Command::Demo(arguments) }) => demo::run(&arguments),
        Ok(CommandLine { command: Command::Decode(arguments) }) => decode::run(&arguments),
        Ok(CommandLine { command: Command::Simulate(arguments) }) => simulate::run(&arguments),
        Ok(CommandLine { command: Command::Conform(arguments) }) => conform::run(&arguments),
        Ok(CommandLine { command: Command::Spec(arguments) }) => spec::run(&arguments),
        Ok(CommandLine { command: Command::Status(arguments) }) => status::run(&arguments),
        Ok(CommandLine { command: Command::Peers(arguments) }) => peers::run(&arguments),
        Ok(CommandLine { command: Command::Connect(arguments) }) => connect::run(&arguments),
        Ok(CommandLine { command: Command::Disconnect(arguments) }) => disconnect::run(&arguments),
        Ok(CommandLine { command: Command::Hosts(arguments) }) => hosts::run(&arguments),
        Ok(CommandLine { command: Command::Library(arguments) }) => library::run(&arguments),
        Ok(CommandLine { command: Command::Search(arguments) }) => search::run(&arguments),
        Ok(CommandLine { command: Command::Searches(arguments) }) => searches::run(&arguments),
        Ok(CommandLine { command: Command::Browse(arguments) }) => browse::run(&arguments),
        Ok(CommandLine { command: Command::Get(arguments) }) => get::run(&arguments),
        Ok(CommandLine { command: Command::Downloads(arguments) }) => downloads::run(&arguments),
        Ok(CommandLine { command: Command::Uploads(arguments) }) => uploads::run(&arguments),
        Ok(CommandLine { command: Command::Events(arguments) }) => events::run(&arguments),
        Ok(CommandLine { command: Command::Stop(arguments) }) => stop::run(&arguments),
        Ok(CommandLine { command: Command::Config(arguments) }) => config::run(&arguments),
        Ok(CommandLine { command: Command::Generate(arguments) }) => generate::run(&arguments),
        Err(error) => return refuse(&error),
    };
    match result {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Success,
        Err(error) => {
            complain(&format!("{error:#}"));
            Exit::of(&error)
        }
    }
}

/// A node of the Gnutella network: runs it, steers it, and decodes what nodes say to each other.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 = well, 1 = failed, or breaches found, or nothing found, 2 = wrong \
                  arguments or configuration, 3 = no node answers, 4 = cannot listen, \
                  130 = interrupted."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a node until it is told to end
    Run(run::Arguments),
    /// Show a private overlay of real nodes on this machine, and a search that finds
    Demo(demo::Arguments),
    /// Decode recorded packets and say which requirements they break
    Decode(decode::Arguments),
    /// Let thousands of nodes run under one virtual clock, with faults
    Simulate(simulate::Arguments),
    /// Judge another servent: does it do what the protocol demands?
    Conform(Box<conform::Arguments>),
    /// Look up what the protocol demands, by id or by words
    Spec(spec::Arguments),
    /// Show what the running node is, and how it is
    Status(status::Arguments),
    /// List with whom the running node is connected
    Peers(peers::Arguments),
    /// Have the running node call a host
    Connect(connect::Arguments),
    /// Have the running node end a link with a peer
    Disconnect(disconnect::Arguments),
    /// List the hosts that the running node knows
    Hosts(hosts::Arguments),
    /// Show what the running node shares, and how far it is with hashing it
    Library(library::Arguments),
    /// Have the running node search, and print what is found
    Search(search::Arguments),
    /// List the searches that the running node makes or keeps, or the hits of one again
    Searches(searches::Arguments),
    /// Have the running node ask a host what it shares, and print that
    Browse(browse::Arguments),
    /// Have the running node fetch a file, and wait until it is there and right
    Get(get::Arguments),
    /// List the files that the running node fetches; pause, resume or cancel one
    Downloads(downloads::Arguments),
    /// List the files that others take from the running node
    Uploads(uploads::Arguments),
    /// Print what happens at the running node, as it happens
    Events(events::Arguments),
    /// Have the running node say goodbye and end
    Stop(stop::Arguments),
    /// Show or check the configuration of a node
    Config(config::Arguments),
    /// Print what goes with the program: manual pages, completions, units, an example configuration
    Generate(generate::Arguments),
}

/// The command line as clap knows it.
fn command() -> clap::Command {
    CommandLine::command()
}

/// Says one sentence on standard error. That it cannot be said is no reason to stop.
fn complain(sentence: &str) {
    let printable = sentence.replace(show::is_harmful, "\u{fffd}");
    let _ = writeln!(io::stderr().lock(), "filbert: {printable}");
}

/// Answers arguments that name no run: with the help that was asked for, or with what is wrong.
fn refuse(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            Exit::Success
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Exit::Usage
        }
        _ => {
            complain(&usage_sentence(&error.render().to_string()));
            Exit::Usage
        }
    }
}

/// Clap explains over several paragraphs; all but the reminders at their end fit one sentence.
fn usage_sentence(explanation: &str) -> String {
    let paragraphs: Vec<_> = explanation
        .trim_start_matches("error: ")
        .split("\n\n")
        .take_while(|paragraph| {
            !paragraph.starts_with("Usage:") && !paragraph.starts_with("For more information")
        })
        .map(str::trim)
        .collect();
    let one_line = paragraphs.join("; ").split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{one_line}; see 'filbert help'")
}

/// True when whoever read our output has stopped reading, as `head` does: no reason to complain.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json_kind = cause.downcast_ref().and_then(serde_json::Error::io_error_kind);
        kind.or(json_kind) == Some(io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    /// Which node is meant may be said on either side of a subcommand, as may be in what form it is answered.
    #[test]
    fn what_goes_for_all_of_a_command_may_stand_before_its_subcommands_and_behind() {
        let mut tried = 0;
        for parent in CommandLine::command().get_subcommands() {
            let flags: Vec<_> =
                parent.get_arguments().filter(|flag| flag.is_global_set()).collect();
            for child in parent.get_subcommands().filter(|_| !flags.is_empty()) {
                let mut inner = vec![child.get_name()];
                let needed = child.get_positionals().filter(|one| one.is_required_set());
                inner.extend(needed.map(|_| "1"));
                let given: Vec<_> =
                    flags.iter().map(|flag| format!("--{}", flag.get_long().unwrap())).collect();
                for (flag, name) in flags.iter().zip(&given) {
                    let mut words = vec![name.as_str()];
                    words.extend(flag.get_action().takes_values().then_some("x"));
                    let before = [&["filbert", parent.get_name()][..], &words, &inner].concat();
                    let behind = [&["filbert", parent.get_name()][..], &inner, &words].concat();
                    let [before, behind] = [before, behind].map(|all| {
                        let parsed = CommandLine::try_parse_from(&all);
                        format!("{:?}", parsed.unwrap_or_else(|why| panic!("{all:?}: {why}")))
                    });
                    assert_eq!(before, behind);
                    tried += 1;
                }
            }
        }
        assert_eq!(tried, 3 * (3 + 2), "three flags of downloads and library");
    }

    #[test]
    fn a_broken_pipe_is_known_however_deep_it_lies() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&Err::<(), _>(pipe()).context("cannot print").unwrap_err()));
        assert!(is_broken_pipe(&serde_json::Error::io(pipe()).into()));
        assert!(!is_broken_pipe(&io::Error::from(io::ErrorKind::NotFound).into()));
    }

    #[test]
    fn an_error_has_the_exit_code_that_it_was_given_however_deep_it_lies() {
        let nobody = Exit::NoNode.because("no node runs").context("cannot stop it");
        assert_eq!(Exit::of(&nobody), Exit::NoNode);
        assert_eq!(format!("{nobody:#}"), "cannot stop it: no node runs");
        assert_eq!(Exit::of(&anyhow::anyhow!("no such file")), Exit::Usage);
    }

    #[test]
    fn what_the_system_cannot_do_is_no_mistake_of_the_user() {
        for (kind, exit) in [
            (io::ErrorKind::StorageFull, Exit::Failed),
            (io::ErrorKind::QuotaExceeded, Exit::Failed),
            (io::ErrorKind::Other, Exit::Failed),
            (io::ErrorKind::NotFound, Exit::Usage),
            (io::ErrorKind::NotADirectory, Exit::Usage),
        ] {
            let error = Err::<(), _>(io::Error::from(kind)).context("cannot print").unwrap_err();
            assert_eq!(Exit::of(&error), exit, "{kind}");
        }
    }

    #[test]
    fn an_explanation_in_paragraphs_becomes_one_sentence() {
        let explanation = "error: invalid value 'x'\n  [possible values: a]\n\n  tip: try 'a'\n\n\
                           Usage: filbert spec\n\nFor more information, try '--help'.\n";
        assert_eq!(
            usage_sentence(explanation),
            "invalid value 'x' [possible values: a]; tip: try 'a'; see 'filbert help'"
        );
    }
}
