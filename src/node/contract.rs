use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use bytes::Bytes;

use crate::base::error::Fault;
use crate::base::time::Time;
use crate::gnutella::hit_spam::Suspicion;
use crate::gnutella::link::{Agreement, Decision, Ending, Question, Role};
use crate::gnutella::push_proxy::{Callback, Requested};
use crate::gnutella::servent::{Offer, PartialFile, Serving};
use crate::gnutella::wire::{Frame, Guid, Header, Push, QueryHit};
use crate::node::fasttrack;
use crate::node::host_cache::SavedHost;

/// A connection, as the driver names it: any number that this node has not seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// A search, as whoever asked for it names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchId(pub u64);

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The other side connected to us.
    Incoming,
    /// We connected, after [`Output::Dial`].
    Outgoing,
}

impl Direction {
    pub(super) const fn of(is_outgoing: bool) -> Self {
        if is_outgoing { Self::Outgoing } else { Self::Incoming }
    }
}

/// What a driver hands to a [`Node`](super::Node).
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection stands, and its handshake begins. An incoming one may be turned away with
    /// [`Output::Close`] before a byte is read.
    Connected { link: LinkId, address: SocketAddr, direction: Direction },
    /// What was asked for by [`Output::Dial`] did not come about.
    DialFailed { address: SocketAddr },
    /// The handshake asks: [`link::Output::Asked`](crate::gnutella::link::Output::Asked).
    Asked { link: LinkId, question: Box<Question> },
    /// The handshake asks: [`link::Output::Answered`](crate::gnutella::link::Output::Answered).
    Answered { link: LinkId, question: Box<Question> },
    /// The handshake is over.
    Opened { link: LinkId, agreement: Box<Agreement> },
    /// A message arrived.
    Frame { link: LinkId, frame: Frame },
    /// A message arrived that could not be used.
    Dropped { link: LinkId, header: Header, fault: Fault },
    /// The connection is gone, for whatever reason; also after [`Output::Close`].
    Closed { link: LinkId, ending: Ending },
    /// An incoming connection is no link: files are asked for over it, or somebody has come whom we have
    /// asked to. Another room has it, and nothing else is told of it.
    HandedOn { link: LinkId },
    /// A leaf has told which files it shares, from now on. Gnutella has no message for that; networks
    /// that have one, and laboratories, hand it in here.
    Announced { link: LinkId, files: Vec<SharedFile> },
    /// What has become of a connection that [`Event::Pushed`] asked for.
    CallbackEnded { address: SocketAddr, how: Callback },
    /// A datagram arrived, of whichever network.
    Datagram { from: SocketAddr, bytes: Bytes },
    /// The same of sessions of FastTrack.
    FastTrack(fasttrack::Input),
    /// The driver has measured something.
    Observed(crate::promotion::Observation),
    /// The user, or another program, wants something.
    Command(Command),
    /// The moment of [`Node::next_timeout`](super::Node::next_timeout) has come.
    Timeout,
}

/// What users and programs can ask of a node.
#[derive(Clone, Debug)]
pub enum Command {
    /// Connect to this host, whatever the host cache thinks of it.
    Connect(SocketAddr),
    /// Connect to a host that the configuration names, and that has these addresses, unless a link with
    /// one of them was ended by [`Command::Disconnect`] since.
    ConnectNamed(Vec<SocketAddr>),
    /// Hosts with which links were ended by [`Command::Disconnect`] may be called again.
    TakeBack,
    /// These hosts may be worth a try; they come from a configuration or a host cache of others.
    Know(Vec<SocketAddr>),
    /// Hosts that an earlier run knew, the best first.
    Remember(Vec<SavedHost>),
    /// Somebody at this address, who is no neighbour, names these hosts: a web cache, for example.
    Told { by: IpAddr, hosts: Vec<SocketAddr> },
    /// Ask this UDP host cache for hosts (BOOT-03).
    AskHostCache(SocketAddr),
    /// These UDP host caches work, each as `host:port`: they are named to others who ask for hosts
    /// (BOOT-21), until others are named in their place, or for half a day.
    NameHostCaches(Vec<String>),
    /// Others can call us there, as a router says that has mapped a port (HAND-82).
    ListenAt(SocketAddr),
    /// End this connection. The host is not called again before [`Command::Connect`] names it, or
    /// [`Command::TakeBack`] comes.
    Disconnect(LinkId),
    /// Offer exactly these files from now on. Those whose names are empty or have a slash or a control
    /// character are left out: they would spoil the hits that name them (HIT-13).
    Share(Vec<SharedFile>),
    /// Offer exactly the files of this snapshot from now on, which was made elsewhere with the words by
    /// which others look for them, so that nothing waits for a large library. Names as above were left
    /// out by whoever made it.
    Offer(Box<Offer>),
    /// What our hits say of us beside our files.
    BeServing(Serving),
    /// A part of this file is here, and is offered to those who take parts. It replaces what was said of
    /// the same content before.
    OfferPartial(Box<PartialFile>),
    /// The part of the file with this SHA-1 is offered no longer.
    WithdrawPartial([u8; 20]),
    /// These have the file with this SHA-1 too: our hits name some of them. None takes them back.
    NameSources { sha1: [u8; 20], sources: Vec<SocketAddrV4> },
    /// Ask a servent that cannot be reached to connect to us and to offer the file with this index:
    /// by the way that its hits came, and by its push proxies. [`Event::PushSent`] says how far that got.
    Push { request: u64, servent: Guid, index: u32, proxies: Vec<SocketAddr> },
    /// Somebody asks over HTTP, from this address, that a servent connect to it: a leaf whose pushes we
    /// take. [`Event::PushRequested`] is the answer.
    PushFor { request: u64, from: IpAddr, servent: Guid, to: SocketAddr, index: u32 },
    /// Look for files, in FastTrack too where that is on. A word that is a URN asks for that content, and [`WHATS_NEW`](crate::gnutella::wire::Query::WHATS_NEW) alone for what is new. Words beyond the 253rd byte are left out: nobody would pass them on.
    Search { search: SearchId, words: String },
    /// The same in this network alone.
    SearchIn { network: Network, search: SearchId, words: String },
    /// No more hits are wanted, whether the search runs or has ended.
    EndSearch(SearchId),
    /// Be this, or find out by yourself.
    BeRole(RolePolicy),
    /// What concerns FastTrack alone.
    FastTrack(fasttrack::Command),
    /// Say goodbye to everybody, and take no more connections.
    ShutDown,
}

/// An overlay that a node has part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    Gnutella,
    FastTrack,
}

impl Network {
    /// The word for it, as users write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gnutella => "gnutella",
            Self::FastTrack => "fasttrack",
        }
    }
}

/// A file that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFile {
    pub name: String,
    pub size: u64,
    pub sha1: Option<[u8; 20]>,
}

/// Which role a node takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolePolicy {
    /// A leaf that becomes an ultrapeer when it has earned it, and where one is needed.
    Auto,
    /// Always this one.
    Always(Role),
}

impl RolePolicy {
    /// The word for it, in configurations and in what is told of the node.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always(Role::Leaf) => "leaf",
            Self::Always(Role::Ultrapeer) => "ultrapeer",
        }
    }
}

/// What a [`Node`](super::Node) hands to its driver.
#[derive(Clone, Debug)]
pub enum Output {
    /// Connect to this host; then hand in [`Input::Connected`] or [`Input::DialFailed`].
    Dial { address: SocketAddr },
    /// Hand this to the link, as [`link::Input::Decided`](crate::gnutella::link::Input::Decided).
    Decide { link: LinkId, decision: Decision },
    /// Messages wait for this link: take them with [`Node::transmit`](super::Node::transmit) as it
    /// has room. Said when the first one comes to wait, and not again before all were taken.
    Ready { link: LinkId },
    /// End this link with a Bye, or a refusal if it is not open yet:
    /// [`link::Input::Bye`](crate::gnutella::link::Input::Bye). Nothing more is sent to it.
    Close { link: LinkId, code: u16, reason: String },
    /// Send this datagram.
    Datagram { to: SocketAddr, bytes: Bytes },
    /// Connect to this host, write two line feeds, and close: it wants to know whether it can be
    /// reached.
    ConnectBack { to: SocketAddr },
    /// What sessions of FastTrack need.
    FastTrack(fasttrack::Output),
    /// Something that people or programs may want to know.
    Event(Event),
}

/// What happened, for whoever watches.
#[derive(Clone, Debug)]
pub enum Event {
    /// A link is open.
    Opened { link: LinkId, address: SocketAddr, role: Role, peer_role: Role },
    /// A link is gone, or a call of ours has not led to one.
    Closed { link: LinkId, address: SocketAddr, ending: Ending },
    /// An answer to a search of ours, and what speaks against each of its records (HIT-41).
    Hit { search: SearchId, hops: u8, hit: Box<QueryHit>, doubts: Box<[Option<Suspicion>]> },
    /// A search is over: it has asked whom it wanted to ask, or found enough. Hits that are still on
    /// their way are told all the same, until [`Command::EndSearch`] or for some minutes.
    SearchEnded { search: SearchId, results: u32, why: &'static str },
    /// A query of somebody else was answered from our files.
    Answered { guid: Guid, results: u32 },
    /// The node has another role now.
    BecameRole { role: Role, why: String },
    /// Others can call us there, and not where we thought.
    Moved { address: SocketAddr },
    /// A push of [`Command::Push`] went to so many neighbours and push proxies. To none where nobody is
    /// known, where too many were sent of late, or where nobody could connect to us.
    PushSent { request: u64, ways: usize },
    /// What became of [`Command::PushFor`].
    PushRequested { request: u64, outcome: Requested },
    /// Somebody wants us to connect to it and to offer a file. Hand in [`Input::CallbackEnded`] once it asks for
    /// one, and where it does not or is not there.
    Pushed(Box<Push>),
    /// A UDP host cache that was asked has answered: how many hosts it named, and the lines in which it
    /// named other caches, as they came.
    HostCacheAnswered { from: SocketAddr, hosts: usize, caches: Vec<String> },
    /// A neighbour has named UDP host caches, or itself as one: in such lines, as they came.
    HostCachesNamed { caches: Vec<String> },
    /// What happened in FastTrack.
    FastTrack(fasttrack::Event),
    /// A neighbour, of whichever network, broke a rule.
    Struck { link: LinkId, address: SocketAddr, fault: Fault },
    /// An address is refused for a while.
    Banned { address: IpAddr, until: Time, why: String },
    /// Somebody who has connected is turned away, as it is banned or in too great a hurry.
    TurnedAway { address: IpAddr },
}

/// What a [`Node`](super::Node) waits for when it asks to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A neighbour has to hear from us, or we from it.
    Alive,
    /// A query table is due.
    Tables,
    /// A search goes its next step.
    Searches,
    /// A queue has been full for long.
    Queues,
    /// Neighbours are to be asked whether we can be reached.
    Reachability,
    /// More neighbours are wanted.
    Connect,
    /// It is time to look at what the neighbours are worth.
    Review,
    /// The role may change.
    Promotion,
    /// Something goes by UDP, or does not come that way any more.
    Datagrams,
    /// What is old is forgotten.
    Forget,
}
