use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Client, Error};
use crate::control::model::Problem;

/// How long a node may take to let us in.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long whoever is there may take for any sign of life. A node gives one however busy it is.
pub const SIGN_TIMEOUT: Duration = Duration::from_secs(5);
/// Who answers within this is not asked for a sign of life.
const SIGN_AFTER: Duration = Duration::from_secs(1);
/// How long it may take to answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer: a node with thousands of peers has some megabytes to say of them.
pub const ANSWER_LEN_MAX: usize = 64 * 1024 * 1024;

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) method: Method,
    /// Below `/api/v1`.
    pub(super) path: &'a str,
    /// JSON, if anything is to be said.
    pub(super) body: Option<Vec<u8>>,
}

impl Client {
    /// Asks, and waits for the whole answer.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<Bytes, Error> {
        self.in_time(async {
            let (response, driver) = self.send(question).await?;
            let body = self.body(response).await;
            driver.abort();
            body
        })
        .await
    }

    /// Asks for what is told bit by bit.
    pub(super) async fn listen(
        &self,
        path: &str,
    ) -> Result<(Response<Incoming>, JoinHandle<()>), Error> {
        let question = Question { method: Method::GET, path, body: None };
        self.in_time(async {
            let (response, driver) = self.send(question).await?;
            let kind = response.headers().get(header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if !kind.starts_with("text/event-stream") {
                driver.abort();
                return Err(self.no_answer("what came are no events"));
            }
            Ok((response, driver))
        })
        .await
    }

    /// True when somebody takes connections there.
    pub(super) async fn is_there(&self) -> bool {
        matches!(timeout(CONNECT_TIMEOUT, self.place.open()).await, Ok(Ok(_)))
    }

    /// Waits for an answer: as long as a busy node may need, if it is one.
    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let since = Instant::now();
        let mut answer = pin!(answer);
        if let Ok(answer) = timeout(SIGN_AFTER, &mut answer).await {
            return answer;
        }
        tokio::select! {
            answer = &mut answer => return answer,
            is_alive = self.gives_sign() => if !is_alive {
                return Err(self.silence());
            },
        }
        let late = |_| {
            let seconds = ANSWER_TIMEOUT.as_secs();
            Error::Broken(format!("the node at {} does not answer within {seconds} s", self.place))
        };
        timeout_at(since + ANSWER_TIMEOUT, answer).await.map_err(late)?
    }

    /// Whether whoever is there says anything at all. What the API can do it says by itself, so that this
    /// is answered even where the node behind it has no time.
    async fn gives_sign(&self) -> bool {
        let question = Question { method: Method::GET, path: "", body: None };
        match timeout(SIGN_TIMEOUT.saturating_sub(SIGN_AFTER), self.send(question)).await {
            Ok(Ok((_, driver))) => {
                driver.abort();
                true
            }
            Ok(Err(Error::NoNode(_))) | Err(_) => false,
            Ok(Err(_)) => true,
        }
    }

    async fn send(
        &self,
        question: Question<'_>,
    ) -> Result<(Response<Incoming>, JoinHandle<()>), Error> {
        let request = self.request(question)?;
        let opened = timeout(CONNECT_TIMEOUT, self.place.open()).await;
        let stream = opened.map_err(|_| self.nobody())?.map_err(|_| self.nobody())?;
        let broken = |error: hyper::Error| self.no_answer(&error.to_string());
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let driver = tokio::spawn(async move {
            // What goes wrong here is told to whoever reads the answer.
            let _ = connection.await;
        });
        let response = sender.send_request(request).await.map_err(broken)?;
        match response.status().is_success() {
            true => Ok((response, driver)),
            false => {
                let error = self.refusal(response).await;
                driver.abort();
                Err(error)
            }
        }
    }

    fn request(&self, question: Question<'_>) -> Result<Request<Full<Bytes>>, Error> {
        let mut request = Request::builder()
            .method(question.method)
            .uri(format!("/api/v1{}", question.path))
            .header(header::HOST, self.place.host());
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.as_str()));
        }
        if question.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = Full::new(Bytes::from(question.body.unwrap_or_default()));
        request.body(body).map_err(|error| Error::Unusable(error.to_string()))
    }

    async fn body(&self, response: Response<Incoming>) -> Result<Bytes, Error> {
        let collected = Limited::new(response.into_body(), ANSWER_LEN_MAX).collect().await;
        let body = collected.map_err(|error| self.no_answer(&error.to_string()))?;
        Ok(body.to_bytes())
    }

    /// Why the node will not, in its own words.
    async fn refusal(&self, response: Response<Incoming>) -> Error {
        let status = response.status();
        let body = match self.body(response).await {
            Ok(body) => body,
            Err(error) => return error,
        };
        match serde_json::from_slice(&body) {
            Ok(Problem { detail, .. }) => {
                Error::Refused { status: status.as_u16(), sentence: detail }
            }
            Err(_) => self.no_answer(&format!("it says {status}, and not why")),
        }
    }

    /// Somebody is there, and says nothing.
    fn silence(&self) -> Error {
        let (place, seconds) = (&self.place, SIGN_TIMEOUT.as_secs());
        let process = self.pid.map_or(String::new(), |pid| format!(", the process {pid}"));
        Error::NoNode(format!(
            "what listens at {place} gives no sign of life within {seconds} s; if it is a node that \
             hangs{process}, end it, then {}",
            self.advice()
        ))
    }

    /// Somebody else is there.
    pub(super) fn no_answer(&self, why: &str) -> Error {
        let (place, advice) = (&self.place, self.advice());
        Error::NoNode(format!("what answers at {place} is no node of Filbert ({why}); {advice}"))
    }
}
