//! What it costs to send a file: a gibibyte over loopback by a node and by nginx, one after the other and in turns,
//! to the same client.
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
const ROUNDS: usize = 9;
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
    let filbert = Server::filbert(&folder);
    let servers = match Server::nginx(&folder) {
        Some(nginx) => vec![nginx, filbert],
        None => vec![filbert],
    };
    measure_large(&servers);
    measure_small(&servers);
    drop(servers);
    let _ = std::fs::remove_dir_all(folder);
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

fn measure_large(servers: &[Server]) {
    // Once for nothing: pages come into the cache, buffers grow.
    servers.iter().for_each(fetch);
    let mut taken: Vec<Vec<Taken>> = vec![Vec::new(); servers.len()];
    for _ in 0..ROUNDS {
        for (server, taken) in servers.iter().zip(&mut taken) {
            taken.push(timed(server, || fetch(server)));
        }
    }
    let mut results = Vec::new();
    for (server, taken) in servers.iter().zip(&taken) {
        let wall = median(taken.iter().map(|one| one.wall.as_secs_f64()));
        let sum: f64 = taken.iter().map(|one| one.processor.as_secs_f64()).sum();
        let processor = sum / taken.len() as f64;
        println!(
            "large: {:8} {:7.0} MiB/s (median of {ROUNDS}), {:6.1} ms of processor a GiB",
            server.name,
            1024.0 / wall,
            processor * 1e3
        );
        results.push((wall, processor));
    }
    if let [nginx, filbert] = results[..] {
        println!(
            "large: {:.2} times the throughput of nginx (target 0.90), {:.2} times its processor time (target 1.20)",
            nginx.0 / filbert.0,
            filbert.1 / nginx.1
        );
    }
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

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
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
