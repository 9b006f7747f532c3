use super::{Action, AzureError, Refusal, Stage};

/// How many kinds of credentials there are.
const KINDS: usize = 5;

/// The names that `AZURE_TOKEN_CREDENTIALS` takes.
const CHOICES: &str = "dev, prod, EnvironmentCredential, WorkloadIdentityCredential, \
    ManagedIdentityCredential, AzureCLICredential or AzureDeveloperCLICredential";

/// What Entra's codes ask for (`spec/azure.md` §4).
const LOGIN: [(&str, &str); 10] = [
    ("AADSTS7000215", "AZURE_CLIENT_SECRET is wrong: it is the secret's value, not its id"),
    (
        "AADSTS7000222",
        "the client secret has expired: `az ad app credential reset --id APP` makes a new one",
    ),
    (
        "AADSTS700016",
        "AZURE_CLIENT_ID is no application of this tenant; check it and AZURE_TENANT_ID",
    ),
    (
        "AADSTS90002",
        "AZURE_TENANT_ID is no tenant of this cloud; check it and AZURE_AUTHORITY_HOST",
    ),
    (
        "AADSTS500011",
        "the tenant is of another cloud than the vault; check AZURE_TENANT_ID and AZURE_AUTHORITY_HOST",
    ),
    ("AADSTS700024", "the clock of this machine is wrong, or the federated token is too old"),
    (
        "AADSTS700027",
        "the certificate is not registered, or has expired: `az ad app credential list --id APP --cert`",
    ),
    (
        "AADSTS70021",
        "no federated credential of the application matches the token's issuer, subject and audience",
    ),
    (
        "AADSTS50027",
        "AZURE_FEDERATED_TOKEN_FILE must hold the token as its issuer gave it, and no other",
    ),
    ("AADSTS50034", "`az login` signs in again"),
];

/// Says what to do about a key of Azure that cannot be used.
#[must_use]
pub fn remedies(error: &AzureError) -> Vec<String> {
    let text = match error {
        AzureError::NotAddress(_) | AzureError::KeyName(_) | AzureError::Version(_) => {
            "`az keyvault key show --vault-name VAULT --name NAME --query key.kid` prints the address"
        }
        AzureError::Host { origin, .. } => {
            return vec![format!(
                "if you trust it, SOPS_AZURE_KEYVAULT_ALLOWLIST={origin} allows it"
            )];
        }
        AzureError::Allowlist(_) => {
            "list origins, https://HOST or https://HOST:PORT, and .example.net for the hosts below a domain"
        }
        AzureError::Authority(_) => {
            "for example AZURE_AUTHORITY_HOST=https://login.microsoftonline.us"
        }
        AzureError::Choice(_) => return vec![format!("it takes {CHOICES}")],
        AzureError::NoCredentials(links) => return no_credentials(links.len()),
        AzureError::Credentials { reason, .. } => return remedies(reason),
        AzureError::CertificatePassword { .. } => {
            "set AZURE_CLIENT_CERTIFICATE_PASSWORD to the password of the file"
        }
        AzureError::Login { reason, .. } => return login(reason),
        AzureError::Identity { status, .. } if *status != 400 => {
            "check that this machine or app has a managed identity; AZURE_TOKEN_CREDENTIALS chooses other credentials"
        }
        AzureError::Identity { .. } => {
            "AZURE_CLIENT_ID must be the client id of an identity that is assigned to this machine; leave it out for the machine's own"
        }
        AzureError::Vault(refusal) => return vec![refused(refusal)],
        AzureError::Connection { kind, .. } => connection(*kind),
        AzureError::Deadline { .. } => {
            "check that the host can be reached from here, and HTTPS_PROXY and NO_PROXY"
        }
        AzureError::Damaged | AzureError::NotDataKey(_) => {
            "restore the sops block from version control"
        }
        AzureError::Challenge { .. } | AzureError::Redirect { .. } => {
            "nothing was sent there; check the vault's address, and what stands between it and this machine"
        }
        AzureError::Answer { .. } => {
            "check what stands between this machine and the host; HTTPS_PROXY names a proxy"
        }
        AzureError::Unusable(_) | AzureError::Start(_) => return Vec::new(),
    };
    vec![text.to_owned()]
}

/// Says what to set up, and whether some were left out.
fn no_credentials(tried: usize) -> Vec<String> {
    let first = "`az login` signs you in; a program needs AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET or a managed identity";
    let narrowed = "AZURE_TOKEN_CREDENTIALS leaves all other credentials out";
    let is_narrowed = tried < KINDS;
    let hints = [Some(first), is_narrowed.then_some(narrowed)];
    hints.into_iter().flatten().map(str::to_owned).collect()
}

fn login(reason: &str) -> Vec<String> {
    let known = LOGIN.iter().find(|(code, _)| reason.contains(code));
    known.map(|(_, text)| (*text).to_owned()).into_iter().collect()
}

fn connection(kind: Stage) -> &'static str {
    match kind {
        Stage::Name => "check the name of the vault; one that was deleted has no address",
        Stage::Proxy => {
            "check HTTPS_PROXY, and user and password in it; NO_PROXY leaves a host out"
        }
        Stage::Tls => {
            "SSL_CERT_FILE names the certificates to trust, if a proxy has its own; check the clock"
        }
        Stage::Connect | Stage::Break => {
            "check the network, HTTPS_PROXY and NO_PROXY, and try again"
        }
    }
}

fn refused(refusal: &Refusal) -> String {
    let Refusal { action, status, inner, message, key, .. } = refusal;
    let key = key.trim_end_matches('/');
    let (vault, rest) = key.split_once("/keys/").unwrap_or((key, ""));
    let name = rest.split('/').next().unwrap_or_default();
    let says = |text: &str| message.contains(text) || inner.contains(text);
    match status {
        400 if *action == Action::Decrypt => {
            "the data key is of another key or version; restore the sops block from version control".to_owned()
        }
        400 => format!("the key must be an RSA key that allows encrypt and decrypt: `az keyvault key show --id {key}`"),
        401 => "the vault does not take the token: check AZURE_TENANT_ID, or `az login --tenant TENANT` with the tenant of the vault, and the clock".to_owned(),
        403 if says("ForbiddenByFirewall") || says("Client address") => {
            format!("allow this machine's address in the networking settings of {vault}")
        }
        403 if says("KeyDisabled") || says("disabled") => {
            format!("`az keyvault key set-attributes --id {key} --enabled true` enables the key")
        }
        403 if says("ForbiddenByPolicy") || says("does not have keys") => format!(
            "give the permission `{0}`: `az keyvault set-policy --name VAULT --spn CLIENT --key-permissions {0}` on {vault}",
            action.as_str()
        ),
        403 if says("expired") || says("not yet valid") || says("NotYetValid") => {
            format!("the key {name} may not be used at this time; make a new version of it, or change its dates")
        }
        403 => role(*action, name, vault),
        404 => format!("check vault, name and version: `az keyvault key list-versions --id {vault}/keys/{name}`; `az keyvault key recover --id {vault}/deletedkeys/{name}` brings a deleted key back"),
        429 => "the vault is asked too often; try again later".to_owned(),
        _ => "try again later".to_owned(),
    }
}

/// Names the role that allows something, which Managed HSM has under its own name.
fn role(action: Action, key: &str, vault: &str) -> String {
    let is_hsm = vault.contains(".managedhsm.");
    let (role, kind) = if is_hsm {
        ("Managed HSM Crypto User", "managedHsm")
    } else {
        ("Key Vault Crypto User", "vaults")
    };
    let action = match action {
        Action::Get if is_hsm => "read/action",
        Action::Get => "read",
        Action::Encrypt => "encrypt/action",
        Action::Decrypt => "decrypt/action",
    };
    format!(
        "give the role \"{role}\" on the key {key} or on {vault}; it allows Microsoft.KeyVault/{kind}/keys/{action}"
    )
}
