use crate::base::limits::FASTTRACK_USER_LEN_MAX;

/// A user name as a node may send it (FTWIRE-11): printable ASCII without blank and @, all else as `_`,
/// 31 bytes at most; `unknown` where nothing is left.
pub fn harmless_user(name: &[u8]) -> String {
    let is_good = |byte: u8| byte.is_ascii_graphic() && byte != b'@';
    let kept = name.iter().take(FASTTRACK_USER_LEN_MAX);
    let name: String =
        kept.map(|&byte| if is_good(byte) { char::from(byte) } else { '_' }).collect();
    if name.is_empty() { "unknown".to_owned() } else { name }
}
