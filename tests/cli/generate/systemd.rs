use std::fs;
use std::path::Path;
use std::process::Command;

use crate::scratch::{folder, printed};

#[test]
fn units_start_reload_and_watch_this_program() {
    let home = folder("units");
    for flags in [&["generate", "systemd"][..], &["generate", "systemd", "--user"]] {
        let unit = printed(&home, &[], flags);
        let program = assert_cmd::cargo::cargo_bin!().display().to_string();
        let lines: Vec<_> = unit.lines().collect();
        for line in [
            &format!("ExecStart={program} run"),
            "Type=notify",
            "ExecReload=/bin/kill -HUP $MAINPID",
            "WatchdogSec=60",
            "LimitNOFILE=65536",
            "NoNewPrivileges=yes",
        ] {
            assert!(lines.contains(&line), "{line} is not in\n{unit}");
        }
        assert!(!unit.contains("@PRO"), "{unit}");
    }
    let system = printed(&home, &[], &["generate", "systemd"]);
    for line in ["DynamicUser=yes", "StateDirectory=filbert", "ProtectSystem=strict"] {
        assert!(system.lines().any(|found| found == line), "{line} is not in\n{system}");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let home = folder("systemd_finds_nothing_wrong");
    for (folder, flags) in [("system", &[][..]), ("user", &["--user"])] {
        let folder = home.join(folder);
        fs::create_dir(&folder).unwrap();
        let unit = folder.join("filbert.service");
        fs::write(&unit, printed(&home, &[], &[&["generate", "systemd"], flags].concat())).unwrap();
        let Some(said) = verify(&unit, flags, &home) else {
            return println!("skipped: there is no systemd-analyze");
        };
        assert_eq!(said, "", "of {}", unit.display());
    }
}

/// What `systemd-analyze verify` says, which is nothing where all is well, if there is such a
/// program.
fn verify(unit: &Path, flags: &[&str], runtime_dir: &Path) -> Option<String> {
    let mut command = Command::new("systemd-analyze");
    command.args(["verify", "--man=no"]).args(flags).arg(unit);
    let output = command.env("XDG_RUNTIME_DIR", runtime_dir).output().ok()?;
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        said.push_str("it failed");
    }
    Some(said)
}
