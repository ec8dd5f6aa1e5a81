use super::super::address::{self, Advertise};
use super::{Effect, Flag, FlagKind, Key, Separator, list, or_word};
use crate::gnutella::link::Role;
use crate::node::RolePolicy;

/// The word for what the node finds out by itself.
const AUTO: &str = "auto";

const ROLES: [RolePolicy; 3] =
    [RolePolicy::Auto, RolePolicy::Always(Role::Leaf), RolePolicy::Always(Role::Ultrapeer)];

/// Who calls whom, from where, and as what.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "listen",
        help: "Where to take connections and datagrams; the port 0 picks a free one",
        form: "ADDR:PORT, ADDR, :PORT or PORT, such as \"[::]:6346\" for all addresses",
        flag: Some(Flag {
            long: "listen",
            environment: "FILBERT_LISTEN",
            help: "Take connections and datagrams there: ADDR:PORT, ADDR or PORT; the port 0 picks \
                   a free one [default: [::]:6346]",
            kind: FlagKind::Value("ADDR:PORT"),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.listen = address::local(&reading.text_or_number()?, address::ANYWHERE)?;
            Ok(())
        },
        shown: |settings| settings.listen.to_string().into(),
    },
    Key {
        name: "bind",
        help: "From which address others are called",
        form: "\"auto\", or an address of this machine, such as \"192.0.2.7\"",
        flag: Some(Flag {
            long: "bind",
            environment: "FILBERT_BIND",
            help: "Call others from this address of the machine",
            kind: FlagKind::Value("ADDR"),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            let bind = reading.text_unless(AUTO)?;
            let parse = |text: &str| text.parse().map_err(|_| format!("'{text}' is no address"));
            settings.bind = bind.map(parse).transpose()?;
            Ok(())
        },
        shown: |settings| or_word(settings.bind.as_ref(), AUTO),
    },
    Key {
        name: "advertise",
        help: "Where others are told to call, as behind a router that forwards a port",
        form: "\"auto\", ADDR or ADDR:PORT, such as \"203.0.113.7:6346\"",
        flag: Some(Flag {
            long: "advertise",
            environment: "FILBERT_ADVERTISE",
            help: "Tell others to call there, as behind a router that forwards a port",
            kind: FlagKind::Value("ADDR[:PORT]"),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.advertise = reading.text_unless(AUTO)?.map(str::parse).transpose()?;
            Ok(())
        },
        shown: |settings| or_word::<Advertise>(settings.advertise.as_ref(), AUTO),
    },
    Key {
        name: "role",
        help: "What to be; \"auto\" is a leaf that becomes an ultrapeer when it has earned it",
        form: "\"auto\", \"leaf\" or \"ultrapeer\"",
        flag: Some(Flag {
            long: "role",
            environment: "FILBERT_ROLE",
            help: "Be this; 'auto' is a leaf that becomes an ultrapeer when it has earned it \
                   [default: auto]",
            kind: FlagKind::Choice("ROLE", &[AUTO, "leaf", "ultrapeer"]),
        }),
        effect: Effect::Reload,
        set: |settings, reading| {
            let text = reading.text()?;
            let role = ROLES.into_iter().find(|role| role.as_str() == text);
            settings.role = role.ok_or_else(|| format!("'{text}' is no role"))?;
            Ok(())
        },
        shown: |settings| settings.role.as_str().into(),
    },
    Key {
        name: "connect",
        help: "Hosts to connect to, whatever the host cache says",
        form: "a list of HOST:PORT or HOST, such as [\"host.example:6346\", \
               \"[2001:db8::1]:6346\"]",
        flag: Some(Flag {
            long: "connect",
            environment: "FILBERT_CONNECT",
            help: "Connect to this host, whatever the host cache says; may be given several times",
            kind: FlagKind::List("HOST:PORT", Separator::Comma),
        }),
        effect: Effect::Reload,
        set: |settings, reading| {
            let hosts = reading.texts()?.into_iter().map(str::parse);
            settings.connect = hosts.collect::<Result<_, _>>()?;
            Ok(())
        },
        shown: |settings| list(&settings.connect),
    },
    Key {
        name: "allow_private",
        help: "Whether hosts in private networks, and of this machine, are as good as others; for \
               laboratories, where limits for hosts of one network do not hold either",
        form: "true or false",
        flag: Some(Flag {
            long: "allow-private",
            environment: "FILBERT_ALLOW_PRIVATE",
            help: "Take hosts in private networks, and of this machine, for as good as others",
            kind: FlagKind::Switch(true),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.allow_private = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.allow_private.into(),
    },
    Key {
        name: "multicast",
        help: "Whether hosts are sought in the local network by multicast",
        form: "true or false",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.multicast = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.multicast.into(),
    },
    Key {
        name: "tls",
        help: "Whether connections are encrypted with those who can do it; nobody proves who he is",
        form: "true or false",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.tls = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.tls.into(),
    },
    Key {
        name: "port_mapping",
        help: "Whether the router is asked for a port, by UPnP, NAT-PMP or PCP",
        form: "true or false",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.port_mapping = reading.switch()?;
            Ok(())
        },
        shown: |settings| settings.port_mapping.into(),
    },
];
