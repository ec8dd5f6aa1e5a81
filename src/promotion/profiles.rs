use std::time::Duration;

use super::thresholds::{
    Averaging, BandwidthThresholds, Claims, GuidanceThresholds, HostThresholds, NeedThresholds,
    ReachThresholds, SlotThresholds, SwitchThresholds, Thresholds, UptimeRule, UptimeThresholds,
};

const NO_TIME: Duration = Duration::ZERO;
const DAY: Duration = hours(24);

impl Thresholds {
    /// gtk-gnutella 1.3: whoever is capable becomes a supernode; bandwidth is what was configured.
    pub const fn gtk_gnutella() -> Self {
        Self {
            name: "gtk-gnutella",
            uptime: UptimeThresholds {
                // More than 3,600 whole seconds.
                run_min: seconds(3_601),
                average_min: hours(3),
                rule: UptimeRule::Both,
                averaging: Averaging::Decaying,
                address_average_min: hours(3),
            },
            reach: ReachThresholds {
                udp_needed: true,
                public_needed: true,
                proof_life: Some(minutes(30)),
                misses_max: 0,
            },
            bandwidth: BandwidthThresholds {
                // 50 links at 128 and 300 leaves at 32 bytes a second.
                upload_min: 16_000,
                download_min: None,
                claims: Claims::Believed,
                keep_percent: 100,
                window: minutes(1),
                windows_needed: 3,
                proof_half_life: DAY,
                stall_life: hours(6),
                share_percent: 100,
                supernode_cost: 128,
                leaf_cost: 32,
            },
            host: HostThresholds {
                descriptors_reserve: 10,
                leaf_memory: 256 * 1024,
                queue_memory: 96 * 1024,
                memory_percent: 75,
                busy_permille_max: 1_000,
                overload_permille: 1_000,
            },
            need: NO_NEED,
            switch: SwitchThresholds {
                supernode_stay_min: seconds(1_801),
                urgent_stay_min: NO_TIME,
                leaf_stay_min: seconds(3_600),
                leaf_stay_max: seconds(61_200),
                unreached_doubles: false,
                retests: true,
                trouble_min: NO_TIME,
                jitter_percent: 0,
                forget_after: None,
                no_leaves_max: Some(seconds(3_601)),
                overload_max: None,
                surplus_max: None,
                patience_max: 1,
                few_leaves: 0,
                idle_min: NO_TIME,
                idle_upload_max: None,
            },
            guidance: GuidanceThresholds {
                longer_running: true,
                unconnected: false,
                voices: 1,
                patience: 0,
            },
            slots: SlotThresholds {
                leaves_max: 300,
                leaves_least: 300,
                supernodes_target: 42,
                supernodes_max: 50,
                incoming_percent: 100,
                leaf_supernodes_target: 4,
                leaf_supernodes_max: 4,
                poor_percent: 100,
                true_leaves_percent: 0,
                come_again_percent: 0,
                supernodes_per_network: u32::MAX,
                leaves_per_network: u32::MAX,
                leaf_grace: minutes(5),
                supernode_grace: minutes(10),
            },
        }
    }

    /// LimeWire 5: measured bandwidth, and only while the user does nothing else.
    pub const fn limewire() -> Self {
        let base = Self::gtk_gnutella();
        Self {
            name: "LimeWire",
            uptime: UptimeThresholds {
                run_min: hours(2),
                average_min: hours(1),
                rule: UptimeRule::Either { run_min_if_average: NO_TIME },
                averaging: Averaging::Mean,
                address_average_min: NO_TIME,
            },
            reach: ReachThresholds {
                udp_needed: true,
                public_needed: true,
                proof_life: None,
                misses_max: 0,
            },
            bandwidth: BandwidthThresholds {
                upload_min: 10_000,
                download_min: Some(20_000),
                claims: Claims::Ignored,
                keep_percent: 0,
                window: seconds(10),
                windows_needed: 1,
                proof_half_life: Duration::MAX,
                stall_life: NO_TIME,
                ..base.bandwidth
            },
            host: HostThresholds {
                descriptors_reserve: 0,
                leaf_memory: 0,
                queue_memory: 0,
                ..base.host
            },
            need: NO_NEED,
            switch: SwitchThresholds {
                supernode_stay_min: NO_TIME,
                urgent_stay_min: NO_TIME,
                leaf_stay_min: hours(3),
                leaf_stay_max: hours(3),
                retests: false,
                no_leaves_max: None,
                idle_min: minutes(5),
                idle_upload_max: Some(1_000),
                ..base.switch
            },
            guidance: GuidanceThresholds {
                longer_running: false,
                unconnected: true,
                voices: 1,
                patience: 4,
            },
            slots: SlotThresholds {
                leaves_max: 40,
                leaves_least: 40,
                supernodes_target: 27,
                supernodes_max: 32,
                leaf_supernodes_target: 3,
                leaf_supernodes_max: 5,
                poor_percent: 10,
                true_leaves_percent: 10,
                come_again_percent: 0,
                ..base.slots
            },
        }
    }

    /// Ours, and the default.
    pub const fn filbert() -> Self {
        Self {
            name: "Filbert",
            uptime: UptimeThresholds {
                run_min: hours(1),
                average_min: hours(3),
                rule: UptimeRule::Either { run_min_if_average: minutes(10) },
                averaging: Averaging::Decaying,
                address_average_min: NO_TIME,
            },
            reach: ReachThresholds {
                udp_needed: true,
                public_needed: true,
                proof_life: Some(minutes(30)),
                misses_max: 3,
            },
            bandwidth: BandwidthThresholds {
                upload_min: 20_000,
                download_min: None,
                claims: Claims::Trial,
                keep_percent: 75,
                window: minutes(1),
                windows_needed: 3,
                proof_half_life: hours(7 * 24),
                stall_life: minutes(30),
                share_percent: 50,
                supernode_cost: 256,
                leaf_cost: 64,
            },
            host: HostThresholds {
                descriptors_reserve: 64,
                leaf_memory: 32 * 1024,
                queue_memory: 96 * 1024,
                memory_percent: 50,
                busy_permille_max: 700,
                overload_permille: 900,
            },
            need: NeedThresholds {
                counts: true,
                needed_permille: 700,
                needed_step: 120,
                needed_least: 100,
                content_percent: 70,
                surplus_permille: 300,
                surplus_step: 50,
                strong_doublings: 4,
                memory: minutes(10),
                orphan_after: minutes(1),
                delay_max: minutes(20),
                delay_min: seconds(30),
                spread: minutes(2),
            },
            switch: SwitchThresholds {
                supernode_stay_min: minutes(5),
                urgent_stay_min: minutes(5),
                leaf_stay_min: minutes(30),
                leaf_stay_max: hours(17),
                unreached_doubles: true,
                retests: true,
                trouble_min: minutes(1),
                jitter_percent: 25,
                forget_after: Some(DAY),
                no_leaves_max: Some(hours(1)),
                overload_max: Some(minutes(5)),
                surplus_max: Some(minutes(30)),
                patience_max: 4,
                few_leaves: 5,
                idle_min: NO_TIME,
                idle_upload_max: None,
            },
            guidance: GuidanceThresholds {
                longer_running: true,
                unconnected: false,
                voices: 3,
                patience: 0,
            },
            slots: SlotThresholds {
                leaves_max: 300,
                leaves_least: 10,
                supernodes_target: 32,
                supernodes_max: 40,
                incoming_percent: 60,
                leaf_supernodes_target: 3,
                leaf_supernodes_max: 4,
                poor_percent: 50,
                true_leaves_percent: 10,
                come_again_percent: 20,
                supernodes_per_network: 2,
                leaves_per_network: 15,
                leaf_grace: minutes(5),
                supernode_grace: minutes(5),
            },
        }
    }

    /// Ours with the times of a laboratory: what takes an hour outside takes about a minute here, and
    /// any address is good enough.
    pub const fn laboratory() -> Self {
        let base = Self::filbert();
        Self {
            name: "laboratory",
            uptime: UptimeThresholds {
                run_min: seconds(60),
                average_min: seconds(180),
                rule: UptimeRule::Either { run_min_if_average: seconds(10) },
                ..base.uptime
            },
            reach: ReachThresholds { public_needed: false, ..base.reach },
            bandwidth: BandwidthThresholds {
                window: seconds(2),
                proof_half_life: hours(3),
                stall_life: seconds(30),
                ..base.bandwidth
            },
            need: NeedThresholds {
                memory: seconds(30),
                orphan_after: seconds(5),
                delay_max: seconds(20),
                delay_min: Duration::from_millis(500),
                spread: seconds(2),
                ..base.need
            },
            switch: SwitchThresholds {
                supernode_stay_min: seconds(15),
                urgent_stay_min: seconds(15),
                leaf_stay_min: seconds(30),
                leaf_stay_max: minutes(17),
                trouble_min: seconds(2),
                forget_after: Some(minutes(24)),
                no_leaves_max: Some(seconds(60)),
                overload_max: Some(seconds(15)),
                surplus_max: Some(seconds(30)),
                ..base.switch
            },
            slots: SlotThresholds {
                leaf_grace: seconds(5),
                supernode_grace: seconds(5),
                ..base.slots
            },
            ..base
        }
    }
}

const NO_NEED: NeedThresholds = NeedThresholds {
    counts: false,
    needed_permille: 1_000,
    needed_step: 0,
    needed_least: 1_000,
    content_percent: 100,
    surplus_permille: 0,
    surplus_step: 0,
    strong_doublings: 0,
    memory: minutes(10),
    orphan_after: minutes(1),
    delay_max: NO_TIME,
    delay_min: NO_TIME,
    spread: NO_TIME,
};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const fn minutes(count: u64) -> Duration {
    seconds(count.saturating_mul(60))
}

const fn hours(count: u64) -> Duration {
    minutes(count.saturating_mul(60))
}
