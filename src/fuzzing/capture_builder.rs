use super::splitter::Splitter;

const TCP: u8 = 6;
const UDP: u8 = 17;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// The header of a pcap file, in the byte order of most machines; its packets are bare IP.
const FILE_HEADER: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101];

/// Both are set in what makes a packet one of UDP.
const UDP_BITS: u8 = 0x06;
const SYN_ODDITY: u8 = 10;

/// The bytes of payload in one packet are fewer.
const PAYLOAD_LEN_MAX: u16 = 2_048;

/// Makes a capture file of packets, and says how many there are. Each packet is one byte that says
/// what it is, perhaps one that says what is odd about it, two bytes of length, and its payload:
///
/// ```text
/// bit 0     who sends
/// bit 1, 2  0 to 2 TCP, 3 UDP
/// bit 3     in which of two connections
/// bit 4..7  up to 9 the next bytes in order, 10 SYN, 11 FIN, 12 RST, 13 another sequence number,
///           14 only a part was recorded, 15 lost: sent, but not in the capture
/// ```
pub(super) fn capture(mut splitter: Splitter<'_>) -> (Vec<u8>, u64) {
    let mut builder = Builder::default();
    while !splitter.is_empty() {
        builder.packet(&mut splitter);
    }
    (builder.file(), builder.count)
}

/// As [`capture`], but nothing is odd: each connection begins with a SYN of both sides, and all else
/// is in order. What was sent by TCP is in segments of up to `segment_len` bytes, each sent `times`
/// times, which makes no difference to what was said.
pub(super) fn tidy_capture(
    mut splitter: Splitter<'_>,
    segment_len: usize,
    times: usize,
) -> Vec<u8> {
    let mut builder = Builder::default();
    for what in [0, 1, 8, 9] {
        builder.put_tcp(what, (SYN_ODDITY, 0), &[]);
    }
    while !splitter.is_empty() {
        builder.time += 1;
        let what = splitter.byte();
        let payload = payload(&mut splitter);
        if what & UDP_BITS == UDP_BITS {
            builder.put_udp(what, payload);
            continue;
        }
        for segment in payload.chunks(segment_len) {
            let sequences = builder.sequences;
            for _ in 0..times {
                builder.sequences = sequences;
                builder.put_tcp(what, (0, 0), segment);
            }
        }
    }
    builder.file()
}

/// Two bytes of length, and so many bytes.
fn payload<'a>(splitter: &mut Splitter<'a>) -> &'a [u8] {
    let [low, high] = [splitter.byte(), splitter.byte()];
    splitter.take(usize::from(u16::from_le_bytes([low, high]) % PAYLOAD_LEN_MAX))
}

#[derive(Default)]
struct Builder {
    packets: Vec<u8>,
    count: u64,
    /// In seconds.
    time: u32,
    /// The next sequence number of each side of each connection.
    sequences: [[u32; 2]; 2],
}

impl Builder {
    fn packet(&mut self, splitter: &mut Splitter<'_>) {
        let what = splitter.byte();
        let oddity = what >> 4;
        let shift = if oddity >= 13 { splitter.byte() } else { 0 };
        let payload = payload(splitter);
        self.time += u32::from(self.count.is_multiple_of(100));
        if what & UDP_BITS == UDP_BITS {
            self.put_udp(what, payload);
        } else {
            self.put_tcp(what, (oddity, shift), payload);
        }
    }

    fn put_udp(&mut self, what: u8, payload: &[u8]) {
        self.put(&ip(UDP, sender(what), &udp(ports(what), payload)), 0);
    }

    fn put_tcp(&mut self, what: u8, (oddity, shift): (u8, u8), payload: &[u8]) {
        let sequences = &mut self.sequences[usize::from(what >> 3 & 1)];
        let segment = tcp(ports(what), sequences, sender(what), (oddity, shift), payload);
        match oddity {
            14 => self.put(&ip(TCP, sender(what), &segment), payload.len().min(shift.into())),
            15 => {}
            _ => self.put(&ip(TCP, sender(what), &segment), 0),
        }
    }

    fn put(&mut self, datagram: &[u8], unrecorded_len: usize) {
        let recorded = &datagram[..datagram.len() - unrecorded_len];
        let lengths =
            [recorded.len(), datagram.len()].map(|len| u32::try_from(len).expect("short"));
        for word in [self.time, 0, lengths[0], lengths[1]] {
            self.packets.extend(word.to_le_bytes());
        }
        self.packets.extend_from_slice(recorded);
        self.count += 1;
    }

    fn file(&self) -> Vec<u8> {
        let mut file: Vec<u8> = FILE_HEADER.into_iter().flat_map(u32::to_le_bytes).collect();
        file.extend_from_slice(&self.packets);
        file
    }
}

fn sender(what: u8) -> usize {
    usize::from(what & 1)
}

/// Of the sender and of the receiver.
fn ports(what: u8) -> [u16; 2] {
    let ports = [6346, 50_000 + u16::from(what >> 3 & 1)];
    [ports[sender(what)], ports[1 - sender(what)]]
}

/// A segment behind what this side has sent so far, and in front of what it sends next.
fn tcp(
    ports: [u16; 2],
    sequences: &mut [u32; 2],
    sender: usize,
    (oddity, shift): (u8, u8),
    payload: &[u8],
) -> Vec<u8> {
    let flags = match oddity {
        SYN_ODDITY => SYN,
        11 => FIN | ACK,
        12 => RST,
        _ => ACK,
    };
    let len =
        u32::try_from(payload.len()).expect("it is short") + u32::from(flags & (SYN | FIN) != 0);
    let other_place = i32::from(shift.cast_signed()) * 16;
    let sequence = match oddity {
        13 => sequences[sender].wrapping_add_signed(other_place),
        _ => sequences[sender],
    };
    let acknowledged = sequences[1 - sender];
    sequences[sender] = sequence.wrapping_add(len);
    let mut segment = Vec::new();
    segment.extend(ports.into_iter().flat_map(u16::to_be_bytes));
    segment.extend([sequence, acknowledged].into_iter().flat_map(u32::to_be_bytes));
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend_from_slice(payload);
    segment
}

fn udp(ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len() + 8).expect("it is short");
    let header = [ports[0], ports[1], len, 0];
    let mut datagram: Vec<u8> = header.into_iter().flat_map(u16::to_be_bytes).collect();
    datagram.extend_from_slice(payload);
    datagram
}

fn ip(protocol: u8, sender: usize, segment: &[u8]) -> Vec<u8> {
    let len = u16::try_from(segment.len() + 20).expect("it is short").to_be_bytes();
    let addresses = [[203, 0, 113, 1], [203, 0, 113, 2]];
    let mut packet = vec![0x45, 0, len[0], len[1], 0, 0, 0x40, 0, 64, protocol, 0, 0];
    packet.extend(addresses[sender]);
    packet.extend(addresses[1 - sender]);
    packet.extend_from_slice(segment);
    packet
}
