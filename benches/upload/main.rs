//! What it costs to send a file: a gibibyte over loopback by a node and by nginx, in turns, to the same client.
//!
//! How fast one transfer goes depends on how sender and reader happen to meet: the same program sends three
//! gibibytes a second and then nine. So there are many rounds, and both programs are started anew between them;
//! the spread is told beside the median.
//!
//! `cargo bench --bench upload`, with nginx installed. Targets: 0.9 times the throughput of nginx, 1.2 times its
//! processor time.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a measurement may stop at the first surprise"
)]

mod server;

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use server::Server;

const SIZE: u64 = 1 << 30;
/// How often both are started anew.
const LIVES: usize = 7;
/// Rounds of each life.
const ROUNDS: usize = 15;
/// Small requests of one connection.
const REQUESTS: u64 = 20_000;
const SMALL: u64 = 4_096;

fn main() {
    // `cargo bench` hands over --bench, `cargo test` does not: then there is nothing to do.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("filbert-upload-bench-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("shared")).unwrap();
    fill(&folder.join("shared/gibibyte.bin"));
    let mut lives = Vec::new();
    for life in 1..=LIVES {
        let servers = start(&folder);
        let taken = measure_large(&servers);
        println!("large: life {life} of {LIVES}: {}", told(&taken));
        lives.push(taken);
        if life == LIVES {
            measure_small(&servers);
        }
    }
    conclude(&lives);
    let _ = std::fs::remove_dir_all(folder);
}

/// Both, or a node alone where there is no nginx.
fn start(folder: &Path) -> Vec<Server> {
    Server::nginx(folder).into_iter().chain([Server::filbert(folder)]).collect()
}

fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    let mut block = vec![0_u8; 1 << 20];
    for number in 0..SIZE >> 20 {
        for (at, byte) in (0_u64..).zip(&mut block) {
            *byte = (at.wrapping_mul(number + 1) >> 7) as u8;
        }
        file.write_all(&block).unwrap();
    }
    file.sync_all().unwrap();
}

/// What one server took.
#[derive(Clone, Copy, Debug)]
struct Taken {
    wall: Duration,
    processor: Duration,
}

/// What one server took in all rounds.
#[derive(Clone, Debug)]
struct Rounds {
    name: &'static str,
    taken: Vec<Taken>,
}

impl Rounds {
    /// Seconds that a quarter, a half and three quarters of the rounds stay below.
    fn quartiles(&self) -> [f64; 3] {
        let mut walls: Vec<f64> = self.taken.iter().map(|one| one.wall.as_secs_f64()).collect();
        walls.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| walls[walls.len() * quarter / 4])
    }

    /// Seconds of processor for a round.
    fn processor(&self) -> f64 {
        let sum: f64 = self.taken.iter().map(|one| one.processor.as_secs_f64()).sum();
        sum / self.taken.len() as f64
    }
}

fn measure_large(servers: &[Server]) -> Vec<Rounds> {
    // Once for nothing: pages come into the cache, buffers grow.
    servers.iter().for_each(fetch);
    let mut all: Vec<Rounds> =
        servers.iter().map(|server| Rounds { name: server.name, taken: Vec::new() }).collect();
    for round in 0..ROUNDS {
        let mut turns: Vec<_> = servers.iter().zip(&mut all).collect();
        // Each is the first as often as the other.
        if round % 2 == 1 {
            turns.reverse();
        }
        for (server, rounds) in turns {
            rounds.taken.push(timed(server, || fetch(server)));
        }
    }
    all
}

/// The throughput and the processor time of a node, each beside that of nginx.
fn told(all: &[Rounds]) -> String {
    let [nginx, filbert] = all else { return "nothing to compare with".to_owned() };
    let throughput = nginx.quartiles()[1] / filbert.quartiles()[1];
    let processor = filbert.processor() / nginx.processor();
    format!(
        "{throughput:.2} times the throughput of nginx, {processor:.2} times its processor time"
    )
}

fn conclude(lives: &[Vec<Rounds>]) {
    let mut sums = lives[0].clone();
    for life in &lives[1..] {
        for (sum, rounds) in sums.iter_mut().zip(life) {
            sum.taken.extend(&rounds.taken);
        }
    }
    for rounds in &sums {
        let [fast, half, slow] = rounds.quartiles().map(|seconds| 1024.0 / seconds);
        println!(
            "large: {:8} {half:7.0} MiB/s (median of {}, half of them from {slow:.0} to {fast:.0}), {:6.1} ms of processor a GiB",
            rounds.name,
            rounds.taken.len(),
            rounds.processor() * 1e3
        );
    }
    println!("large: {} (targets 0.90 and 1.20)", told(&sums));
}

fn measure_small(servers: &[Server]) {
    for server in servers {
        let taken = timed(server, || ask_often(server));
        println!(
            "small: {:8} {:7.0} requests of 4 KiB a second over one connection, {:5.1} us of processor each",
            server.name,
            REQUESTS as f64 / taken.wall.as_secs_f64(),
            taken.processor.as_secs_f64() * 1e6 / REQUESTS as f64
        );
    }
}

fn timed(server: &Server, work: impl FnOnce()) -> Taken {
    let (before, since) = (server.processor_time(), Instant::now());
    work();
    Taken { wall: since.elapsed(), processor: server.processor_time() - before }
}

/// Takes the whole file.
fn fetch(server: &Server) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    let target = &server.target;
    write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut buffer = vec![0; 1 << 18];
    let mut taken = 0_u64;
    let head = stream.read(&mut buffer).unwrap();
    assert!(
        buffer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&buffer[..head.min(400)])
    );
    taken += head as u64;
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => break,
            len => taken += len as u64,
        }
    }
    assert!(taken > SIZE, "{}: {taken} bytes", server.name);
}

/// Takes small parts of it, one after the other.
fn ask_often(server: &Server) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 16 * 1024];
    for number in 0..REQUESTS {
        let start = number * 37 * SMALL % (SIZE - SMALL);
        let (target, end) = (&server.target, start + SMALL - 1);
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: x\r\nRange: bytes={start}-{end}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let (mut len, mut wanted) = (0, usize::MAX);
        while len < wanted {
            let read = stream.read(&mut buffer[len..]).unwrap();
            assert!(read > 0, "{}: it has ended", server.name);
            len += read;
            if let Some(head) = buffer[..len].windows(4).position(|four| four == b"\r\n\r\n") {
                assert!(
                    buffer.starts_with(b"HTTP/1.1 206"),
                    "{}",
                    String::from_utf8_lossy(&buffer[..head])
                );
                wanted = head + 4 + usize::try_from(SMALL).unwrap();
            }
        }
    }
}
