use std::error::Error as _;
use std::time::Duration;

use azure_core::http::headers::{AUTHORIZATION, Headers, WWW_AUTHENTICATE};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Method, Request, StatusCode};
use zeroize::Zeroizing;

use super::call::Call;
use super::challenge::Challenge;
use super::shared::Asked;
use super::{AzureError, Refusal, Stage};

/// How long a connection may take to come about.
const CONNECT_TIME: Duration = Duration::from_secs(8);

/// How many bytes an answer may have.
const LIMIT: usize = 1 << 20;

/// How often a request is sent at most.
const TRIES: u32 = 6;

/// The first pause before another try; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// Whom a transport talks to.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    /// A vault, with the resource that tokens for it are for.
    Vault(String),
    /// A login host.
    Login,
    /// A managed identity's endpoint.
    Identity,
}

/// Sends the requests of the crates to one origin and no other, follows no redirect, keeps to the
/// deadline, and reads the reasons of refusals itself.
#[derive(Debug)]
pub(super) struct Transport {
    client: reqwest::Client,
    origin: String,
    peer: Peer,
    call: Call,
}

/// Makes the client for vaults and login hosts. Proxies and certificates are those of the
/// environment.
pub(super) fn client() -> Result<reqwest::Client, AzureError> {
    build(reqwest::Client::builder().connect_timeout(CONNECT_TIME))
}

/// Makes the client for managed identities, whose endpoints are on this machine.
pub(super) fn direct_client() -> Result<reqwest::Client, AzureError> {
    build(reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(2)))
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, AzureError> {
    let client = builder.redirect(reqwest::redirect::Policy::none()).build();
    client.map_err(|error| AzureError::Start(last_cause(&error)))
}

/// An answer that has been read.
struct Answer {
    status: u16,
    headers: Headers,
    body: Zeroizing<Vec<u8>>,
}

impl Transport {
    pub(super) fn new(client: reqwest::Client, origin: &str, peer: Peer, call: Call) -> Self {
        Self { client, origin: origin.to_owned(), peer, call }
    }

    fn host(&self) -> String {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, host)| host).to_owned()
    }

    /// Sends a request, again and again while that may help.
    async fn exchange(&self, request: &Request) -> Result<Answer, AzureError> {
        if request.url().origin().ascii_serialization() != self.origin {
            let text = format!("a request to {}", request.url().origin().ascii_serialization());
            return Err(AzureError::Answer { host: self.host(), text });
        }
        self.call.wait_for(&self.host());
        let mut pause = PAUSE;
        let mut tried = 1;
        loop {
            let result = self.send(request).await;
            let wait = match &result {
                Ok(answer) if may_pass(answer.status) => retry_after(&answer.headers),
                Err(AzureError::Connection { kind: Stage::Break, .. }) => None,
                Err(AzureError::Connection { kind: Stage::Connect, .. }) if tried == 1 => None,
                _ => return result,
            };
            let wait = wait.unwrap_or(pause);
            if tried >= TRIES || wait >= self.call.left() {
                return result;
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
            tried += 1;
        }
    }

    async fn send(&self, request: &Request) -> Result<Answer, AzureError> {
        let method = match request.method() {
            Method::Post => reqwest::Method::POST,
            _ => reqwest::Method::GET,
        };
        let mut sent = self.client.request(method, request.url().clone());
        for (name, value) in request.headers().iter() {
            let value = reqwest::header::HeaderValue::from_str(value.as_str());
            let Ok(mut value) = value else {
                let text = format!("the header {} cannot be sent", name.as_str());
                return Err(AzureError::Answer { host: self.host(), text });
            };
            // kept out of whatever is told about requests
            value.set_sensitive(*name == AUTHORIZATION);
            sent = sent.header(name.as_str(), value);
        }
        if let Body::Bytes(bytes) = request.body() {
            sent = sent.body(bytes.clone());
        }
        let whole = async { self.read(sent.send().await?).await };
        match tokio::time::timeout(self.call.left(), whole).await {
            Ok(answer) => answer.map_err(|error| connection(self.host(), &error)),
            Err(_) => Err(self.call.late()),
        }
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Answer, reqwest::Error> {
        let mut headers = Headers::new();
        for (name, value) in response.headers() {
            if let Ok(value) = value.to_str() {
                headers.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        // reserved as far as is known, as growing would leave copies behind
        let length = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Zeroizing::new(Vec::with_capacity(length.unwrap_or_default().min(LIMIT)));
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() <= LIMIT {
                body.extend_from_slice(&chunk);
            }
        }
        Ok(Answer { status: response.status().as_u16(), headers, body })
    }

    /// Judges an answer before the crates see it.
    fn judge(&self, request: &Request, answer: &mut Answer) -> Result<(), AzureError> {
        if (300..400).contains(&answer.status) {
            let target = answer.headers.get_optional_string(&"location".into());
            let target = target.unwrap_or_else(|| "nowhere".to_owned());
            return Err(AzureError::Redirect { host: self.host(), target: plain(&target) });
        }
        match &self.peer {
            _ if (200..300).contains(&answer.status) => Ok(()),
            Peer::Vault(resource) if answer.status == 401 => {
                self.challenge(request, answer, resource)
            }
            Peer::Vault(_) => Err(AzureError::Vault(Box::new(self.refusal(answer)))),
            Peer::Login => {
                Err(AzureError::Login { host: self.host(), reason: login_reason(answer) })
            }
            Peer::Identity => Err(identity_refusal(answer)),
        }
    }

    /// Sends the request that has no token yet, for the vault to say what it wants; one call does
    /// that for all.
    async fn introduce(&self, request: &Request, resource: &str) -> Result<Answer, AzureError> {
        let place = self.call.shared.challenge(&self.origin);
        let mut known = place.lock().await;
        if let Some(Asked(tenant)) = &*known {
            self.call.set_tenant(tenant.clone());
            let mut headers = Headers::new();
            headers.insert(WWW_AUTHENTICATE, clean_challenge(resource));
            return Ok(Answer { status: 401, headers, body: Zeroizing::default() });
        }
        let answer = self.judged(request).await?;
        if answer.status == 401 {
            *known = Some(Asked(self.call.tenant()));
        }
        Ok(answer)
    }

    async fn judged(&self, request: &Request) -> Result<Answer, AzureError> {
        let mut answer = self.exchange(request).await?;
        self.judge(request, &mut answer)?;
        Ok(answer)
    }

    /// Checks what a vault asks for. The header is written anew, so that what was checked is what
    /// the crate reads.
    fn challenge(
        &self,
        request: &Request,
        answer: &mut Answer,
        resource: &str,
    ) -> Result<(), AzureError> {
        let had_token = request.headers().get_optional_str(&AUTHORIZATION).is_some();
        let header = answer.headers.get_optional_string(&WWW_AUTHENTICATE);
        let Some(header) = header.filter(|_| !had_token) else {
            return Err(AzureError::Vault(Box::new(self.refusal(answer))));
        };
        let challenge = Challenge::read(&header);
        if let Some(asked) = challenge.other_than(resource) {
            let (host, resource) = (self.host(), resource.to_owned());
            return Err(AzureError::Challenge { host, asked: plain(&asked), resource });
        }
        self.call.set_tenant(challenge.tenant);
        answer.headers.insert(WWW_AUTHENTICATE, clean_challenge(resource));
        Ok(())
    }

    fn refusal(&self, answer: &Answer) -> Refusal {
        let (action, key) = self.call.asked();
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let error = &body["error"];
        let inner =
            [&error["innererror"], &error["innerError"]].into_iter().find(|it| it.is_object());
        let text = |value: &serde_json::Value| plain(value.as_str().unwrap_or_default());
        Refusal {
            host: self.host(),
            key,
            action,
            status: answer.status,
            code: text(&error["code"]),
            inner: inner.map(|inner| text(&inner["code"])).unwrap_or_default(),
            message: text(&error["message"]),
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Transport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let has_token = request.headers().get_optional_str(&AUTHORIZATION).is_some();
        let answer = match &self.peer {
            Peer::Vault(resource) if !has_token => self.introduce(request, resource).await,
            _ => self.judged(request).await,
        };
        let mut answer = answer.map_err(|error| self.call.fail(error))?;
        let (status, body) = (StatusCode::from(answer.status), std::mem::take(&mut *answer.body));
        Ok(AsyncRawResponse::from_bytes(status, answer.headers, body))
    }
}

/// Asks for a token for a resource, as a vault does.
fn clean_challenge(resource: &str) -> String {
    format!("Bearer authorization=\"https://login/\", resource=\"{resource}\"")
}

/// Tells whether an answer may be another one soon.
fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

fn retry_after(headers: &Headers) -> Option<Duration> {
    let text = headers.get_optional_string(&"retry-after".into())?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Takes the reason out of the answer of a login host: the crate cannot read those with escapes.
fn login_reason(answer: &Answer) -> String {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let texts = [&body["error_description"], &body["error"]];
    let text = texts.into_iter().find_map(|it| it.as_str()).map(plain);
    // what follows are numbers for the service's own logs
    let text = text.map(|text| text.split(" Trace ID:").next().unwrap_or_default().to_owned());
    text.unwrap_or_else(|| format!("status {}", answer.status))
}

fn identity_refusal(answer: &Answer) -> AzureError {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let (status, reason) = (answer.status, login_reason(answer));
    AzureError::Identity { status, reason, is_json: body["error"].is_string() }
}

/// Makes one line of a text, without control characters.
pub(super) fn plain(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn last_cause(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    // the addresses of a crate's documentation help nobody here
    plain(text.split(": https://docs.rs/").next().unwrap_or_default())
}

/// Finds out at which step a connection failed, from all that is said about it.
fn connection(host: String, error: &reqwest::Error) -> AzureError {
    let mut words = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(&error.to_string().to_lowercase());
        words.push('\n');
        cause = error.source();
    }
    let has = |marks: &[&str]| marks.iter().any(|mark| words.contains(mark));
    let kind = if has(&["proxy", "tunnel"]) {
        Stage::Proxy
    } else if has(&["dns error", "failed to lookup"]) {
        Stage::Name
    } else if has(&["certificate"]) || (error.is_connect() && has(&["tls", "handshake"])) {
        Stage::Tls
    } else if error.is_connect() {
        Stage::Connect
    } else {
        Stage::Break
    };
    AzureError::Connection { host, kind, text: last_cause(error) }
}
