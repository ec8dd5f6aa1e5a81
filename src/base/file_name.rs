//! Names of files, as a disk may have them.

use std::fmt;
use std::path::Path;

use super::limits::{FILE_EXTENSION_LEN_MAX, FILE_NAME_LEN_MAX};
use super::show::is_harmful;

/// What a file is called whose name has nothing in it that can stay.
const NAMELESS: &str = "file";

/// What stands for a character that cannot stay.
const STAND_IN: char = '_';

/// Names that are devices on Windows, whatever extension follows them.
const DEVICES: [&str; 8] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$", "CONFIG$"];

/// Names that are devices with one digit behind them.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];

/// A name that is nothing but a name, on every disk (MAGNET-06): no path, no device, nothing that hides or
/// looks like an option, never empty, at most [`FILE_NAME_LEN_MAX`] bytes.
///
/// ```
/// use filbert::base::file_name::SafeName;
///
/// assert_eq!(SafeName::from_remote("../../etc/passwd").as_str(), "_.._etc_passwd");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeName(Box<str>);

impl SafeName {
    /// Makes one of what a stranger suggests. A name that is safe stays as it is.
    pub fn from_remote(suggested: &str) -> Self {
        let clean: String = suggested.chars().map(harmless).collect();
        let clean = without_ends(&clean);
        let first = match clean.chars().next() {
            None => return Self(NAMELESS.into()),
            Some('-') => "_",
            Some(_) if is_device(clean) => "_",
            Some(_) => "",
        };
        Self(fitting(&format!("{first}{clean}"), "").into())
    }

    /// The same name with a number in front of its extension, for where the name is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        Self(fitting(&self.0, &format!(" ({number})")).into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Separators of paths and of streams, what Windows forbids, and what steers terminals or hides.
fn harmless(character: char) -> char {
    match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => STAND_IN,
        _ if is_harmful(character) => STAND_IN,
        _ => character,
    }
}

/// Without dots and blanks in front, which hide, and behind, which Windows drops.
fn without_ends(name: &str) -> &str {
    let is_end = |character: char| character == '.' || character.is_whitespace();
    name.trim_matches(is_end)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim();
    let is_numbered = |device: &str| {
        let number = stem.get(..device.len()).zip(stem.get(device.len()..));
        number.is_some_and(|(start, number)| {
            let is_digit = |digit: char| digit.is_ascii_digit() || matches!(digit, '¹' | '²' | '³');
            start.eq_ignore_ascii_case(device)
                && number.chars().count() == 1
                && number.chars().all(is_digit)
        })
    };
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device))
        || NUMBERED_DEVICES.iter().any(|device| is_numbered(device))
}

/// The name with `tail` behind its stem, cut so that it fits; a short extension stays.
fn fitting(name: &str, tail: &str) -> String {
    let dot = name.rfind('.').filter(|dot| *dot > 0);
    let (stem, extension) = dot.map_or((name, ""), |dot| name.split_at(dot));
    let (stem, extension) =
        if extension.len() > FILE_EXTENSION_LEN_MAX { (name, "") } else { (stem, extension) };
    let mut end = FILE_NAME_LEN_MAX.saturating_sub(extension.len()).saturating_sub(tail.len());
    end = end.min(stem.len());
    while !stem.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let stem = stem.get(..end).unwrap_or_default();
    let whole = format!("{stem}{tail}{extension}");
    without_ends(&whole).to_owned()
}

impl fmt::Display for SafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<Path> for SafeName {
    fn as_ref(&self) -> &Path {
        Path::new(&*self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use proptest::prelude::*;

    use super::*;

    fn safe(name: &str) -> String {
        SafeName::from_remote(name).to_string()
    }

    /// MAGNET-06
    #[test]
    fn no_name_is_a_path_a_device_or_hidden() {
        for (suggested, name) in [
            ("song.ogg", "song.ogg"),
            ("été 日本.ogg", "été 日本.ogg"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            ("..\\..\\boot.ini", "_.._boot.ini"),
            ("C:\\x", "C__x"),
            ("a.txt:stream", "a.txt_stream"),
            ("\\\\?\\C:\\x", "____C__x"),
            ("..", "file"),
            ("", "file"),
            (" . . ", "file"),
            (".bashrc", "bashrc"),
            ("name. . ", "name"),
            ("-rf", "_-rf"),
            ("a\0b\u{1b}[2J\r\n", "a_b_[2J__"),
            ("gpj.\u{202e}exe", "gpj._exe"),
            ("con", "_con"),
            ("NUL.tar.gz", "_NUL.tar.gz"),
            ("aux .txt", "_aux .txt"),
            ("Com1.log", "_Com1.log"),
            ("lpt³", "_lpt³"),
            ("com10", "com10"),
            ("console", "console"),
        ] {
            assert_eq!(safe(suggested), name, "{suggested:?}");
        }
    }

    #[test]
    fn a_name_is_cut_at_its_limit_and_keeps_its_extension() {
        let longest = format!("{}.ogg", "x".repeat(FILE_NAME_LEN_MAX - 4));
        assert_eq!(safe(&longest), longest);
        assert_eq!(safe(&format!("x{longest}")), longest);
        let odd = format!("{}.ogg", "é".repeat(200));
        assert_eq!(safe(&odd), format!("{}.ogg", "é".repeat(125)));
        let extension = "y".repeat(FILE_EXTENSION_LEN_MAX - 1);
        let long = |extension: &str| safe(&format!("{}.{extension}", "x".repeat(300)));
        assert!(long(&extension).ends_with(&extension));
        assert!(!long(&format!("{extension}y")).contains('y'));
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let numbered = |name| SafeName::from_remote(name).numbered(2).to_string();
        assert_eq!(numbered("song.ogg"), "song (2).ogg");
        assert_eq!(numbered("README"), "README (2)");
        let longest = numbered(&format!("{}.ogg", "x".repeat(300)));
        assert!(longest.ends_with("x (2).ogg") && longest.len() == FILE_NAME_LEN_MAX);
    }

    proptest! {
        /// MAGNET-06
        #[test]
        fn whatever_is_suggested_is_one_plain_component(
            suggested in prop_oneof![".{0,300}", "[./\\\\ :a-cC\\-oOnN1\u{0}]{0,12}"],
            number in any::<u32>(),
        ) {
            let name = SafeName::from_remote(&suggested);
            for name in [name.clone(), name.numbered(number)] {
                let components: Vec<_> = AsRef::<Path>::as_ref(&name).components().collect();
                prop_assert!(matches!(components.as_slice(), [Component::Normal(_)]), "{:?}", name);
                prop_assert!(name.as_str().len() <= FILE_NAME_LEN_MAX);
                prop_assert!(!name.as_str().starts_with(['.', '-', ' ']));
                prop_assert!(!name.as_str().ends_with(['.', ' ']));
                prop_assert!(!name.as_str().contains(['/', '\\', ':']));
                prop_assert!(!name.as_str().chars().any(is_harmful));
                prop_assert!(!is_device(name.as_str()));
                prop_assert_eq!(SafeName::from_remote(name.as_str()), name, "it stays as it is");
            }
        }
    }
}
