//! A node that knows nobody, and finds its first hosts.

use std::net::SocketAddr;
use std::path::Path;

use bytes::Bytes;
use filbert::base::time::Time;
use filbert::gnutella::bootstrap::{Names, Rules, Standing};
use filbert::gnutella::link::Role;
use filbert::node::{Command, Config, Event, Input, Node, Output, RolePolicy};
use filbert::runtime::bootstrap::{Board, Notice, Plan, run};
use filbert::runtime::state::{Parts, Saver, Store};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::scene::{HostCache, PATIENCE, WebCache, answer, asks_for_hosts};

fn host(number: u8) -> SocketAddr {
    SocketAddr::from(([5, number, 7, 8], 6346))
}

fn plan(udp: &[String], web: &[String]) -> Plan {
    let names = Names::parse(udp, web).unwrap();
    let rules = Rules { names, announces: true, allow_private: true };
    let user_agent = "Filbert/test".to_owned();
    Plan { rules, asked: vec![], seed: 1, allow_private: true, user_agent, board: Board::default() }
}

/// As much of an engine as it takes: a node, a socket for datagrams, and no connections.
struct Engine {
    node: Node,
    socket: UdpSocket,
    notices: mpsc::Sender<Notice>,
    commands: mpsc::Receiver<Command>,
}

impl Engine {
    async fn start(plan: Plan, saver: Option<Saver>) -> Self {
        let mut config = Config::new(RolePolicy::Always(Role::Leaf));
        (config.allow_private, config.dials) = (true, false);
        let (notices, heard) = mpsc::channel(8);
        let (said, commands) = mpsc::channel(8);
        tokio::spawn(run(plan, heard, said, saver));
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let engine = Self { node: Node::new(config, 1, Time::ZERO), socket, notices, commands };
        engine.tell_standing().await;
        engine
    }

    async fn tell_standing(&self) {
        let hosts = self.node.known_hosts().count();
        let standing = Standing { hosts, ultrapeers: 0, reachable_at: None };
        self.notices.send(Notice::Standing(standing)).await.unwrap();
    }

    /// Runs until the node is as it is wanted.
    async fn run_until(&mut self, is_wanted: impl Fn(&Node) -> bool) {
        let run = async {
            while !is_wanted(&self.node) {
                let mut buffer = [0; 2_048];
                let input = tokio::select! {
                    command = self.commands.recv() => Input::Command(command.unwrap()),
                    received = self.socket.recv_from(&mut buffer) => {
                        let (len, from) = received.unwrap();
                        Input::Datagram { from, bytes: Bytes::copy_from_slice(&buffer[..len]) }
                    }
                };
                self.hand_in(input).await;
                self.tell_standing().await;
            }
        };
        timeout(PATIENCE, run).await.expect("the node has not become what it should");
    }

    async fn hand_in(&mut self, input: Input) {
        self.node.handle(input, Time::from_millis(1));
        while let Some(output) = self.node.poll() {
            match output {
                Output::Datagram { to, bytes } => {
                    self.socket.send_to(&bytes, to).await.unwrap();
                }
                Output::Event(Event::HostCacheAnswered { from, hosts, caches }) => {
                    let notice = Notice::HostCacheAnswered { from, hosts, caches };
                    self.notices.send(notice).await.unwrap();
                }
                _ => {}
            }
        }
    }
}

fn knows(hosts: &[SocketAddr]) -> impl Fn(&Node) -> bool {
    let hosts = hosts.to_vec();
    move |node| hosts.iter().all(|host| node.known_hosts().any(|known| known == *host))
}

/// BOOT-03, BOOT-05
#[tokio::test]
async fn hosts_come_from_a_udp_host_cache_and_from_one_that_it_names() {
    let second = HostCache::start(vec![host(2)], String::new()).await;
    let first = HostCache::start(vec![], format!("{}&n=1\nnonsense:0", second.address)).await;
    let mut engine = Engine::start(plan(&[first.address.to_string()], &[]), None).await;
    engine.run_until(knows(&[host(2)])).await;
    assert_eq!((first.pings().len(), second.pings().len()), (1, 1));
    assert!(asks_for_hosts(&first.pings()[0]), "{:?}", first.pings());
}

/// BOOT-21: the node is told which of them work, and names them to others.
#[tokio::test]
async fn host_caches_that_have_answered_are_named_to_others() {
    let second = HostCache::start(vec![host(2)], String::new()).await;
    let first = HostCache::start(vec![], second.address.to_string()).await;
    let mut engine = Engine::start(plan(&[first.address.to_string()], &[]), None).await;
    engine.run_until(knows(&[host(2)])).await;
    let mut both = [first.address.to_string(), second.address.to_string()];
    both.sort_unstable();
    let told = async {
        loop {
            if let Some(Command::NameHostCaches(mut named)) = engine.commands.recv().await {
                named.sort_unstable();
                if named == both {
                    return;
                }
            }
        }
    };
    timeout(PATIENCE, told).await.expect("the node is not told of both");
}

/// BOOT-05: neighbours name one.
#[tokio::test]
async fn a_host_cache_that_neighbours_name_is_asked() {
    let cache = HostCache::start(vec![host(2)], String::new()).await;
    let mut engine = Engine::start(plan(&[], &[]), None).await;
    let caches = vec![cache.address.to_string()];
    engine.notices.send(Notice::HostCachesNamed { caches }).await.unwrap();
    engine.run_until(knows(&[host(2)])).await;
}

/// BOOT-08, BOOT-09
#[tokio::test]
async fn hosts_come_from_web_caches_of_both_versions() {
    let one = WebCache::start(|_| answer("200 OK", "5.1.7.8:6346\r\n")).await;
    let two = WebCache::start(|_| answer("200 OK", "I|pong|x|gnutella\nH|5.2.7.8:6346|9\n")).await;
    for (cache, host) in [(&one, host(1)), (&two, host(2))] {
        let mut engine = Engine::start(plan(&[], &[cache.url("/gwc.php")]), None).await;
        engine.run_until(knows(&[host])).await;
        let head = cache.heads().remove(0);
        assert!(
            head.starts_with("GET /gwc.php?get=1&hostfile=1&net=gnutella&client=FILB&version="),
            "{head}"
        );
        assert_eq!(cache.heads().len(), 1);
    }
}

/// BOOT-10: a web cache that is none leads to the next one.
#[tokio::test]
async fn a_web_cache_that_is_of_no_use_does_no_harm() {
    let useless = WebCache::start(|_| answer("404 Not Found", "<html>5.1.7.8:6346</html>")).await;
    let page = WebCache::start(|_| answer("200 OK", "<html>\n5.1.7.8:6346\n</html>")).await;
    let list = WebCache::start(|_| answer("200 OK", "5.2.7.8:6346\n")).await;
    let urls = [useless.url("/"), page.url("/"), list.url("/")];
    let mut engine = Engine::start(plan(&[], &urls), None).await;
    engine.run_until(knows(&[host(2)])).await;
    assert!(!knows(&[host(1)])(&engine.node));
}

/// BOOT-12: before anybody is asked it is written down, and the next run knows.
#[tokio::test]
async fn whom_it_has_asked_is_known_to_the_next_run() {
    let home = Home::new();
    let cache = WebCache::start(|_| answer("200 OK", "5.2.7.8:6346\n")).await;
    let saver = Saver::start(Store::open(home.path()).store).unwrap();
    let mut engine = Engine::start(plan(&[], &[cache.url("/")]), Some(saver.clone())).await;
    engine.run_until(knows(&[host(2)])).await;
    saver.finish(Parts::default()).await.unwrap();
    let asked = Store::open(home.path()).kept.asked;
    let names: Vec<&str> = asked.iter().map(|asked| asked.name.as_str()).collect();
    assert_eq!(names, [cache.url("/")]);
    assert!(asked[0].ago < PATIENCE);
}

/// BOOT-04: nobody is harmed by a name that nobody knows.
#[tokio::test]
async fn a_name_that_cannot_be_resolved_does_not_stop_the_others() {
    let cache = HostCache::start(vec![host(2)], String::new()).await;
    let names = ["no.such.name.invalid:6346".to_owned(), cache.address.to_string()];
    let mut engine = Engine::start(plan(&names, &[]), None).await;
    engine.run_until(knows(&[host(2)])).await;
}

/// A home that is gone when the test is over.
struct Home(std::path::PathBuf);

impl Home {
    fn new() -> Self {
        let home = std::env::temp_dir().join(format!("filbert-asked-{}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        Self(home)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _: Result<(), _> = std::fs::remove_dir_all(&self.0);
    }
}
