use std::net::SocketAddrV4;
use std::time::Duration;

use bytes::Bytes;

use super::RolePolicy;
use crate::base::error::Fault;
use crate::fasttrack::link::{Ending, Session};
use crate::fasttrack::peer::{Callback, Kin, NoPush, PushTarget};
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::{Found, Frame};
use crate::node::host_cache::SavedHost;
use crate::node::{LinkId, SearchId};
use crate::promotion::Role;

/// What a driver hands to a [`Node`](crate::node::Node) of its sessions of FastTrack.
#[derive(Clone, Debug)]
pub enum Input {
    /// What [`Output::Dial`] asked for has come about: a connection stands, and its hello begins.
    Connected { link: LinkId, address: SocketAddrV4 },
    /// It has not.
    DialFailed { address: SocketAddrV4 },
    /// An incoming connection, of which [`node::Input::Connected`](crate::node::Input::Connected) has told, begins
    /// as a session of FastTrack does. It may be turned away with [`Output::Close`] before its hello is read.
    Greeted { link: LinkId },
    /// Hellos and names are exchanged.
    Opened { link: LinkId, session: Box<Session> },
    /// A message arrived.
    Frame { link: LinkId, frame: Frame },
    /// What [`Output::Ping`] asked is answered, so long after.
    Pong { link: LinkId, round_trip: Duration },
    /// The session is gone, for whatever reason; also after [`Output::Close`].
    Closed { link: LinkId, ending: Ending },
    /// What has become of a call that [`Event::Pushed`] asked for.
    CalledBack { to: SocketAddrV4, how: Callback },
    /// Whoever was asked by [`Command::Push`] has said GIVE with this number, or nobody waits for it any more.
    PushOver { number: u32 },
}

/// What users and programs can ask of a node of FastTrack, beside what they ask of both networks.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open a session with this supernode, whatever the host cache thinks of it.
    Connect(SocketAddrV4),
    /// The supernodes that a configuration names, in place of those that it named before. Those of them that
    /// are due are called now, unless we are in want of none or the user has ended a session with them; and
    /// all are once we are again (FTNODE-25).
    Name { all: Vec<SocketAddrV4>, due: Vec<SocketAddrV4> },
    /// These supernodes may be worth a try; they come from a configuration.
    Know(Vec<SocketAddrV4>),
    /// Supernodes that an earlier run knew, the best first.
    Remember(Vec<SavedHost>),
    /// Others can call us there.
    ListenAt(SocketAddrV4),
    /// Look for files here alone, as exactly as FastTrack can say it.
    Search { search: SearchId, sought: Sought },
    /// Ask a node that nobody can call to call us: [`Event::PushSent`] says with which number it will.
    Push { request: u64, target: PushTarget },
    /// Be this, or find out by yourself.
    BeRole(RolePolicy),
}

/// What a [`Node`](crate::node::Node) hands to the driver of its sessions of FastTrack.
#[derive(Clone, Debug)]
pub enum Output {
    /// Connect to this host; then hand in [`Input::Connected`] or [`Input::DialFailed`].
    Dial { address: SocketAddrV4 },
    /// Send this datagram, from the port of FastTrack.
    Datagram { to: SocketAddrV4, bytes: Bytes },
    /// Messages wait for this session: take them with
    /// [`Node::transmit_fasttrack`](crate::node::Node::transmit_fasttrack) as it has room. Said when the first
    /// one comes to wait, and not again before all were taken.
    Ready { link: LinkId },
    /// Read nothing more of this session for now.
    Pause { link: LinkId },
    /// Read on.
    Resume { link: LinkId },
    /// Ask the other side whether it is there: [`link::Input::Ping`](crate::fasttrack::link::Input::Ping).
    Ping { link: LinkId },
    /// The other side broke a rule: [`link::Input::Blame`](crate::fasttrack::link::Input::Blame) decides whether
    /// it goes on.
    Blame { link: LinkId, fault: Fault },
    /// Send what waits for this session, then end it:
    /// [`link::Input::Leave`](crate::fasttrack::link::Input::Leave). Nothing that still comes is heard.
    Close { link: LinkId, why: &'static str },
}

/// What happened in FastTrack, for whoever watches.
#[derive(Clone, Debug)]
pub enum Event {
    /// A session is open. What the other side is to us, it has yet to say.
    Opened { link: LinkId, address: SocketAddrV4, is_outgoing: bool },
    /// Now it has.
    Became { link: LinkId, kin: Kin },
    /// A session is gone, or a call of ours has not led to one.
    Closed { link: LinkId, address: SocketAddrV4, ending: Ending },
    /// The files that one supernode has in its index for a search of ours. Names and tags are as they came.
    Hits { search: SearchId, supernode: SocketAddrV4, results: Vec<Found> },
    /// A search is over here: nothing more comes.
    SearchEnded { search: SearchId, results: u32, why: &'static str },
    /// The node has another role here now.
    BecameRole { role: Role, why: String },
    /// What has become of [`Command::Push`]: with which number the other side will say GIVE (FTNODE-11). Hand in
    /// [`Input::PushOver`] once it has.
    PushSent { request: u64, outcome: Result<u32, NoPush> },
    /// Somebody wants us to call it: connect to it, and say GIVE with this number (FTNODE-12). Hand in
    /// [`Input::CalledBack`] once it asks for a file, and where it does not or is not there.
    Pushed { to: SocketAddrV4, number: u32 },
}
