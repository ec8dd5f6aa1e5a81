//! Somebody who watches by `filbert events`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::home::{Home, PATIENCE, wait_until};
use crate::node::Node;

pub struct Events {
    child: Child,
    told: Receiver<Value>,
}

impl Events {
    /// Watches the node of this home from now on.
    pub fn watch(home: &Home, node: &Node) -> Self {
        let mut command = home.filbert(&["events", "--json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, told) = mpsc::channel();
        thread::spawn(move || {
            let mut values = lines.map_while(Result::ok);
            values.try_for_each(|line| sender.send(serde_json::from_str(&line).unwrap()))
        });
        // Nothing has changed; that it is told shows that somebody watches.
        wait_until("somebody watches", || {
            node.ask("POST", "/api/v1/config/reload", None);
            told.try_recv().is_ok()
        });
        Self { child, told }
    }

    /// The next event that is as wanted.
    #[track_caller]
    pub fn until(&self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let told = self.told.recv_timeout(PATIENCE).expect("it is told in time");
            if is_wanted(&told) {
                return told;
            }
        }
    }

    /// Interrupts it, as a user does.
    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// How it ended.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
