//! Whether the subject is well, and what is done where it is not.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::memory;
use super::process::Subject;
use crate::base::limits::SUBJECT_STARTS_MAX;
use crate::conform::tcp_subject::{self, Life, Origins};
use crate::node::Network;

/// How long one look takes at most while it is awaited that a subject is there.
const GLANCE: Duration = Duration::from_millis(500);

/// Watches over the subject.
pub(super) struct Watch {
    /// Where it takes connections, if it does: who only calls cannot be looked at.
    subject: Option<SocketAddrV4>,
    origins: Origins,
    /// How long it may take to answer.
    patience: Duration,
    /// How long it may take until it is there.
    starts_within: Duration,
    process: Option<Subject>,
    starts: u32,
    looks: u32,
}

impl Watch {
    pub(super) fn new(
        (subject, origins): (Option<SocketAddrV4>, Origins),
        process: Option<Subject>,
        patience: Duration,
        starts_within: Duration,
    ) -> Self {
        let starts = u32::from(process.is_some());
        Self { subject, origins, patience, starts_within, process, starts, looks: 0 }
    }

    /// Waits until it is there; why it is not, if it is not.
    pub(super) async fn awaited(&mut self, network: Network) -> Result<(), String> {
        let patience = if self.process.is_some() { self.starts_within } else { self.patience };
        let until = Instant::now() + patience;
        loop {
            if let Some(how) = self.crash() {
                return Err(how);
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.life(network, left.min(GLANCE)).await {
                Life::Answers => return Ok(()),
                _ if left > GLANCE => sleep(Duration::from_millis(20)).await,
                Life::IsSilent => return Err(self.silence()),
                Life::IsGone => return Err("it takes no connections".to_owned()),
            }
        }
    }

    /// A few words with it; what is wrong if it does not answer.
    pub(super) async fn look(&mut self, network: Network) -> Result<(), String> {
        let life = self.life(network, self.patience).await;
        match (life, self.crash()) {
            (_, Some(how)) => Err(how),
            (Life::Answers, None) => Ok(()),
            (Life::IsSilent, None) => Err(self.silence()),
            (Life::IsGone, None) => Err("it takes no connections any more".to_owned()),
        }
    }

    async fn life(&mut self, network: Network, patience: Duration) -> Life {
        let Some(subject) = self.subject else { return Life::Answers };
        self.looks = self.looks.wrapping_add(1);
        tcp_subject::look(subject, self.origins.of_look(self.looks), network, patience).await
    }

    fn silence(&self) -> String {
        let seconds = self.patience.as_secs_f64();
        format!("it hangs: it takes connections, and answers no greeting within {seconds} s")
    }

    /// How it has ended by itself, if it was started here and has.
    pub(super) fn crash(&mut self) -> Option<String> {
        let how = self.process.as_mut()?.ended()?;
        Some(format!("it has ended by itself ({how})"))
    }

    /// Starts it once more; why that is not to be, if it is not.
    pub(super) async fn revive(&mut self, network: Network) -> Result<(), String> {
        let Some(process) = &mut self.process else {
            return Err("what was not run says nothing of it".to_owned());
        };
        if self.starts >= SUBJECT_STARTS_MAX {
            return Err(format!("it was started {SUBJECT_STARTS_MAX} times, and that is enough"));
        }
        self.starts = self.starts.saturating_add(1);
        process.start_again().map_err(|error| error.to_string())?;
        self.awaited(network).await.map_err(|why| format!("it was started again, and {why}"))
    }

    /// Its resident memory in KiB, if it was started here.
    pub(super) fn memory_kib(&self) -> Option<u64> {
        memory::resident_kib(self.process.as_ref()?.id())
    }

    /// Whether it is started again if it ends.
    pub(super) const fn is_ours(&self) -> bool {
        self.process.is_some()
    }

    /// It is not needed any more.
    pub(super) fn end(&mut self) {
        if let Some(process) = &mut self.process {
            process.end();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::net::SocketAddr;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    const SOON: Duration = Duration::from_millis(200);

    /// Somebody who answers each connection so, in place of the process that was started.
    pub(in super::super) async fn somebody(answer: &'static [u8]) -> SocketAddrV4 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let SocketAddr::V4(own) = listener.local_addr().unwrap() else { panic!() };
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(answer).await;
                kept.push(stream);
            }
        });
        own
    }

    fn watch(subject: SocketAddrV4, command: Option<&str>) -> Watch {
        let process = command.map(|command| Subject::start(command).unwrap());
        let origins = Origins::towards(*subject.ip());
        Watch::new((Some(subject), origins), process, SOON, Duration::from_secs(5))
    }

    async fn ended(watch: &mut Watch) -> String {
        loop {
            if let Some(how) = watch.crash() {
                return how;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn it_says_how_a_subject_has_ended() {
        let subject = somebody(b"HTTP/1.1 404 Gone\r\n\r\n").await;
        let mut well = watch(subject, None);
        well.look(Network::Gnutella).await.unwrap();
        for (command, how) in [("false", "exit status: 1"), ("sh -c 'kill -SEGV $$'", "signal: 11")]
        {
            let mut watch = watch(subject, Some(command));
            assert!(ended(&mut watch).await.contains(how), "{command}");
            let why = watch.look(Network::Gnutella).await.unwrap_err();
            assert!(why.contains("ended by itself"), "{why}");
        }
    }

    #[tokio::test]
    async fn who_answers_nothing_hangs() {
        let mut watch = watch(somebody(b"").await, None);
        let why = watch.look(Network::Gnutella).await.unwrap_err();
        assert_eq!(why, "it hangs: it takes connections, and answers no greeting within 0.2 s");
        let why = watch.revive(Network::Gnutella).await.unwrap_err();
        assert_eq!(why, "what was not run says nothing of it");
    }

    #[tokio::test]
    async fn it_is_started_so_many_times_and_no_more() {
        let mut watch = watch(somebody(b"GNUTELLA/0.6 503 Full\r\n\r\n").await, Some("sleep 60"));
        for _ in 1..SUBJECT_STARTS_MAX {
            watch.revive(Network::Gnutella).await.unwrap();
        }
        let why = watch.revive(Network::Gnutella).await.unwrap_err();
        assert_eq!(why, "it was started 8 times, and that is enough");
    }

    #[tokio::test]
    async fn who_ends_while_it_is_awaited_is_awaited_no_longer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let SocketAddr::V4(gone) = listener.local_addr().unwrap() else { panic!() };
        drop(listener);
        let mut watch = watch(gone, Some("true"));
        let why = watch.awaited(Network::Gnutella).await.unwrap_err();
        assert!(why.contains("exit status: 0"), "{why}");
    }
}
