use std::net::IpAddr;

/// What a node is in a two-tier overlay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Served by a few supernodes. Gnutella: leaf; FastTrack: ordinary node.
    #[default]
    Leaf,
    /// Serves leaves and forwards for them. Gnutella: ultrapeer.
    Supernode,
}

/// How others reach a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// Something that was measured, or that happened. Nothing here is a promise, but for
/// [`Claimed`](Self::Claimed), which is treated as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Bytes of all traffic of this node, transfers included, since the last such observation.
    Traffic {
        sent: u64,
        received: u64,
        /// More messages were to be sent, most of the time, than the line took: the queues of at
        /// least half of the neighbours were waiting. One slow reader is not congestion, and neither
        /// are uploads of files, which always wait.
        congested: bool,
    },
    /// What the user, or a configuration, says that the line can carry upwards, in bytes a second.
    Claimed { upload: u64 },
    /// An upload of a file came to a stop because the line is full.
    UploadStalled,
    /// The user of this node searched for something.
    Searched,
    /// How busy the processors were since the last such observation, in thousandths.
    Processor { busy_permille: u16 },
    /// How many files and sockets may be open, and how many of them others than neighbours may need.
    Descriptors { limit: u64, others: u64 },
    /// The memory of the machine, in bytes.
    Memory { physical: u64 },
    /// Memory, or room for network buffers, has run short; or that is over.
    Shortage(bool),
    /// Somebody reached us whom we had not called: an incoming connection, an unsolicited datagram,
    /// or the answer to a request to connect back.
    Reached { protocol: Protocol, from: IpAddr },
    /// Somebody was asked to connect back, and did not come.
    Missed(Protocol),
    /// Under which address somebody sees us. It takes two from different networks to change what is
    /// known.
    Address { ip: IpAddr, told_by: IpAddr },
    /// How many neighbours there are now.
    Neighbours { leaves: u32, supernodes: u32 },
    /// What became known of the room that a supernode has for leaves; `told_by` is the neighbour
    /// from which we have it, or the supernode itself.
    Room { host: IpAddr, told_by: IpAddr, news: Room },
}

/// How it is known whether a supernode has room for leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Room {
    /// It took us, or somebody whom it told us of, as a leaf.
    Accepted,
    /// It refused us because its leaf slots are full.
    Refused,
    /// It said in a handshake that more supernodes are wanted, or that they are not.
    Guidance { needed: bool },
    /// It says, or somebody says of it, how many leaf slots are free.
    Told { free_leaf_slots: u32 },
}
