use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why something was refused, as RFC 9457 has it (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind it is.
    #[serde(rename = "type", default = "about_blank")]
    #[schema(example = "about:blank")]
    pub kind: String,
    /// The name of the status.
    pub title: String,
    pub status: u16,
    /// One sentence that says what to do.
    pub detail: String,
}

fn about_blank() -> String {
    "about:blank".to_owned()
}

impl Problem {
    /// A problem whose kind the status says.
    pub fn new(status: u16, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind: about_blank(), title: title.into(), status, detail: detail.into() }
    }
}
