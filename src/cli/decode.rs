mod fields;
mod palette;
mod quoted;
mod summary;
mod text;

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};

use anyhow::{Context, anyhow};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use self::palette::Palette;
use self::summary::Summary;
use self::text::TextWriter;
use super::{Exit, complain};
use crate::dissect::{Dissector, Kind, Record};

const PIECE_LEN: usize = 64 * 1024;

/// What `filbert decode` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Captures are read in the formats pcap and pcapng. Bytes by hand are a connection from its first \
line on, messages one after the other, or one datagram; as they are, or in hexadecimal as xxd, \
hexdump -C, tcpdump -X and tshark -x print it.

Offsets of faults count from the first byte of a message. The exit code is 1 when anything in the \
input is malformed, whether it was asked for or not.")]
pub struct Arguments {
    /// A packet capture, or bytes by hand; '-' reads standard input
    #[arg(value_name = "FILE")]
    file: String,

    /// Print all fields of every message
    #[arg(short, long, conflicts_with = "json")]
    verbose: bool,

    /// Print only messages of these types
    #[arg(short, long, value_name = "TYPE", value_delimiter = ',', value_parser = kind_parser())]
    only: Vec<Kind>,

    /// Print one JSON object a line
    #[arg(short, long)]
    json: bool,

    /// Print counts at the end, on standard error, even if that is no terminal
    #[arg(short, long)]
    summary: bool,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// When to use colours. NO_COLOR and its like are obeyed by `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// Decodes the input and prints its messages.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let input = Input::open(&arguments.file)?;
    let mut output = Output::new(arguments);
    let mut dissector = Dissector::default();
    let read = input.read_into(&mut dissector, &mut output);
    let finished = dissector.finish(&mut |record| output.take(&record));
    output.flush()?;

    let statistics = dissector.statistics();
    if arguments.summary || anstream::stderr().is_terminal() {
        let palette = Palette::new(arguments.color.is_on(&io::stderr()));
        write!(io::stderr(), "{}", output.summary.shown(&statistics, palette))?;
    }
    read?;
    finished.map_err(|refusal| input.refused(refusal))?;
    if dissector.is_cut() {
        complain(&format!("{} ends within a packet; all before it was decoded", input.name()));
    }
    if let Some(link) = statistics.unknown_link {
        complain(&format!(
            "{} has packets of link type {link}, which cannot be read; record Ethernet, IP or 'any'",
            input.name()
        ));
    }
    Ok(if output.summary.is_malformed() { Exit::Found } else { Exit::Success })
}
