/// What a vault asks for when a token is missing (`spec/azure.md` §3).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    /// Every resource or scope that it names.
    asked: Vec<String>,
    /// The tenant.
    pub(super) tenant: Option<String>,
}

impl Challenge {
    /// Reads the header `WWW-Authenticate`.
    pub(super) fn read(header: &str) -> Self {
        let mut challenge = Self { asked: Vec::new(), tenant: None };
        let mut rest = header;
        while let Some((before, behind)) = rest.split_once("=\"") {
            let Some((value, next)) = behind.split_once('"') else { break };
            let name = before.rsplit([' ', ',', '\t']).next().unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "authorization" | "authorization_uri" => challenge.tenant = tenant(value),
                "resource" => challenge.asked.push(value.to_owned()),
                "scope" => {
                    let resource = value.strip_suffix("/.default").unwrap_or(value);
                    challenge.asked.push(resource.to_owned());
                }
                _ => {}
            }
            rest = next;
        }
        challenge
    }

    /// Returns what is asked for if it is not the resource alone.
    pub(super) fn other_than(&self, resource: &str) -> Option<String> {
        if self.asked.is_empty() {
            return Some("nothing".to_owned());
        }
        self.asked.iter().find(|it| *it != resource).cloned()
    }
}

/// Takes the tenant out of the address of a login host; its host never counts.
fn tenant(address: &str) -> Option<String> {
    let tenant = address.split('/').nth(3)?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    (!tenant.is_empty() && tenant.bytes().all(is_part)).then(|| tenant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_asked_for_must_be_the_resource() {
        let vault = "https://vault.azure.net";
        let login = "authorization=\"https://login.microsoftonline.com/T-1\"";
        let rows = [
            (format!("Bearer {login}, resource=\"{vault}\""), None),
            (format!("Bearer {login}, scope=\"{vault}/.default\""), None),
            (
                format!("Bearer {login},resource=\"{vault}\" scope=\"https://x/.default\""),
                Some("https://x"),
            ),
            (format!("Bearer {login}, resource=\"https://azure.net\""), Some("https://azure.net")),
            (format!("Bearer {login}, resource=\"{vault}/\""), Some("https://vault.azure.net/")),
            (format!("Bearer {login}"), Some("nothing")),
        ];
        for (header, other) in rows {
            let challenge = Challenge::read(&header);
            assert_eq!(challenge.other_than(vault).as_deref(), other, "{header}");
            assert_eq!(challenge.tenant.as_deref(), Some("T-1"));
        }
        let odd = Challenge::read("Bearer authorization=\"https://l/t;rm -rf\"");
        assert_eq!(odd.tenant, None);
    }
}
