//! Refusals, as RFC 9457 has them: each says in one sentence what to do.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::control::desk::Refusal;
use crate::control::model::Problem;

/// The media type of a problem.
pub(super) const PROBLEM_TYPE: &str = "application/problem+json";
/// Characters of a sentence, which may quote what was sent.
const DETAIL_LEN_MAX: usize = 400;
/// Seconds after which it may be better.
const RETRY_AFTER_S: &str = "5";

impl Problem {
    pub(super) fn of(status: StatusCode, detail: impl AsRef<str>) -> Self {
        let title = status.canonical_reason().unwrap_or("Problem");
        Self::new(status.as_u16(), title, sentence(detail.as_ref()))
    }

    pub(super) fn bad_request(detail: impl AsRef<str>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn not_found(detail: impl AsRef<str>) -> Self {
        Self::of(StatusCode::NOT_FOUND, detail)
    }

    pub(super) fn invalid(detail: impl AsRef<str>) -> Self {
        Self::of(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    pub(super) fn unavailable(detail: impl AsRef<str>) -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

/// What is quoted in it steers no terminal, and does not make it long.
fn sentence(text: &str) -> String {
    let shown = text.chars().take(DETAIL_LEN_MAX);
    shown.map(|character| if character.is_control() { ' ' } else { character }).collect()
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound(detail) => Self::not_found(detail),
            Refusal::Invalid(detail) => Self::invalid(detail),
            Refusal::Unavailable(detail) => Self::unavailable(detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
            }
            _ => {}
        }
        response
    }
}
