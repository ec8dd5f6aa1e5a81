use std::borrow::Cow;
use std::time::Duration;

use bytes::{Buf, BytesMut};

use super::masks::CONNECTING;
use super::naming::{Named, Naming};
use super::outgoing::Outgoing;
use super::{Answer, Cipher, Encryption, Hello, Profile, Session};
use crate::base::error::{Fault, Incompatible, Rule};
use crate::base::time::Time;

const UNKNOWN_TYPE: Incompatible = Incompatible {
    rule: Rule::new("FTCIPHER-03"),
    what: "it chose an encryption that we do not have",
};

/// What is said before a session stands: hello, answer, and both names.
#[derive(Debug)]
pub(super) struct Greeting {
    network: Cow<'static, str>,
    wish: Option<u32>,
    /// When our hello was written.
    said_hello: Option<Time>,
    round_trip: Option<Duration>,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// Somebody connected, and is to say hello.
    Hello(Answer, Encryption),
    /// We connected, and said hello.
    Answer,
    /// The name of the other side's network comes.
    Name {
        naming: Naming,
        /// The seed of our own stream, until we know with what to encipher our name.
        unsaid: Option<u32>,
    },
}

/// A session that stands, and what the other side's bytes go on with.
pub(super) struct Greeted {
    pub(super) session: Session,
    pub(super) cipher: Cipher,
}

impl Greeting {
    pub(super) fn connect(profile: &Profile) -> Self {
        Self::new(profile.network.clone(), Some(profile.wish), Step::Answer)
    }

    pub(super) fn accept(profile: &Profile, answer: Answer) -> Self {
        let choice = profile.choice;
        Self::new(profile.network.clone(), None, Step::Hello(answer, choice))
    }

    const fn new(network: Cow<'static, str>, wish: Option<u32>, step: Step) -> Self {
        Self { network, wish, said_hello: None, round_trip: None, step }
    }

    /// What there was to be written has gone.
    pub(super) fn has_written(&mut self, now: Time) {
        self.said_hello.get_or_insert(now);
    }

    /// Goes as far as what has arrived allows. What stays in the inbox when the session stands is
    /// plain. An error is the end of the connection.
    pub(super) fn read(
        &mut self,
        inbox: &mut BytesMut,
        outgoing: &mut Outgoing,
        now: Time,
    ) -> Result<Option<Greeted>, Fault> {
        loop {
            match &mut self.step {
                Step::Hello(answer, choice) => {
                    let Some(hello) = take(inbox).map(Hello::decode) else { return Ok(None) };
                    self.wish = hello.wish();
                    outgoing.say_hello(&answer.encode());
                    outgoing.say_name(&self.network, Cipher::new(answer.seed, *choice));
                    let naming = Naming::certain(hello.seed ^ answer.seed, *choice);
                    self.step = Step::Name { naming, unsaid: None };
                }
                Step::Answer => {
                    let Some(answer) = take(inbox).map(Answer::decode) else { return Ok(None) };
                    self.round_trip = self.said_hello.map(|said| now.since(said));
                    self.step = self.answered(answer, outgoing)?;
                }
                Step::Name { naming, unsaid } => {
                    let Some(named) = naming.read(inbox)? else { return Ok(None) };
                    if let Some(seed) = unsaid {
                        outgoing.say_name(&self.network, Cipher::new(*seed, named.encryption));
                    }
                    return Ok(Some(self.greeted(named)));
                }
            }
        }
    }

    /// FTLINK-12, FTLINK-14
    fn answered(&self, answer: Answer, outgoing: &mut Outgoing) -> Result<Step, Fault> {
        let (seed, _) = CONNECTING;
        let seed = seed ^ answer.seed;
        let Some(number) = answer.choice() else {
            return Ok(Step::Name { naming: Naming::trial(answer.seed), unsaid: Some(seed) });
        };
        let encryption = Encryption::of(number).ok_or(UNKNOWN_TYPE)?;
        outgoing.say_name(&self.network, Cipher::new(seed, encryption));
        Ok(Step::Name { naming: Naming::certain(answer.seed, encryption), unsaid: None })
    }

    fn greeted(&self, named: Named) -> Greeted {
        let Named { network, encryption, cipher } = named;
        let (wish, round_trip) = (self.wish, self.round_trip);
        Greeted { session: Session { network, encryption, wish, round_trip }, cipher }
    }
}

/// Takes so many bytes off the front, once they are there.
fn take<const LEN: usize>(inbox: &mut BytesMut) -> Option<[u8; LEN]> {
    let taken = *inbox.first_chunk()?;
    inbox.advance(LEN);
    Some(taken)
}
