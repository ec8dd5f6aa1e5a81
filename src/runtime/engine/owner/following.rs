use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::Owner;
use crate::base::time::Time;
use crate::node::{LinkId, Output};
use crate::runtime::engine::dial;
use crate::runtime::engine::mailbox::Order;

impl Owner {
    /// Does what the node wants.
    pub(super) fn follow(&mut self, now: Time) {
        while let Some(output) = self.node.poll() {
            match output {
                Output::Ready { link } => self.ready.push(link),
                Output::Decide { link, decision } => {
                    self.order(link, Order::Decide(Box::new(decision)));
                }
                Output::Close { link, code, reason } => {
                    self.deliver(link, now);
                    self.order(link, Order::Bye { code, reason });
                }
                Output::Dial { address } => {
                    self.front.count_call();
                    tokio::spawn(dial::call(address, self.from, Arc::clone(&self.hall)));
                }
                Output::Datagram { to, bytes } => {
                    let sent = self.datagrams.send(&bytes, to);
                    self.count_datagram(to, sent);
                }
                Output::ConnectBack { to } => {
                    tokio::spawn(dial::connect_back(to, self.from));
                }
                Output::FastTrack(output) => self.follow_session(output, now),
                Output::Event(event) => self.tell(&event, now),
            }
        }
    }

    fn order(&self, link: LinkId, order: Order) {
        if let Some(entry) = self.links.get(&link) {
            entry.mailbox.order(order);
        }
    }

    pub(super) fn count_datagram(&mut self, to: SocketAddr, sent: io::Result<usize>) {
        match sent {
            Ok(len) => self.front.count_datagram_sent(len),
            Err(error) => tracing::trace!(%to, %error, "datagram not sent"),
        }
    }
}
