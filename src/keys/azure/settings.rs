use zeroize::Zeroizing;

use crate::io::environment::Environment;

/// What the environment says about Azure, read once.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) tenant: Option<String>,
    pub(super) client: Option<String>,
    pub(super) secret: Option<Zeroizing<String>>,
    pub(super) certificate: Option<String>,
    pub(super) certificate_password: Option<Zeroizing<String>>,
    pub(super) sends_chain: bool,
    pub(super) token_file: Option<String>,
    pub(super) authority: Option<String>,
    pub(super) choice: Option<String>,
    pub(super) identity_endpoint: Option<String>,
    pub(super) has_identity_header: bool,
    pub(super) thumbprint: Option<String>,
    pub(super) arc_endpoint: Option<String>,
    pub(super) msi_endpoint: Option<String>,
    pub(super) has_msi_secret: bool,
    pub(super) allowlist: Option<String>,
}

impl Settings {
    /// Reads the variables; an empty one counts as not set.
    pub(super) fn read(environment: Environment<'_>) -> Self {
        let text = |name: &str| {
            let value = environment.filled_variable(name)?.into_string();
            Some(value.unwrap_or_else(|value| value.to_string_lossy().into_owned()))
        };
        let secret = |name: &str| text(name).map(Zeroizing::new);
        let sends = text("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");
        Self {
            tenant: text("AZURE_TENANT_ID"),
            client: text("AZURE_CLIENT_ID"),
            secret: secret("AZURE_CLIENT_SECRET"),
            certificate: text("AZURE_CLIENT_CERTIFICATE_PATH"),
            certificate_password: secret("AZURE_CLIENT_CERTIFICATE_PASSWORD"),
            sends_chain: sends.is_some_and(|it| it == "1" || it.eq_ignore_ascii_case("true")),
            token_file: text("AZURE_FEDERATED_TOKEN_FILE"),
            authority: text("AZURE_AUTHORITY_HOST"),
            choice: text("AZURE_TOKEN_CREDENTIALS"),
            identity_endpoint: text("IDENTITY_ENDPOINT"),
            has_identity_header: secret("IDENTITY_HEADER").is_some(),
            thumbprint: text("IDENTITY_SERVER_THUMBPRINT"),
            arc_endpoint: text("IMDS_ENDPOINT"),
            msi_endpoint: text("MSI_ENDPOINT"),
            has_msi_secret: secret("MSI_SECRET").is_some(),
            allowlist: text(super::hosts::ALLOWLIST),
        }
    }
}
