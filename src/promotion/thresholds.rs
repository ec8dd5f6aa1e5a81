use std::time::Duration;

/// All figures of the policy. [`gtk_gnutella`](Self::gtk_gnutella), [`limewire`](Self::limewire),
/// [`filbert`](Self::filbert) and [`laboratory`](Self::laboratory) are sets that go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// What the set is called, for people.
    pub name: &'static str,
    pub uptime: UptimeThresholds,
    pub reach: ReachThresholds,
    pub bandwidth: BandwidthThresholds,
    pub host: HostThresholds,
    pub need: NeedThresholds,
    pub switch: SwitchThresholds,
    pub guidance: GuidanceThresholds,
    pub slots: SlotThresholds,
}

/// For how long a node must have been there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UptimeThresholds {
    /// The present run.
    pub run_min: Duration,
    /// The average run.
    pub average_min: Duration,
    pub rule: UptimeRule,
    pub averaging: Averaging,
    /// The average time for which the address stays the same; nothing where that does not matter.
    pub address_average_min: Duration,
}

/// How the present and the average run go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UptimeRule {
    /// Both must be long enough.
    Both,
    /// A long average will do, once the present run has this length.
    Either { run_min_if_average: Duration },
}

/// How runs are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Averaging {
    /// The last run counts a quarter, all that came before three quarters; the first starts from zero.
    Decaying,
    /// Every run counts the same.
    Mean,
}

/// Who must be able to reach a node, and for how long that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachThresholds {
    pub udp_needed: bool,
    /// The address under which others see the node must be a public one.
    pub public_needed: bool,
    /// For how long a proof holds that is not renewed; for ever where there is none.
    pub proof_life: Option<Duration>,
    /// So many requests to connect back in a row that lead to nothing void the proof. Zero: never.
    pub misses_max: u8,
}

/// What the line must carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandwidthThresholds {
    /// Bytes a second upwards.
    pub upload_min: u64,
    /// Bytes a second downwards that will do as well; none where they do not.
    pub download_min: Option<u64>,
    pub claims: Claims,
    /// A supernode goes on down to this part of `upload_min`, in hundredths.
    pub keep_percent: u8,
    /// The length of one measurement.
    pub window: Duration,
    /// In so many of the last eight windows a rate must have been reached to count as proven.
    pub windows_needed: u8,
    /// After this time without a new proof, a proven rate counts half.
    pub proof_half_life: Duration,
    /// For so long an upload that stalled tells against the line; nothing where it does not matter.
    pub stall_life: Duration,
    /// What the overlay may use of the line, in hundredths.
    pub share_percent: u8,
    /// Bytes a second that a link to a supernode takes upwards.
    pub supernode_cost: u64,
    /// Bytes a second that a leaf takes upwards.
    pub leaf_cost: u64,
}

/// What a promise of bandwidth is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claims {
    /// As much as a measurement, and without one nothing is asked for.
    Believed,
    /// Nothing at all.
    Ignored,
    /// A trial with few leaf slots, last in the queue, once until measurement has refuted it.
    Trial,
}

/// What the machine must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostThresholds {
    /// Files and sockets that are kept free beyond all neighbours.
    pub descriptors_reserve: u64,
    /// Bytes of memory that a leaf may come to take.
    pub leaf_memory: u64,
    /// Bytes that may wait to be sent to one neighbour.
    pub queue_memory: u64,
    /// What the overlay may take of the memory, in hundredths.
    pub memory_percent: u8,
    /// How busy the processors may be for a leaf to become a supernode, in thousandths.
    pub busy_permille_max: u16,
    /// Above this a supernode is overloaded.
    pub overload_permille: u16,
}

/// When more supernodes are wanted, in thousandths of those that were heard of and have no room.
///
/// A strong node comes in earlier than a weak one, and a weak one steps down earlier than a strong
/// one: so the strong take the place of the weak although nobody says how strong he is. Strength
/// counts in doublings of what is demanded of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedThresholds {
    /// Whether need counts at all. Where it does not, every capable node becomes a supernode.
    pub counts: bool,
    /// From so many full ones on, the weakest are needed.
    pub needed_permille: u16,
    /// So many fewer will do for each doubling of strength ...
    pub needed_step: u16,
    /// ... down to this.
    pub needed_least: u16,
    /// Once there is need, it goes on down to this part of it, in hundredths.
    pub content_percent: u8,
    /// Down to so many full ones, the weakest are too many.
    pub surplus_permille: u16,
    /// So many fewer for each doubling of strength.
    pub surplus_step: u16,
    /// After so many doublings, a supernode is never too many while it has leaves.
    pub strong_doublings: u32,
    /// For how long a voice counts.
    pub memory: Duration,
    /// A leaf without a supernode for so long concludes that there are too few.
    pub orphan_after: Duration,
    /// How long the weakest capable node waits while there is need; twice as strong, half as long.
    pub delay_max: Duration,
    /// How long the strongest waits.
    pub delay_min: Duration,
    /// To that each adds a random time up to this, or up to its delay where that is longer: long
    /// against the time in which it becomes known that somebody was promoted.
    pub spread: Duration,
}

/// How long a node stays what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwitchThresholds {
    /// A supernode stays one for so long.
    pub supernode_stay_min: Duration,
    /// The same where it cannot be reached or memory has run short.
    pub urgent_stay_min: Duration,
    /// A leaf stays one for so long after its first demotion.
    pub leaf_stay_min: Duration,
    /// Every demotion doubles that, up to this.
    pub leaf_stay_max: Duration,
    /// A demotion because nobody reaches the node doubles it too.
    pub unreached_doubles: bool,
    /// Whether a supernode is still tested for what it had to be when it became one.
    pub retests: bool,
    /// What ends a supernode must have lasted for so long.
    pub trouble_min: Duration,
    /// Up to so many hundredths are added to the longer times, so that not all act at once.
    pub jitter_percent: u8,
    /// A supernode that has stayed one for so long has its doublings forgotten; none: never.
    pub forget_after: Option<Duration>,
    /// A supernode without a leaf for so long is useless; none: that does not matter.
    pub no_leaves_max: Option<Duration>,
    /// A supernode that is overloaded for so long gives up; none: that does not matter.
    pub overload_max: Option<Duration>,
    /// A supernode that is one too many gives up after so long; none: never.
    pub surplus_max: Option<Duration>,
    /// A strong supernode bears being without leaves, or one too many, for up to so many times as long
    /// as a weak one.
    pub patience_max: u32,
    /// Leaves below which a strong supernode has few.
    pub few_leaves: u32,
    /// Only an idle node is promoted: its user has not searched for so long.
    pub idle_min: Duration,
    /// Only an idle node is promoted: it sends less than this a second; none: that does not matter.
    pub idle_upload_max: Option<u64>,
}

/// Whether a supernode becomes a leaf because others say that supernodes are not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuidanceThresholds {
    /// Only towards a supernode that has been running for longer.
    pub longer_running: bool,
    /// Only with no neighbour at all; else with no leaf.
    pub unconnected: bool,
    /// So many supernodes, each of another network, must have said so within the memory of need.
    pub voices: u8,
    /// So many times that it was promoted, it lets such words pass each time; LimeWire: 4.
    pub patience: u8,
}

/// How many neighbours of which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotThresholds {
    /// Leaves of a supernode.
    pub leaves_max: u32,
    /// Leaves of a supernode on trial, and of any while little is proven.
    pub leaves_least: u32,
    /// Links between supernodes that are sought.
    pub supernodes_target: u32,
    /// Links between supernodes that are allowed.
    pub supernodes_max: u32,
    /// Of these, so many hundredths may have been opened by the other side.
    pub incoming_percent: u8,
    /// Supernodes of a leaf that are sought.
    pub leaf_supernodes_target: u32,
    /// Supernodes of a leaf that are allowed.
    pub leaf_supernodes_max: u32,
    /// Up to so many hundredths of these slots, a supernode is taken that lacks something.
    pub poor_percent: u8,
    /// Leaf slots that are kept for nodes that come as leaves, in hundredths.
    pub true_leaves_percent: u8,
    /// Beyond the leaf slots, so many hundredths of them for leaves that come again, and one at least;
    /// none where this is zero.
    pub come_again_percent: u8,
    /// Supernodes from one /24 or /48.
    pub supernodes_per_network: u32,
    /// Leaves from one /24 or /48.
    pub leaves_per_network: u32,
    /// A leaf is not dropped for another one before this.
    pub leaf_grace: Duration,
    /// A supernode is not dropped for another one before this.
    pub supernode_grace: Duration,
}
