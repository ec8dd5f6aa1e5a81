//! The text of a link.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::source::after;
use super::{Magnet, Source};
use crate::base::file_name::SafeName;
use crate::base::limits::{MAGNET_FILES_MAX, MAGNET_ITEMS_MAX, MAGNET_LEN_MAX};
use crate::base::percent::{self, Encoded, EncodedUrl};
use crate::base::show::{WORDS_LEN_MAX, is_harmful, one_line};
use crate::base::urn::Urn;

/// MAGNET-01
pub(super) fn parse(text: &str) -> Option<Vec<Magnet>> {
    let text = text.trim();
    let text = text.strip_prefix('\'').unwrap_or(text);
    let text = text.strip_suffix('\'').unwrap_or(text);
    let parameters = after(text, "magnet:?").filter(|_| text.len() <= MAGNET_LEN_MAX)?;
    let mut files = BTreeMap::<u32, Magnet>::new();
    for parameter in parameters.split('&') {
        let Some((key, value)) = parameter.split_once('=') else { continue };
        let Some((key, number)) = numbered(key.trim()) else { continue };
        if files.contains_key(&number) || files.len() < MAGNET_FILES_MAX {
            files.entry(number).or_default().take(&key, value);
        }
    }
    let mut files: Vec<Magnet> = files.into_values().collect();
    files.iter_mut().for_each(Magnet::name_content);
    files.retain(|file| !file.is_empty());
    (!files.is_empty()).then_some(files)
}

/// `xt` is of file 0, `xt.1` of file 1; a key of another form is unknown (MAGNET-03).
fn numbered(key: &str) -> Option<(String, u32)> {
    let (name, number) = key.split_once('.').unwrap_or((key, "0"));
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|_| is_number)?;
    Some((name.to_ascii_lowercase(), number))
}

impl Magnet {
    fn take(&mut self, key: &str, value: &str) {
        match key {
            "xt" | "xs" | "as" => self.take_source(&words(&percent::decode(value.as_bytes()))),
            "dn" => {
                let name = spaced(value);
                if self.name.is_none() && !name.trim().is_empty() {
                    self.name = Some(SafeName::from_remote(&name));
                }
            }
            "xl" if self.size.is_none() => self.size = number(value),
            "kt" if self.keywords.is_none() => {
                let keywords = harmless(&spaced(value));
                self.keywords = Some(keywords).filter(|keywords| !keywords.is_empty());
            }
            "tr" if self.trackers.len() < MAGNET_ITEMS_MAX => {
                let tracker = harmless(&words(&percent::decode(value.as_bytes())));
                self.trackers.extend(Some(tracker).filter(|tracker| !tracker.is_empty()));
            }
            _ => {}
        }
    }

    /// A name of the content, or a place where it may be had, whichever key it stands behind (MAGNET-02).
    fn take_source(&mut self, value: &str) {
        let value = value.trim();
        if let Some(urn) = Urn::parse(value.as_bytes()) {
            if self.urns.len() < MAGNET_ITEMS_MAX && !self.urns.contains(&urn) {
                self.urns.push(urn);
            }
        } else if let Some(source) = Source::parse(value)
            && self.sources.len() < MAGNET_ITEMS_MAX
            && !self.sources.contains(&source)
        {
            self.sources.push(source);
        }
    }

    /// Without a name, the content is what its sources call it (MAGNET-05). A source that calls it
    /// something else is none.
    fn name_content(&mut self) {
        if self.sha1().is_none() {
            let named =
                self.sources.iter().filter_map(Source::urn).find(|urn| urn.sha1().is_some());
            self.urns.extend(named);
        }
        if let Some(sha1) = self.sha1() {
            let is_other = |urn: Urn| urn.sha1().is_some_and(|other| *other != sha1);
            self.sources.retain(|source| !source.urn().is_some_and(is_other));
        }
    }
}

/// On one line, and nothing in it steers a terminal or hides.
fn harmless(text: &str) -> String {
    one_line(&text.replace(is_harmful, " "), WORDS_LEN_MAX)
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Words that people wrote: a plus sign is a blank.
fn spaced(value: &str) -> String {
    words(&percent::decode(value.replace('+', " ").as_bytes()))
}

fn number(value: &str) -> Option<u64> {
    let value = value.trim();
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|_| is_number)
}

pub(super) fn write(files: &[Magnet]) -> String {
    let mut link = Link { text: "magnet:".to_owned(), between: '?' };
    for (number, file) in files.iter().take(MAGNET_FILES_MAX).enumerate() {
        link.put_file(file, number);
    }
    link.text
}

struct Link {
    text: String,
    between: char,
}

impl Link {
    fn put_file(&mut self, file: &Magnet, number: usize) {
        file.urns.iter().for_each(|urn| self.put("xt", number, urn));
        file.name.iter().for_each(|name| self.put("dn", number, Encoded(name.as_str().as_bytes())));
        file.size.iter().for_each(|size| self.put("xl", number, size));
        let encoded = |words: &String| Encoded(words.as_bytes()).to_string();
        file.keywords.iter().for_each(|words| self.put("kt", number, encoded(words)));
        for source in &file.sources {
            self.put("xs", number, EncodedUrl(&source.to_string()));
        }
        file.trackers.iter().for_each(|tracker| self.put("tr", number, encoded(tracker)));
    }

    fn put(&mut self, key: &str, number: usize, value: impl fmt::Display) {
        let number = if number == 0 { String::new() } else { format!(".{number}") };
        // Writing into a text does not fail.
        let _ = write!(self.text, "{}{key}{number}={value}", self.between);
        self.between = '&';
    }
}
