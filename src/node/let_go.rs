use std::net::SocketAddr;

use crate::base::limits::LET_GO_MAX;

/// Hosts with which the user has ended links: they are not called, until the user wants them again.
#[derive(Debug, Default)]
pub(super) struct LetGo(Vec<SocketAddr>);

impl LetGo {
    /// The user has ended a link with this one.
    pub(super) fn add(&mut self, host: SocketAddr) {
        if self.has(host) {
            return;
        }
        if self.0.len() >= LET_GO_MAX {
            self.0.remove(0);
        }
        self.0.push(host);
    }

    /// The user wants this one again.
    pub(super) fn take_back(&mut self, host: SocketAddr) {
        self.0.retain(|other| *other != host);
    }

    pub(super) fn has(&self, host: SocketAddr) -> bool {
        self.0.contains(&host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(number: usize) -> SocketAddr {
        SocketAddr::from(([203, 0, 113, 7], u16::try_from(number).unwrap()))
    }

    #[test]
    fn so_many_are_let_go_and_one_more_takes_the_place_of_the_first() {
        let mut let_go = LetGo::default();
        (1..=LET_GO_MAX).for_each(|number| let_go.add(host(number)));
        let_go.add(host(2));
        assert!((1..=LET_GO_MAX).all(|number| let_go.has(host(number))));
        let_go.add(host(LET_GO_MAX + 1));
        assert!(!let_go.has(host(1)) && let_go.has(host(2)) && let_go.has(host(LET_GO_MAX + 1)));
        let_go.take_back(host(2));
        assert!(!let_go.has(host(2)) && let_go.has(host(3)));
    }
}
