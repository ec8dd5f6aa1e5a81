use std::net::SocketAddrV4;

use super::{Header, TagHeader, TagSays};
use crate::base::kazaa_hash::UuHash;
use crate::fasttrack::wire::harmless_user;

/// Who sends a head, as it says (FTHTTP-03). Each of it may be missing, and nobody has looked at the addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    pub network: Option<String>,
    pub user: Option<String>,
    pub address: Option<SocketAddrV4>,
    pub supernode: Option<SocketAddrV4>,
}

impl Sender {
    /// What the headers of a head say, by name and value; of several the first counts.
    pub fn of<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sender = Self::default();
        for (name, value) in headers {
            match Header::parse(name, value) {
                Some(Header::User(user)) => _ = sender.user.get_or_insert(user),
                Some(Header::Network(network)) => _ = sender.network.get_or_insert(network),
                Some(Header::Address(address)) => _ = sender.address.get_or_insert(address),
                Some(Header::Supernode(address)) => _ = sender.supernode.get_or_insert(address),
                Some(Header::Tag(_)) | None => {}
            }
        }
        sender
    }

    /// The headers that say so. A name is written as it may stand in messages.
    pub fn headers(&self) -> impl Iterator<Item = Header> {
        let user =
            self.user.as_ref().map(|user| Header::User(harmless_user(user.as_bytes()).into()));
        let network = self.network.clone().map(Header::Network);
        let addresses = [self.address.map(Header::Address), self.supernode.map(Header::Supernode)];
        [network, user].into_iter().chain(addresses).flatten()
    }
}

impl TagHeader {
    /// The hash that a head gives the file, if it gives one (FTHTTP-09).
    pub fn hash_of<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<UuHash> {
        headers.into_iter().find_map(|(name, value)| match Header::parse(name, value) {
            Some(Header::Tag(Self { value: TagSays::Hash(hash), .. })) => Some(hash),
            _ => None,
        })
    }
}
