use super::{Effect, Flag, FlagKind, Key, Separator, list};
use crate::node::fasttrack::RolePolicy;
use crate::promotion::Role;

const ROLES: [RolePolicy; 3] =
    [RolePolicy::Auto, RolePolicy::Always(Role::Leaf), RolePolicy::Always(Role::Supernode)];

/// The part that the node has in FastTrack.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "fasttrack.listen",
        help: "Where to take sessions of FastTrack, the network of Kazaa; \"on\" takes them on the port of \
               Gnutella. Files are read for another hash then, so it is off unless somebody wants it",
        form: "\"off\", \"on\", or ADDR:PORT, ADDR, :PORT or PORT",
        flag: Some(Flag {
            long: "fasttrack",
            environment: "FILBERT_FASTTRACK",
            help: "Speak FastTrack too, and take its sessions there: ADDR:PORT, ADDR or PORT, or 'on' for the port \
                   of --listen [default: off]",
            kind: FlagKind::Value("ADDR:PORT|on|off"),
        }),
        effect: Effect::Restart,
        set: |settings, reading| {
            settings.fasttrack.listen = reading.text_or_number()?.parse()?;
            Ok(())
        },
        shown: |settings| settings.fasttrack.listen.to_string().into(),
    },
    Key {
        name: "fasttrack.role",
        help: "What to be in FastTrack; \"auto\" is an ordinary node that becomes a supernode when it has earned it",
        form: "\"auto\", \"ordinary\" or \"supernode\"",
        flag: Some(Flag {
            long: "fasttrack-role",
            environment: "FILBERT_FASTTRACK_ROLE",
            help: "Be this in FastTrack; 'auto' is an ordinary node that becomes a supernode when it has earned it \
                   [default: auto]",
            kind: FlagKind::Choice("ROLE", &["auto", "ordinary", "supernode"]),
        }),
        effect: Effect::Reload,
        set: |settings, reading| {
            let text = reading.text()?;
            let role = ROLES.into_iter().find(|role| role.as_str() == text);
            settings.fasttrack.role = role.ok_or_else(|| format!("'{text}' is no role"))?;
            Ok(())
        },
        shown: |settings| settings.fasttrack.role.as_str().into(),
    },
    Key {
        name: "fasttrack.connect",
        help: "Supernodes of FastTrack to open sessions with, whatever is known of them",
        form: "a list of HOST:PORT, such as [\"host.example:1214\"]",
        flag: Some(Flag {
            long: "fasttrack-connect",
            environment: "FILBERT_FASTTRACK_CONNECT",
            help: "Open a session with this supernode of FastTrack; may be given several times",
            kind: FlagKind::List("HOST:PORT", Separator::Comma),
        }),
        effect: Effect::Reload,
        set: |settings, reading| {
            let hosts = reading.texts()?.into_iter().map(str::parse);
            settings.fasttrack.connect = hosts.collect::<Result<_, _>>()?;
            Ok(())
        },
        shown: |settings| list(&settings.fasttrack.connect),
    },
];
