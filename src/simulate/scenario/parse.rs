use thiserror::Error;

use super::{AttackerPlan, FaultPlan, NetworkPlan, Scenario};
use crate::simulate::scale::Thousandths;

/// More would not fit into the memory of the machines of today.
const NODES_MAX: u32 = 1_000_000;

/// Why a scenario cannot be played, in one sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}{what}")]
pub struct ScenarioError {
    /// File and line, with a colon behind them; nothing where there are none.
    place: String,
    what: String,
}

impl Scenario {
    /// Reads a scenario; `name` stands in the error.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScenarioError> {
        let refuse = |line: String, what| ScenarioError { place: format!("{name}{line}: "), what };
        let scenario: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(String::new(), |span| {
                let before = text.get(..span.start).unwrap_or_default();
                format!(", line {}", before.matches('\n').count().saturating_add(1))
            });
            refuse(line, advice(error.message()))
        })?;
        scenario.check().map_err(|what| refuse(String::new(), what))?;
        Ok(scenario)
    }

    /// The same with another number of nodes.
    pub fn with_nodes(self, nodes: u32) -> Result<Self, ScenarioError> {
        let scenario = Self { nodes, ..self };
        let refuse = |what| ScenarioError { place: String::new(), what };
        scenario.check().map_err(refuse)?;
        Ok(scenario)
    }

    /// What the types do not hold.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(2..=NODES_MAX).contains(&self.nodes) {
            return Err(format!("{} nodes; take 2 to {NODES_MAX}", self.nodes));
        }
        if self.warm_up_s >= self.duration_s {
            return Err("the warm-up takes all the time; make duration_s longer".to_owned());
        }
        if self.files.is_none() && self.searches.is_some() {
            return Err("there are [searches] and nothing to find; add [files]".to_owned());
        }
        if self.node.ttl == 0 {
            return Err("[node] ttl is 0, with which nothing is sent; take 1 or more".to_owned());
        }
        if self.node.network == NetworkPlan::Fasttrack && !self.topology.is_open() {
            return Err(
                "nodes of FastTrack find each other; take [topology] kind = \"open\"".to_owned()
            );
        }
        self.latency.check()?;
        for (what, share) in self.shares() {
            if share > Thousandths::ONE {
                return Err(format!("{what} is over 1, which is all; take a part of 1"));
            }
        }
        Ok(())
    }

    /// Everything that is a part of something.
    fn shares(&self) -> Vec<(&'static str, Thousandths)> {
        let mut shares = vec![
            ("[links] datagram_loss", self.links.datagram_loss),
            ("[links] half_open", self.links.half_open),
        ];
        shares.extend(self.class.iter().map(|class| ("[[class]] nat", class.nat)));
        if let Some(files) = &self.files {
            shares.push(("[files] free_riders", files.free_riders));
            shares.push(("[files] givers", files.givers));
            shares.push(("[files] given", files.given));
        }
        shares.extend(self.churn.iter().map(|churn| ("[churn] crashes", churn.crashes)));
        shares.extend(self.crowd.iter().map(|crowd| ("[crowd] share", crowd.share)));
        shares.extend(self.fault.iter().map(|fault| ("[[fault]] share", fault.share())));
        shares.extend(self.attacker.iter().map(|plan| ("[[attacker]] share", plan.share())));
        shares
    }
}

impl FaultPlan {
    /// What part of the nodes, or of the connections, it strikes.
    pub const fn share(&self) -> Thousandths {
        match self {
            Self::Partition { share, .. }
            | Self::Crash { share, .. }
            | Self::SlowReaders { share, .. }
            | Self::HalfOpen { share, .. }
            | Self::Resets { share, .. } => *share,
        }
    }

    /// When it strikes, in seconds after the warm-up.
    pub const fn at_s(&self) -> u32 {
        match self {
            Self::Partition { at_s, .. }
            | Self::Crash { at_s, .. }
            | Self::SlowReaders { at_s, .. }
            | Self::HalfOpen { at_s, .. }
            | Self::Resets { at_s, .. } => *at_s,
        }
    }
}

impl AttackerPlan {
    /// What part of all nodes they are.
    pub const fn share(&self) -> Thousandths {
        match self {
            Self::QueryFlood { share, .. }
            | Self::InflatedTtl { share, .. }
            | Self::Echoes { share }
            | Self::PoisonedPongs { share, .. }
            | Self::ForgedHits { share, .. }
            | Self::CapacityLiars { share, .. } => *share,
        }
    }
}

/// Says of a mistake what to do about it.
fn advice(message: &str) -> String {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if message.starts_with("unknown field") {
        return format!("{message}; remove it, or spell it as one of these");
    }
    if message.starts_with("unknown variant") {
        return format!("{message}; take one of these");
    }
    if message.starts_with("missing field") {
        return format!("{message}; add it");
    }
    format!("{message}; correct it")
}
