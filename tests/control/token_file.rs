//! The file that lets programs in.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use filbert::control::credentials::{CredentialError, Token};

use crate::support::fake_node::new_home;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_token_is_made_once_and_only_its_owner_can_read_it() {
    let home = new_home("token-made");
    let path = home.join("token");
    assert!(matches!(Token::load(&path), Err(CredentialError::Missing(_))));
    let token = Token::load_or_create(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", token.as_str()));
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "nothing else is left");
    let again = Token::load_or_create(&path).unwrap();
    assert_eq!(again.as_str(), token.as_str());
    assert_eq!(Token::load(&path).unwrap().as_str(), token.as_str());
}

#[test]
fn a_token_that_others_can_read_is_not_used() {
    let path = new_home("token-exposed").join("token");
    Token::load_or_create(&path).unwrap();
    for exposed in [0o640, 0o604, 0o660, 0o620, 0o601, 0o644] {
        set_mode(&path, exposed);
        let error = Token::load_or_create(&path).unwrap_err();
        assert!(matches!(error, CredentialError::Exposed(_)), "{exposed:o}: {error}");
        assert!(error.to_string().contains("chmod 600"));
    }
    for safe in [0o600, 0o400] {
        set_mode(&path, safe);
        assert!(Token::load(&path).is_ok(), "{safe:o}");
    }
}

#[test]
fn what_is_no_token_is_neither_used_nor_overwritten() {
    let path = new_home("token-malformed").join("token");
    let long = "A".repeat(100_000);
    for text in ["", "\n", "secret", "A", &long, "é\u{0}"] {
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        let error = Token::load_or_create(&path).unwrap_err();
        assert!(matches!(error, CredentialError::Malformed(_)), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, [0xff; 43]).unwrap();
    assert!(matches!(Token::load(&path), Err(CredentialError::Malformed(_))));
}

#[test]
fn a_draft_that_a_crash_left_behind_is_no_obstacle_and_leads_nowhere() {
    let home = new_home("token-draft");
    let elsewhere = home.join("elsewhere");
    fs::write(&elsewhere, "precious").unwrap();
    symlink(&elsewhere, home.join("token.new")).unwrap();
    Token::load_or_create(&home.join("token")).unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    assert_eq!(mode(&home.join("token")), 0o600);
}

#[test]
fn where_no_file_can_be_it_is_said_which() {
    let home = new_home("token-nowhere");
    let path = home.join("missing").join("token");
    let error = Token::load_or_create(&path).unwrap_err().to_string();
    assert!(error.contains(&path.display().to_string()), "{error}");
    let folder = Token::load(&home).unwrap_err();
    assert!(matches!(folder, CredentialError::Exposed(_) | CredentialError::Malformed(_)));
}
