use std::borrow::Cow;

use super::Encryption;
use super::name::NETWORK;

/// What we say of ourselves in a hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What we call our network (FTLINK-17). It has to be a name by FTLINK-18.
    pub network: Cow<'static, str>,
    /// The number of the encryption that we wish for where we connect (FTLINK-10).
    pub wish: u32,
    /// What we choose where we accept (FTLINK-11).
    pub choice: Encryption,
}

/// The wish of giFT and mldonkey. Nobody has to fulfil it.
const USUAL_WISH: u32 = 0x29;

impl Default for Profile {
    fn default() -> Self {
        Self { network: Cow::Borrowed(NETWORK), wish: USUAL_WISH, choice: Encryption::Straight }
    }
}
