use bytes::{Bytes, BytesMut};

use super::naming::{Named, Naming};
use super::{Answer, Encryption, Framing, Hello, Item};
use crate::base::error::{Fault, Incompatible, Rule};
use crate::base::reader::{Expect, Reader};

const NO_HELLO: Expect = Expect::new("FTLINK-03", "the hello is cut");
const NO_ANSWER: Expect = Expect::new("FTLINK-05", "the answer is cut");
const NO_NAME: Expect = Expect::new("FTLINK-19", "a name is cut");
const UNKNOWN_TYPE: Incompatible = Incompatible {
    rule: Rule::new("FTCIPHER-03"),
    what: "they chose an encryption that we do not have",
};

/// What two others have said to each other in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overheard {
    pub hello: Hello,
    pub answer: Answer,
    pub encryption: Encryption,
    pub connecting: Said,
    pub accepting: Said,
}

/// What one side has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it calls its network.
    pub network: String,
    pub items: Vec<Item>,
    /// Where the order of its messages stands behind these.
    pub framing: Framing,
    /// The item at the end that is not whole.
    pub rest: Bytes,
}

/// Deciphers a session of which all bytes were recorded, from the first one that each side has sent.
pub fn overhear(connecting: &[u8], accepting: &[u8]) -> Result<Overheard, Fault> {
    let (mut up, mut down) = (Reader::new(connecting), Reader::new(accepting));
    let hello = Hello::decode(up.array(NO_HELLO)?);
    let answer = Answer::decode(down.array(NO_ANSWER)?);
    let naming = match answer.choice() {
        None => Naming::trial(answer.seed),
        Some(number) => Naming::certain(answer.seed, Encryption::of(number).ok_or(UNKNOWN_TYPE)?),
    };
    let (accepting, encryption) = said(naming, down)?;
    let naming = Naming::certain(hello.seed ^ answer.seed, encryption);
    let (connecting, _) = said(naming, up)?;
    Ok(Overheard { hello, answer, encryption, connecting, accepting })
}

/// What stands behind a hello, and what it was enciphered with.
fn said(mut naming: Naming, bytes: Reader<'_>) -> Result<(Said, Encryption), Fault> {
    let mut stream = BytesMut::from(bytes.rest());
    let cut = NO_NAME.broken_at(bytes.offset().saturating_add(bytes.len()));
    let Named { network, encryption, .. } = naming.read(&mut stream)?.ok_or(cut)?;
    let (mut framing, mut items) = (Framing::new(), Vec::new());
    while let Some(item) = framing.take(&mut stream)? {
        items.push(item);
    }
    Ok((Said { network, items, framing, rest: stream.freeze() }, encryption))
}
