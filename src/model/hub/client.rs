//! Requests to the Hub over HTTP, and what its refusals mean.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RANGE, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};

use super::environment::Environment;
use crate::domain::hub::ModelId;
use crate::domain::problem::{Outcome, Problem, io_kind};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// A request is made at most so many times when the server is in trouble or the connection breaks off.
pub const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// The largest answer that is not a file.
const LARGEST_ANSWER_BYTES: usize = 64 << 20;

/// Makes requests to one Hub.
pub struct Client {
    http: reqwest::Client,
    endpoint: Url,
    has_token: bool,
    stall: Duration,
}

/// A request that failed.
pub struct Failure {
    pub problem: Problem,
    /// Whether the same request may succeed later.
    pub may_pass: bool,
}

impl Client {
    /// A client for the endpoint that `environment` names, with its token if it has one.
    ///
    /// # Errors
    /// `hub-bad-endpoint`; `internal-error` when the HTTP client cannot be set up.
    pub fn new(environment: &Environment) -> Outcome<Self> {
        let text = &environment.endpoint;
        let endpoint = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let endpoint = endpoint.ok_or_else(|| Problem::new("hub-bad-endpoint").with("endpoint", text))?;
        let mut headers = HeaderMap::new();
        let token =
            environment.token.as_ref().and_then(|token| HeaderValue::from_str(&format!("Bearer {}", token.0)).ok());
        let has_token = token.is_some();
        if let Some(mut token) = token {
            token.set_sensitive(true);
            headers.insert(AUTHORIZATION, token);
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("thaw/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(environment.stall)
            .build()
            .map_err(Problem::internal)?;
        Ok(Self { http, endpoint, has_token, stall: environment.stall })
    }

    /// The address of a path on the Hub, whose parts are percent-encoded.
    pub fn url<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.endpoint.clone();
        // An address with a host can always be extended.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    /// Asks for a JSON answer, several times if need be. `about` is the model in question; a search is about none.
    ///
    /// # Errors
    /// `hub-unreadable-answer`, and the other `hub-*` problems of the network.
    pub async fn json(&self, url: Url, about: Option<&ModelId>) -> Outcome<serde_json::Value> {
        let mut tries = 1;
        loop {
            match self.whole(url.clone(), about).await {
                Ok(body) => return serde_json::from_slice(&body).map_err(|e| self.unreadable(e)),
                Err(failure) if !failure.may_pass || tries == TRIES => return Err(failure.problem),
                Err(failure) => log::info!("try {tries} of {}: {}", url.path(), failure.problem),
            }
            pause(tries).await;
            tries += 1;
        }
    }

    /// The problem that an answer is which is not as it should be.
    pub fn unreadable(&self, error: impl std::fmt::Display) -> Problem {
        Problem::new("hub-unreadable-answer").with("host", self.host()).with_original(error)
    }

    /// Asks once and returns the whole body of the answer.
    async fn whole(&self, url: Url, about: Option<&ModelId>) -> Result<Vec<u8>, Failure> {
        let mut response = self.get(url, about, 0).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.broken(&e))? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_ANSWER_BYTES {
                return Err(Failure { problem: self.unreadable("too long"), may_pass: false });
            }
        }
        Ok(body)
    }

    /// Asks once, for the bytes from `from` on. Every answer other than success is a failure.
    ///
    /// # Errors
    /// `hub-*`, each with whether a later try may succeed.
    pub async fn get(&self, url: Url, about: Option<&ModelId>, from: u64) -> Result<Response, Failure> {
        let mut request = self.http.get(url);
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let response = request.send().await.map_err(|e| self.broken(&e))?;
        if response.status().is_success() { Ok(response) } else { Err(self.refused(&response, about)) }
    }

    /// What an answer means that is not a success.
    fn refused(&self, response: &Response, about: Option<&ModelId>) -> Failure {
        let status = response.status();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let code = header("x-error-code").unwrap_or_default();
        let may_pass = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
        let host = self.host();
        let repo = about.map_or("", |model| &model.repo);
        let problem = |id: &'static str| Problem::new(id).with("id", repo).with("host", &host);
        let page = about.map(|model| self.url(model.repo.split('/')).to_string()).unwrap_or_default();
        let problem = match (status.as_u16(), code) {
            (401 | 403, "GatedRepo") if self.has_token => problem("hub-gated").with("page", page),
            (401 | 403, "GatedRepo") => problem("hub-gated-needs-token").with("page", page),
            (404, "RevisionNotFound") => {
                problem("hub-no-such-revision").with("revision", about.map_or("main", ModelId::revision))
            }
            (401, "RepoNotFound") | (404, _) if !self.has_token => problem("hub-no-such-model"),
            (401, "RepoNotFound") | (404, _) => problem("hub-no-such-model-for-token"),
            (401, _) if self.has_token => Problem::new("hub-token-refused").with("host", &host),
            (401, _) => problem("hub-needs-token"),
            (403, _) => problem("hub-forbidden").with("page", page),
            (407, _) => Problem::new("hub-proxy").with_original(status),
            (429, _) => {
                let secs = header(RETRY_AFTER.as_str()).and_then(|value| value.trim().parse::<u64>().ok());
                Problem::new("hub-rate-limited").with("host", &host).with("secs", secs.unwrap_or(300))
            }
            _ if may_pass => Problem::new("hub-server-error").with("host", &host).with("status", status.as_u16()),
            _ => Problem::new("hub-unexpected-answer").with("host", &host).with("status", status.as_u16()),
        };
        Failure { problem, may_pass }
    }

    /// What the end of a connection means. Messages do not show the address, because it may hold a signature.
    pub fn broken(&self, error: &reqwest::Error) -> Failure {
        let causes: Vec<_> = std::iter::successors(error.source(), |&cause| cause.source()).collect();
        let cause = causes.last().map(ToString::to_string).unwrap_or_default();
        log::info!("{}: {cause}", self.host());
        let problem = |id| Problem::new(id).with("host", self.host());
        let problem = if error.is_connect() && proxy(self.endpoint.scheme()).is_some() {
            Problem::new("hub-proxy").with_original(cause)
        } else if error.is_connect() {
            problem("hub-unreachable").with("kind", kind(&causes)).with_original(cause)
        } else if error.is_timeout() {
            problem("hub-stalled").with("secs", self.stall.as_secs_f64().ceil())
        } else if error.is_redirect() {
            problem("hub-unexpected-answer").with("status", "redirect")
        } else {
            problem("hub-broken-off").with_original(cause)
        };
        Failure { problem, may_pass: !error.is_connect() && (error.is_timeout() || !error.is_redirect()) }
    }

    /// The Hub's host, with the port where it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        self.endpoint.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// Waits before another try, longer after each one.
pub async fn pause(tries: u32) {
    tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(tries.min(6) - 1)).await;
}

/// The proxy that the environment names for addresses with this scheme.
fn proxy(scheme: &str) -> Option<String> {
    let own = if scheme == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let names = own.into_iter().chain(["ALL_PROXY", "all_proxy"]);
    names.filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty())
}

/// Why a connection could not be made, as far as the causes of its error tell.
fn kind(causes: &[&(dyn std::error::Error + 'static)]) -> &'static str {
    let says = |what: &str| causes.iter().any(|cause| cause.to_string().contains(what));
    if says("dns error") {
        return "unknown-name";
    }
    if says("certificate") {
        return "certificate";
    }
    let mut kinds = causes.iter().filter_map(|cause| cause.downcast_ref()).map(io_kind);
    kinds.find(|kind| *kind != "other").unwrap_or("other")
}
