//! What a probe sends.

use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::probe::Probe;
use super::{Action, Direction, Play};
use crate::conform::message::{Defaults, Fields, frame, frame_tree, head, session_frame};
use crate::conform::probe::Tongue;
use crate::conform::script::{AddressPart, Expression, Message, read_hex};
use crate::fasttrack::link::Input;
use crate::gnutella::wire::{Frame, Guid};

impl Play<'_> {
    /// Sends a message so many times; the last of them may get a name.
    pub(super) fn send(
        &mut self,
        probe: &str,
        message: &Message,
        times: u32,
        name: Option<&str>,
    ) -> Result<(), String> {
        for _ in 0..times {
            if message.kind == "plain" {
                self.send_plain(probe, message)?;
                continue;
            }
            if message.kind == "ping" && self.ping_in_session(probe) {
                continue;
            }
            let bytes = self.compose(probe, message)?;
            if let Some(name) = name {
                let frame = Frame::decode(&Bytes::copy_from_slice(&bytes));
                let tree =
                    frame.map_or_else(|_| start_of_frame(&bytes), |frame| frame_tree(&frame));
                self.seen.insert(name.to_owned(), tree);
            }
            match message.kind.as_str() {
                "raw" => self.send_raw(probe, &bytes),
                _ => self.send_bytes(probe, &bytes),
            }
        }
        Ok(())
    }

    /// Bytes that a session enciphers like messages.
    fn send_plain(&mut self, name: &str, message: &Message) -> Result<(), String> {
        let bytes = read_hex(&message.texts.concat()).map_err(|why| why.to_string())?;
        let now = self.now;
        let session = self.probe_mut(name).and_then(|probe| probe.session.as_mut());
        let session = session.ok_or_else(|| format!("{name} is no session"))?;
        if !session.send_plain(&bytes) {
            return Err("the session does not stand".to_owned());
        }
        let pieces: Vec<_> = std::iter::from_fn(|| session.transmit(now)).collect();
        self.send_raw(name, &pieces.concat());
        Ok(())
    }

    /// Asks the other side of a session whether it is there; the answer is a `pong`. False where there is none.
    fn ping_in_session(&mut self, name: &str) -> bool {
        let now = self.now;
        let Some(probe) = self.probe_mut(name).filter(|probe| probe.session.is_some()) else {
            return false;
        };
        let bytes = probe.turn_session(Input::Ping, now);
        bytes.iter().for_each(|bytes| self.send_raw(name, bytes));
        true
    }

    pub(super) fn send_bytes(&mut self, name: &str, bytes: &[u8]) {
        let deflater = self.probe_mut(name).and_then(|probe| probe.deflater.as_mut());
        match deflater {
            None => self.send_raw(name, bytes),
            Some(deflater) => {
                let mut deflated = BytesMut::new();
                deflater.write(bytes, &mut deflated);
                deflater.flush(&mut deflated);
                self.send_raw(name, &deflated);
            }
        }
    }

    fn send_raw(&mut self, name: &str, bytes: &[u8]) {
        let now = self.now;
        self.transcript.note(name, Direction::Sent, bytes, now);
        // What goes over a link may ask for a datagram to any socket of the case.
        let is_datagram = self.probe(name).is_some_and(|probe| probe.is_udp);
        let asks = |probe: &&mut Probe| probe.is_udp && (!is_datagram || probe.name == name);
        for probe in self.probes.iter_mut().filter(asks) {
            probe.datagrams.0 = probe.datagrams.0.saturating_add(bytes.len());
        }
        let Some(probe) = self.probe(name) else { return };
        let (probe, is_udp, bytes) = (probe.id, probe.is_udp, Bytes::copy_from_slice(bytes));
        self.out.push_back(match is_udp {
            true => Action::Datagram { probe, bytes },
            false => Action::Send { probe, bytes },
        });
    }

    fn compose(&mut self, probe: &str, message: &Message) -> Result<Vec<u8>, String> {
        match message.kind.as_str() {
            "text" => Ok(message.texts.concat().into_bytes()),
            "bytes" | "raw" => {
                let digits = message.texts.concat();
                read_hex(&digits).map_err(|why| why.to_string())
            }
            "line" => {
                let line = self.filled_in(&message.texts.concat())?;
                Ok([line.as_bytes(), b"\r\n"].concat())
            }
            "head" => {
                let lines = message.texts.iter().map(|line| self.filled_in(line));
                let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
                self.turn_to_what_follows(probe, &lines);
                Ok(head(&lines))
            }
            kind => {
                let defaults = self.defaults(probe);
                let mut fields = Vec::new();
                for field in &message.fields {
                    let value = self.value_of(&field.value);
                    let value = value.ok_or_else(|| format!("{} is not known", field.name))?;
                    fields.push((field.name.clone(), value));
                }
                let mut fields = Fields::new(fields);
                let bytes = match self.probe(probe).is_some_and(|probe| probe.session.is_some()) {
                    true => self.compose_in_session(probe, kind, &mut fields, &defaults),
                    false => frame(kind, &mut fields, &defaults).map_err(|why| why.to_string()),
                };
                // An address stands in the ID that was drawn.
                if let Ok(bytes) = &bytes
                    && message.has_address_in_guid()
                    && let Some(guid) = bytes.first_chunk()
                {
                    self.settings.claims.claim(Guid(*guid), self.number);
                }
                fields.end().map_err(|why| why.to_string())?;
                bytes
            }
        }
    }

    /// A message as it stands on the wire of a session: its header depends on those before it.
    fn compose_in_session(
        &mut self,
        probe: &str,
        kind: &str,
        fields: &mut Fields,
        defaults: &Defaults,
    ) -> Result<Vec<u8>, String> {
        let frame = session_frame(kind, fields, defaults).map_err(|why| why.to_string())?;
        let now = self.now;
        let session = self.probe_mut(probe).and_then(|probe| probe.session.as_mut());
        let session = session.ok_or_else(|| format!("{probe} is no session"))?;
        if !session.send(&frame) {
            return Err("the session takes no such message".to_owned());
        }
        let pieces: Vec<_> = std::iter::from_fn(|| session.transmit(now)).collect();
        Ok(pieces.concat())
    }

    /// A line of a head in which `{name.field}` and `{@probe}` stand for what they mean.
    pub(super) fn filled_in(&self, line: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = line;
        while let Some((before, behind)) = rest.split_once('{') {
            let (reference, behind) =
                behind.split_once('}').ok_or_else(|| format!("{line}: a bracket stays open"))?;
            let expression = Expression::of_reference(reference).map_err(|why| why.to_string())?;
            let value = self.value_of(&expression);
            let value = value.ok_or_else(|| format!("{reference} is not known"))?;
            filled.push_str(before);
            filled
                .push_str(value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str());
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// What the subject answers to a head depends on the head.
    fn turn_to_what_follows(&mut self, probe: &str, lines: &[String]) {
        let first = lines.first().map_or("", String::as_str);
        let Some(probe) = self.probe_mut(probe) else { return };
        if first.starts_with("GNUTELLA CONNECT") {
            probe.decoder.turn_to(Tongue::Heads);
        } else if first.starts_with("GNUTELLA/") {
            let is_welcome = first.split_whitespace().nth(1) == Some("200");
            // Whoever has called has one more head to say.
            let has_called = probe.caller.is_some();
            probe.decoder.turn_to(match (is_welcome, has_called) {
                (true, true) => Tongue::LastHead,
                (true, false) => Tongue::Frames,
                (false, _) => Tongue::Heads,
            });
        } else if first.contains("HTTP/") {
            probe.decoder.turn_to(Tongue::Http);
            probe.decoder.has_asked_for_head = first.starts_with("HEAD ");
        }
        probe.read();
    }

    fn defaults(&mut self, probe: &str) -> Defaults {
        let own = self.probe(probe).and_then(|probe| probe.own);
        let own = own.unwrap_or(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1));
        Defaults { guid: self.fresh_guid(), address: *own.ip(), port: own.port() }
    }

    pub(super) fn fresh_guid(&mut self) -> Guid {
        let guid = Guid::random(&mut self.rng);
        self.settings.claims.claim(guid, self.number);
        guid
    }

    /// What an expression means now.
    pub(super) fn value_of(&self, expression: &Expression) -> Option<Value> {
        match expression {
            Expression::Given(value) => Some(value.clone()),
            Expression::Filled(text) => self.filled_in(text).ok().map(Value::String),
            Expression::Seen { message, path, more } => {
                let tree = self.seen.get(message)?;
                let found = path.find(tree).into_iter().next()?;
                match found.as_i64() {
                    Some(number) if *more != 0 => Some(number.checked_add(*more)?.into()),
                    _ => Some(found.clone()),
                }
            }
            Expression::AddressOf { probe, part } => {
                let own = match probe.as_str() {
                    "subject" => self.settings.subject?,
                    probe => self.probe(probe)?.own?,
                };
                Some(match part {
                    AddressPart::Both => own.to_string().into(),
                    AddressPart::Ip => own.ip().to_string().into(),
                    AddressPart::Port => own.port().into(),
                })
            }
        }
    }
}

/// What can be named of a message that is cut off.
fn start_of_frame(bytes: &[u8]) -> Value {
    match bytes.first_chunk::<16>() {
        Some(guid) => json!({ "guid": data_encoding::HEXLOWER.encode(guid) }),
        None => json!({}),
    }
}
