//! `filbert demo`, as somebody sees it who has just installed the program.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use filbert::runtime::demo::{self, DemoError};

use crate::home::{Home, Ran};

#[test]
fn the_demonstration_shows_each_act_and_ends_well_in_under_20_s() {
    let home = Home::new("demo");
    let since = Instant::now();
    let Ran { code, out, err } = home.run(&["demo"]);
    let took = since.elapsed();
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(took < Duration::from_secs(20), "{took:?}: {out}");
    let mut lines = out.lines();
    for act in [
        "sample files in ",
        "3 ultrapeers listen and are linked",
        "12 leaves have found ultrapeers",
        " looks for \"river recording\"",
        "all have said goodbye",
        "15 nodes, ",
    ] {
        assert!(lines.any(|line| line.contains(act)), "no '{act}', or not in its place: {out}");
    }
    assert_eq!(lines.next(), None, "the summary stands last");
    assert!(!home.state().exists(), "it leaves nothing behind");
}

/// As `filbert demo | head -1` does it.
#[test]
fn that_nobody_reads_on_is_no_error() {
    let home = Home::new("demo-head");
    let mut command = home.filbert(&["demo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("sample files"), "{first}");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    let (_, folder) = first.trim_end().split_once(" sample files in ").unwrap();
    assert!(!Path::new(folder).exists(), "{folder} is left behind");
}

/// Whoever reads has gone away after the third line, or the disk is full: no further act is played.
#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_ends_where_nobody_hears_of_it() {
    for lines_max in [1, 3] {
        let mut lines = Vec::new();
        let shown = demo::show(|line| {
            lines.push(line);
            match lines.len() < lines_max {
                true => Ok(()),
                false => Err(io::ErrorKind::BrokenPipe.into()),
            }
        });
        let shown = shown.await;
        assert!(matches!(shown, Err(DemoError::Unsaid(_))), "{shown:?}");
        assert_eq!(lines.len(), lines_max, "{lines:?}");
    }
}
