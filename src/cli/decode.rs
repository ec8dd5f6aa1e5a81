mod fields;
mod input;
mod line;
mod palette;
mod summary;
mod text;

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use self::input::Input;
use self::palette::Palette;
use self::summary::Summary;
use self::text::TextWriter;
use super::{Exit, complain};
use crate::dissect::{Damaged, Dissector, Kind, Record};

/// What `filbert decode` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
FILE is a capture in the format pcap or pcapng; or a connection from its first line on, messages \
one after the other, or one datagram: as they are, or in hexadecimal as xxd, hexdump -C, tcpdump -X \
and tshark -x print it.

A line is: time, sender -> receiver (~> by UDP), type, GUID, TTL/hops, what it says, and what is \
wrong with it. Offsets count from the first byte of the message. The exit code is 1 when anything \
in FILE is malformed, shown or not.")]
pub struct Arguments {
    /// A packet capture, or bytes by hand; '-' reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print all fields of every message
    #[arg(short, long, conflicts_with = "json")]
    verbose: bool,

    /// Print only these types, separated by commas
    #[arg(short, long, value_name = "TYPES", value_delimiter = ',', value_parser = kind_parser())]
    only: Vec<Kind>,

    /// Print one JSON object a line
    #[arg(short, long)]
    json: bool,

    /// Print counts at the end, to standard error; the default where that is a terminal
    #[arg(short, long)]
    summary: bool,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// When to use colours. `auto` obeys NO_COLOR and its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// Decodes the input and prints what is in it.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut input = Input::open(&arguments.file)?;
    let mut output = Output::new(arguments);
    let mut dissector = Dissector::default();
    let read = read_all(&mut input, &mut dissector, &mut output);
    let finished = dissector.finish(&mut |record| output.take(&record));
    output.flush()?;
    let result = read
        .and_then(|damage| Ok(damage.or(input.damage(finished)?)))
        .and_then(|damage| input.tolerate(damage, output.summary.is_empty()));

    let has_something = result.is_ok() || !output.summary.is_empty();
    if has_something && (arguments.summary || io::stderr().is_terminal()) {
        let has_color = arguments.color.is_on(&io::stderr());
        let summary = output.summary.shown(dissector.statistics(), Palette::new(has_color));
        // That it cannot be said changes nothing about what was found.
        let _ = write!(io::stderr(), "{summary}");
    }
    for warning in input.warnings(&dissector, result?) {
        complain(&warning);
    }
    Ok(if output.summary.has_malformed() { Exit::Failed } else { Exit::Success })
}

/// Hands on the input piece by piece, and prints what is known after each, for it may be a live
/// recording. Stops where it is damaged.
fn read_all(
    input: &mut Input,
    dissector: &mut Dissector,
    output: &mut Output,
) -> anyhow::Result<Option<Damaged>> {
    while let Some(piece) = input.read()? {
        let pushed = dissector.push(piece, &mut |record| output.take(&record));
        output.flush()?;
        if let Some(damaged) = input.damage(pushed)? {
            return Ok(Some(damaged));
        }
    }
    Ok(None)
}

/// Standard output, and what was said to it.
struct Output {
    stdout: BufWriter<StdoutLock<'static>>,
    only: Vec<Kind>,
    format: Format,
    summary: Summary,
    /// The first error stops all writing.
    result: io::Result<()>,
}

enum Format {
    Json,
    Text(TextWriter),
}

impl Output {
    fn new(arguments: &Arguments) -> Self {
        let palette = Palette::new(arguments.color.is_on(&io::stdout()));
        let format = match arguments.json {
            true => Format::Json,
            false => Format::Text(TextWriter::new(palette, arguments.verbose)),
        };
        Self {
            stdout: BufWriter::new(io::stdout().lock()),
            only: arguments.only.clone(),
            format,
            summary: Summary::default(),
            result: Ok(()),
        }
    }

    fn take(&mut self, record: &Record) {
        self.summary.count(record);
        let is_wanted = self.only.is_empty() || self.only.contains(&record.kind());
        if is_wanted && self.result.is_ok() {
            self.result = self.write(record);
        }
    }

    fn write(&mut self, record: &Record) -> io::Result<()> {
        match &mut self.format {
            Format::Json => writeln!(self.stdout, "{}", record.to_json_line()?),
            Format::Text(writer) => writer.write(&mut self.stdout, record),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        std::mem::replace(&mut self.result, Ok(()))?;
        self.stdout.flush()
    }
}

impl Color {
    fn is_on(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self {
            Self::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

fn kind_parser() -> impl TypedValueParser<Value = Kind> {
    let names = PossibleValuesParser::new(Kind::ALL.map(Kind::name));
    names.try_map(|name| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        kind.ok_or("no such type")
    })
}
