//! Those who are to call us, and those who want to be called.

use std::fmt;
use std::net::SocketAddr;

use super::service::Service;
use crate::base::limits::CALLED_PORT_MIN;
use crate::fasttrack::http::Give;
use crate::fasttrack::peer::{self, NoPush, PushTarget};
use crate::gnutella::http::{Giv, HeaderText};
use crate::gnutella::push_proxy::Callback;
use crate::gnutella::wire::Push;
use crate::node::{Command, Network, fasttrack};
use crate::runtime::downloads::KazaaPush;
use crate::runtime::uploads::{Door, nobody_was_there};

/// Whom a push wanted us to call, in which network, and what became of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called {
    to: SocketAddr,
    network: Network,
    how: Callback,
}

impl Service {
    /// Somebody who cannot be reached by the one who wants a file is asked to call it: we are.
    pub(super) fn answer_push(&self, push: &Push) {
        if push.port >= CALLED_PORT_MIN {
            let to = SocketAddr::new(push.address.into(), push.port);
            let name = HeaderText::default();
            let giv = Giv { index: push.index, servent: push.servent, name };
            self.call_out(Network::Gnutella, to, giv);
        }
    }

    /// What has become of pushes of FastTrack, and what others want of us by them.
    pub(super) fn hear_of_fasttrack(&self, event: &fasttrack::Event) {
        match event {
            fasttrack::Event::PushSent { request, outcome } => {
                if let Err(why) = outcome {
                    tracing::debug!(?why, "a node of FastTrack is not asked to call us");
                }
                self.downloads.kazaa_push_sent(*request, *outcome);
            }
            // FTNODE-12
            fasttrack::Event::Pushed { to, number } => {
                self.call_out(Network::FastTrack, (*to).into(), Give { push: *number });
            }
            _ => {}
        }
    }

    /// Has a node of FastTrack call us, if anybody knows its supernode (FTNODE-11).
    pub(super) async fn push_kazaa(&mut self, push: KazaaPush) {
        let (request, address, host) = match push {
            KazaaPush::Ask { request, address, host } => (request, address, host),
            KazaaPush::Over { number } => return self.engine.push_over(number).await,
        };
        let (SocketAddr::V4(address), Some(supernode)) = (address, host.supernode) else {
            return self.downloads.kazaa_push_sent(request, Err(NoPush::NotCallable));
        };
        let target = PushTarget { address, supernode, user: host.user.into() };
        let command = fasttrack::Command::Push { request, target };
        self.engine.command(Command::FastTrack(command)).await;
    }

    /// Whoever has called us because of a push may come faster than the news that it was sent.
    pub(super) fn hear_waiting(&mut self) {
        while let Ok(event) = self.outlets.events.try_recv() {
            self.hear(event);
        }
    }

    pub(super) async fn was_called(&self, Called { to, network, how }: Called) {
        match (network, to) {
            (Network::Gnutella, _) => self.engine.callback_ended(to, how).await,
            (Network::FastTrack, SocketAddr::V4(to)) => {
                let how = match how {
                    Callback::Asked => peer::Callback::Asked,
                    Callback::Silent => peer::Callback::Silent,
                    Callback::Absent => peer::Callback::Absent,
                };
                self.engine.give_ended(to, how).await;
            }
            (Network::FastTrack, SocketAddr::V6(_)) => {}
        }
    }

    fn call_out(
        &self,
        network: Network,
        to: SocketAddr,
        line: impl fmt::Display + Send + Sync + 'static,
    ) {
        let (door, called) = (self.uploading.uploads.door(), self.called.0.clone());
        tokio::spawn(async move {
            if let Some(how) = call(&door, to, line).await {
                // A node that has ended calls nobody.
                let _ = called.send(Called { to, network, how }).await;
            }
        });
    }
}

/// Calls somebody with this line. None where what became of it says nothing of the host.
async fn call(door: &Door, to: SocketAddr, line: impl fmt::Display) -> Option<Callback> {
    match door.call(to, line).await {
        Ok(outcome) => match outcome.has_asked().await? {
            true => Some(Callback::Asked),
            false => Some(Callback::Silent),
        },
        Err(error) if nobody_was_there(&error) => {
            tracing::debug!(%to, %error, "somebody who wanted to be called was not there");
            Some(Callback::Absent)
        }
        Err(error) => {
            tracing::debug!(%to, %error, "somebody who wanted to be called was not");
            None
        }
    }
}
