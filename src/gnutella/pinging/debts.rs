use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::base::addresses::Network;
use crate::base::limits::{DATAGRAM_DEBT_LIFE_MS, DATAGRAM_DEBT_MAX};
use crate::base::time::Time;

/// Bytes that went to each network beyond those that came from there. Whoever forges addresses there has
/// had us send them, and has to pay for them before more go there (UDP-33).
///
/// Every debt is owed to an answer, of which there are so many in a minute: that bounds the table.
#[derive(Debug, Default)]
pub(super) struct Debts {
    networks: BTreeMap<Network, Debt>,
    tidied: Time,
}

#[derive(Clone, Copy, Debug)]
struct Debt {
    len: usize,
    /// When something went there or came from there last.
    touched: Time,
}

impl Debt {
    fn is_over(&self, now: Time) -> bool {
        self.len == 0 || now >= self.touched.after_ms(DATAGRAM_DEBT_LIFE_MS)
    }
}

impl Debts {
    /// How many bytes may go to this address, from which so many have come now.
    pub(super) fn credit(&self, ip: IpAddr, received_len: usize, now: Time) -> usize {
        let debt = self.networks.get(&Network::around(ip)).filter(|debt| !debt.is_over(now));
        let owed = debt.map_or(0, |debt| debt.len);
        DATAGRAM_DEBT_MAX.saturating_add(received_len).saturating_sub(owed)
    }

    /// Bytes came from this address that get no answer.
    pub(super) fn pay(&mut self, ip: IpAddr, received_len: usize, now: Time) {
        let network = Network::around(ip);
        let Some(debt) = self.networks.get_mut(&network) else { return };
        debt.len = debt.len.saturating_sub(received_len);
        if debt.is_over(now) {
            self.networks.remove(&network);
        } else {
            debt.touched = now;
        }
    }

    /// So many bytes go to this address, in answer to so many. None go there where the answer is too long.
    pub(super) fn owe(&mut self, ip: IpAddr, sent_len: usize, received_len: usize, now: Time) {
        self.tidy(now);
        let network = Network::around(ip);
        let debt = self.networks.entry(network).or_insert(Debt { len: 0, touched: now });
        let before = if debt.is_over(now) { 0 } else { debt.len };
        let len = before.saturating_add(sent_len).saturating_sub(received_len);
        *debt = Debt { len, touched: now };
        if len == 0 {
            self.networks.remove(&network);
        }
    }

    /// Now and then, for it takes a while where there are many.
    fn tidy(&mut self, now: Time) {
        if now >= self.tidied.after_ms(DATAGRAM_DEBT_LIFE_MS) {
            self.networks.retain(|_, debt| !debt.is_over(now));
            self.tidied = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(5, 5, 5, 5));
    const NEXT_DOOR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(5, 5, 5, 6));
    const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(5, 5, 6, 5));

    /// UDP-33
    #[test]
    fn a_network_may_owe_so_much_and_not_a_byte_more() {
        let (mut debts, now) = (Debts::default(), Time::ZERO);
        assert_eq!(debts.credit(HERE, 23, now), DATAGRAM_DEBT_MAX + 23);
        debts.owe(HERE, DATAGRAM_DEBT_MAX + 23, 23, now);
        assert_eq!([HERE, NEXT_DOOR].map(|ip| debts.credit(ip, 23, now)), [23; 2]);
        assert_eq!(debts.credit(ELSEWHERE, 23, now), DATAGRAM_DEBT_MAX + 23);
        debts.pay(NEXT_DOOR, 100, now);
        assert_eq!(debts.credit(HERE, 23, now), 123);
    }

    #[test]
    fn a_debt_is_forgotten_after_a_while_without_pings() {
        let (mut debts, now) = (Debts::default(), Time::ZERO);
        debts.owe(HERE, 100, 0, now);
        let late = now.after_ms(DATAGRAM_DEBT_LIFE_MS);
        let just_before = now.after_ms(DATAGRAM_DEBT_LIFE_MS - 1);
        assert_eq!(debts.credit(HERE, 0, just_before), DATAGRAM_DEBT_MAX - 100);
        assert_eq!(debts.credit(HERE, 0, late), DATAGRAM_DEBT_MAX);
        debts.owe(ELSEWHERE, 1, 0, late);
        assert_eq!(debts.networks.len(), 1);
    }
}
