//! What is drawn on a terminal: a pseudo-terminal, which `script` of util-linux makes.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use assert_cmd::cargo::cargo_bin;
use filbert::control::model::{Download, DownloadState, Happening, LibraryStatus};

use super::scene::{Scene, command, wait_until};
use crate::support::fake_node::PATIENCE;

/// The program on a terminal of so many columns.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    drawn: Arc<Mutex<Vec<u8>>>,
    drawing: JoinHandle<()>,
}

impl Terminal {
    /// Nothing where this system has no such terminals.
    fn start(scene: &Scene, columns: u16, arguments: &str) -> Option<Self> {
        let (program, home) = (cargo_bin!("filbert"), &scene.home);
        let script = format!(
            "stty cols {columns} rows 24; exec '{}' {arguments} --home '{}'",
            program.display(),
            home.display()
        );
        // The environment is that of the other tests.
        let clean = command(&[] as &[&str]);
        let mut terminal = Command::new("script");
        terminal.args(["-q", "-e", "-f", "-c", &script, "/dev/null"]).env("TERM", "xterm");
        for (name, _) in clean.get_envs() {
            terminal.env_remove(name);
        }
        terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut child) = terminal.spawn() else {
            println!("*** SKIPPED: script (util-linux) is not installed ***");
            return None;
        };
        let (keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let drawn = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&drawn);
        let drawing = thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(len @ 1..) = screen.read(&mut bytes) {
                to.lock().unwrap().extend_from_slice(&bytes[..len]);
            }
        });
        Some(Self { child, keys, drawn, drawing })
    }

    /// All that was drawn, without what moves the cursor, a line each time something was drawn over.
    fn lines(&self) -> Vec<String> {
        lines(&self.drawn)
    }

    #[track_caller]
    fn until_drawn(&self, part: &str) {
        let is_there = || self.lines().iter().any(|line| line.contains(part));
        let deadline = std::time::Instant::now() + PATIENCE;
        while !is_there() {
            assert!(std::time::Instant::now() < deadline, "'{part}' in {:#?}", self.lines());
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// No line is wider than the terminal, and nothing on it but what we draw with.
    #[track_caller]
    fn check(&self, columns: usize) {
        for line in self.lines() {
            // A line that stays is filled with blanks to the border, behind which the bar begins.
            let row_ends = line.chars().skip(columns - 1).step_by(columns);
            assert!(row_ends.clone().all(char::is_whitespace), "{columns}: {line}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }

    /// How it has ended, and what was drawn.
    fn end(mut self) -> (Option<i32>, Vec<String>) {
        let mut status = None;
        wait_until("the program ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        drop(self.keys);
        self.drawing.join().unwrap();
        (status.unwrap().code(), lines(&self.drawn))
    }
}

fn lines(drawn: &Mutex<Vec<u8>>) -> Vec<String> {
    let plain = plain(&String::from_utf8_lossy(&drawn.lock().unwrap()));
    let lines = plain.split(['\r', '\n']).map(str::trim_end);
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Text without the sequences by which we steer the terminal: `ESC [ numbers letter`.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\u{1b}' {
            plain.push(character);
            continue;
        }
        assert_eq!(rest.next(), Some('['), "another sequence than ours: {text:?}");
        let end = rest.by_ref().find(char::is_ascii_alphabetic);
        assert!(matches!(end, Some('A' | 'B' | 'K' | 'm' | 'l' | 'h' | 'J')), "{end:?}: {text:?}");
    }
    plain
}

fn half(download: &mut Download) {
    download.size = Some(10 << 20);
    (download.done_bytes, download.bytes_per_s) = (5 << 20, 1 << 20);
    (download.sources, download.sending, download.queued) = (5, 3, 1);
}

fn wait_for_download(scene: &Scene) {
    wait_until("it fetches", || scene.node.change(|state| !state.downloads.is_empty()));
}

#[test]
fn a_bar_shows_rate_time_left_and_sources_and_fits() {
    for (columns, shown) in [
        (40, " 50 %  1.0 MiB/s, 5 s left"),
        (80, " 50 %  1.0 MiB/s, 5 s left, 3 of 5 sources, 1 queued"),
        (200, " 50 %  1.0 MiB/s, 5 s left, 3 of 5 sources, 1 queued, 5.0 MiB of 10.0 MiB"),
    ] {
        let scene = Scene::new(&format!("terminal-get-{columns}"));
        let Some(terminal) = Terminal::start(&scene, columns, "get 1:0") else { return };
        wait_for_download(&scene);
        terminal.until_drawn("looking for some");
        scene.node.change(|state| half(&mut state.downloads[0]));
        terminal.until_drawn(shown);
        terminal.check(columns.into());
        scene.node.change(|state| {
            let download = &mut state.downloads[0];
            download.state = DownloadState::Finished;
            download.path = Some("/music/file 1.ogg".to_owned());
        });
        let (code, lines) = terminal.end();
        assert_eq!(code, Some(0));
        assert!(lines.iter().any(|line| line == "/music/file 1.ogg"), "{lines:#?}");
    }
}

#[test]
fn the_name_that_a_stranger_gave_steers_no_terminal() {
    let scene = Scene::new("terminal-hostile");
    let Some(terminal) = Terminal::start(&scene, 80, "get 1:0") else { return };
    wait_for_download(&scene);
    let name = "a\u{1b}]0;x\u{7}\u{1b}[2Jb\u{9b}1m\u{202e}c.ogg";
    scene.node.change(|state| {
        let download = &mut state.downloads[0];
        (download.name, download.path) = (name.to_owned(), Some(format!("/music/{name}")));
        half(download);
    });
    terminal.until_drawn(" 50 %");
    scene.node.change(|state| state.downloads[0].state = DownloadState::Finished);
    let (code, lines) = terminal.end();
    assert_eq!(code, Some(0));
    let is_shown = |line: &String| line.starts_with("/music/a\u{fffd}]0;x\u{fffd}\u{fffd}[2Jb");
    assert!(lines.iter().any(is_shown), "{lines:#?}");
    assert!(lines.iter().all(|line| !line.contains(['\u{202e}', '\u{9b}', '\u{7}'])), "{lines:#?}");
}

#[test]
fn control_c_ends_the_waiting_alone() {
    let scene = Scene::new("terminal-interrupt");
    let Some(mut terminal) = Terminal::start(&scene, 100, "get 1:0") else { return };
    wait_for_download(&scene);
    scene.node.change(|state| half(&mut state.downloads[0]));
    terminal.until_drawn(" 50 %");
    terminal.keys.write_all(b"\x03").unwrap();
    terminal.keys.flush().unwrap();
    let (code, lines) = terminal.end();
    assert_eq!(code, Some(130), "{lines:#?}");
    let said = lines.join(" ");
    assert!(said.contains("the node goes on with it: 'filbert downloads' shows"), "{lines:#?}");
    let state = scene.node.change(|state| state.downloads[0].state);
    assert_eq!(state, DownloadState::Fetching);
}

#[test]
fn hashing_has_a_bar_too() {
    let hashing = LibraryStatus {
        hashing: true,
        files: 1,
        found_files: 3,
        found_bytes: 4 << 20,
        waiting_files: 2,
        waiting_bytes: 3 << 20,
        bytes_per_s: Some(200 << 20),
        left_s: Some(62),
        ..LibraryStatus::default()
    };
    for (columns, shown) in [
        (40, " 25 %  200 MiB/s, 1 min left"),
        (200, " 25 %  200 MiB/s, 1 min left, 2 to be hashed, 3.0 MiB, 1 file shared"),
    ] {
        let scene = Scene::with(&format!("terminal-library-{columns}"), |state| {
            state.library.status = hashing;
        });
        let Some(terminal) = Terminal::start(&scene, columns, "library --follow") else { return };
        terminal.until_drawn(shown);
        terminal.check(columns.into());
        wait_until("it watches", || scene.node.watchers() > 0);
        scene.node.tell(Happening::Library(LibraryStatus { files: 3, ..LibraryStatus::default() }));
        let (code, lines) = terminal.end();
        assert_eq!(code, Some(0), "{lines:#?}");
        assert!(lines.iter().any(|line| line == "shared        3 files, 0 B"), "{lines:#?}");
    }
}
