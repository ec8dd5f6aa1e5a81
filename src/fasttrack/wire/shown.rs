//! Messages as one line for people, without control characters of strangers (FTSAFE-13).

use std::fmt;

use super::{Found, Message, NetworkStats, RandomFiles, Results, Tag, TagList, TagValue, Term};
use crate::base::legacy_text;
use crate::base::show::Quoted;

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeList(list) => write!(f, "{} nodes", list.nodes().count()),
            Self::Table(table) => write!(f, "{} records", table.records().count()),
            Self::NodeInfo(info) => {
                write!(
                    f,
                    "{} {}, {} kbit/s",
                    Text(&info.user),
                    info.address,
                    info.bandwidth.kbit_s()
                )
            }
            Self::SendShares => f.write_str("shares are awaited"),
            Self::Share(share) => write!(f, "{} ({} bytes)", Name(&share.tags), share.size),
            Self::Unshare(file) => write!(f, "{} ({} bytes)", Name(&file.tags), file.size),
            Self::Search(search) => {
                write!(f, "{} for up to {} of", search.id, search.max)?;
                search.terms.iter().try_for_each(|term| write!(f, " {term}"))
            }
            Self::ForwardedSearch(search) => {
                write!(f, "{:08x} for up to {} of", search.id, search.max)?;
                search.terms.iter().try_for_each(|term| write!(f, " {term}"))
            }
            Self::Results(results) => results.fmt(f),
            Self::NetworkStats(stats) | Self::BroadcastStats(stats) => stats.fmt(f),
            Self::PushRequest(push) => {
                let (user, target) = (Text(&push.user), push.target);
                write!(f, "{} {user} {target} to {}", push.id, push.requester)
            }
            Self::Push(push) => write!(f, "{} to {}", push.id, push.requester),
            Self::UdpTestRequest { address } => write!(f, "{address}"),
            Self::UdpTest(test) | Self::UdpReached(test) | Self::UdpMissed(test) => {
                write!(f, "{} {:08x}", test.address, test.id)
            }
            Self::OwnUdpReached => f.write_str("reached"),
            Self::OwnUdpMissed => f.write_str("not reached"),
            Self::NetworkName { text } => Text(text).fmt(f),
            Self::NetworkConfig(config) => {
                write!(f, "{}, {} bytes", config.revision, config.body.len())
            }
            Self::SearchEnd { id } | Self::RandomFilesRequest { id } => write!(f, "{id}"),
            Self::RandomFiles(files) => files.fmt(f),
            Self::ConfigRevision { number }
            | Self::GreetingNumber { number }
            | Self::Version { number } => write!(f, "{number}"),
            Self::ExternalIp { address } => write!(f, "{address}"),
            Self::Unicast(it) => write!(
                f,
                "{} from {} to {}, hops {}, {} bytes",
                it.kind,
                it.sender,
                it.receiver,
                it.hops,
                it.payload.len()
            ),
            Self::Broadcast(it) => {
                let (from, len) = (it.sender, it.payload.len());
                write!(f, "{} from {from} to all, hops {}, {len} bytes", it.kind, it.hops)
            }
            Self::Open { payload, .. } => write!(f, "{} bytes", payload.len()),
        }
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}", self.id, self.supernode)?;
        match self.results.as_slice() {
            [] => f.write_str(", no results"),
            [first, others @ ..] => {
                write!(f, ", {first}")?;
                match others.len() {
                    0 => Ok(()),
                    count => write!(f, " and {count} more"),
                }
            }
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes) at {}", Name(&self.tags), self.size, self.address)
    }
}

impl fmt::Display for NetworkStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.size.to_bytes();
        write!(f, "{} users, {} files, {bytes} bytes", self.users, self.files)
    }
}

impl fmt::Display for RandomFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shelf {
            None => write!(f, "{}, nobody", self.id),
            Some(shelf) => {
                write!(f, "{}, {} files of {}", self.id, shelf.files().count(), Text(&shelf.user))
            }
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.operator.0, self.tag.0, self.value())
    }
}

impl fmt::Display for TagValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Pair(first, second) => write!(f, "{first}x{second}"),
            Self::Text(text) => Text(text).fmt(f),
            Self::Hash(bytes) | Self::Bytes(bytes) => {
                f.write_str(&data_encoding::HEXLOWER.encode(bytes))
            }
        }
    }
}

/// The name of a file.
struct Name<'a>(&'a TagList);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.find(Tag::FILE_NAME) {
            Some(name) => name.fmt(f),
            None => f.write_str("no name"),
        }
    }
}

/// Text of no declared character set.
struct Text<'a>(&'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Quoted(legacy_text::read(self.0).as_bytes()).fmt(f)
    }
}
