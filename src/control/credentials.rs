//! The token that lets programs steer the node: made at the first start, readable by its owner only.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use rustls::crypto::ring;

/// Random bytes of a token.
const TOKEN_LEN: usize = 32;
/// Bytes of a token file that are read at most: a token, and blanks around it.
const FILE_LEN_MAX: u64 = 256;
/// Whoever owns a token file may read and write it, and nobody else.
const FILE_MODE: u32 = 0o600;
/// The bits of a mode that let others in.
const OTHERS: u32 = 0o077;

/// What a program shows to be let in. It does not show itself in logs.
#[derive(Clone)]
pub struct Token(String);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    #[error("there is no token at {}: start the node once, and it makes one", .0.display())]
    Missing(PathBuf),
    #[error("others can read the token in {path}: run `chmod 600 {path}`, or remove it and start again", path = .0.display())]
    Exposed(PathBuf),
    #[error("{} holds no token: remove it, and the node makes a new one at its next start", .0.display())]
    Malformed(PathBuf),
    #[error("the system gives no random bytes for a token: try again later")]
    NoRandomness,
    #[error("cannot use the token in {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl Token {
    /// A new one, from the randomness of the system.
    pub fn random() -> Result<Self, CredentialError> {
        let mut bytes = [0; TOKEN_LEN];
        let filled = ring::default_provider().secure_random.fill(&mut bytes);
        filled.map_err(|_| CredentialError::NoRandomness)?;
        Ok(Self(BASE64URL_NOPAD.encode(&bytes)))
    }

    /// Reads a token as it stands in its file and in a header: 43 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (bytes.len() == TOKEN_LEN).then(|| Self(text.to_owned()))
    }

    /// The token of a running node. For clients.
    pub fn load(path: &Path) -> Result<Self, CredentialError> {
        let file = File::open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => CredentialError::Missing(path.to_owned()),
            _ => failed(path)(source),
        })?;
        let metadata = file.metadata().map_err(failed(path))?;
        if metadata.permissions().mode() & OTHERS != 0 {
            return Err(CredentialError::Exposed(path.to_owned()));
        }
        let malformed = || CredentialError::Malformed(path.to_owned());
        if !metadata.is_file() {
            return Err(malformed());
        }
        let mut text = String::new();
        match file.take(FILE_LEN_MAX).read_to_string(&mut text) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(malformed()),
            Err(error) => Err(failed(path)(error)),
            Ok(_) => Self::parse(text.trim()).ok_or_else(malformed),
        }
    }

    /// The token at `path`; at the first start there is none, and one is made. The caller holds
    /// the lock of the home, so that nobody else makes one meanwhile.
    pub fn load_or_create(path: &Path) -> Result<Self, CredentialError> {
        match Self::load(path) {
            Err(CredentialError::Missing(_)) => {
                let token = Self::random()?;
                token.store(path).map_err(failed(path))?;
                Ok(token)
            }
            found => found,
        }
    }

    /// The characters, to be sent in `Authorization: Bearer`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether somebody shows this token. Takes as long for a token that is wrong at its start as
    /// for one that is wrong at its end.
    pub fn is(&self, shown: &[u8]) -> bool {
        let own = self.0.as_bytes();
        if own.len() != shown.len() {
            return false;
        }
        let differences = own.iter().zip(shown).fold(0, |differences, (own, shown)| {
            // Without the box the compiler might stop at the first difference.
            black_box(differences | (own ^ shown))
        });
        differences == 0
    }

    /// Writes beside the place and then moves: at `path` there is never half a token, and never
    /// one that others can read.
    fn store(&self, path: &Path) -> io::Result<()> {
        let draft = path.with_extension("new");
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&draft)?;
        writeln!(file, "{}", self.0)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> CredentialError {
    |source| CredentialError::Io { path: path.to_owned(), source }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_equal_to_itself_only() {
        let token = Token::random().unwrap();
        let text = token.as_str().to_owned();
        assert_eq!(text.len(), 43);
        assert!(token.is(text.as_bytes()));
        assert!(!token.is(Token::random().unwrap().as_str().as_bytes()));
        assert!(!token.is(b""));
        assert!(!token.is(&text.as_bytes()[1..]));
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] ^= 1;
            assert!(!token.is(&other), "{at}");
        }
    }

    #[test]
    fn only_what_was_made_as_a_token_is_read_as_one() {
        let text = Token::random().unwrap().as_str().to_owned();
        assert_eq!(Token::parse(&text).unwrap().as_str(), text);
        for wrong in [
            "",
            "secret",
            &text[1..],
            &format!("{text}A"),
            &text.replace(char::is_alphanumeric, "+"),
        ] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_token_does_not_show_itself() {
        assert_eq!(format!("{:?}", Token::random().unwrap()), "Token(..)");
    }
}
