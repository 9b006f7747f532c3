//! What a new file begins with when it is opened in an editor (`spec/cli.md` §5).

use super::Format;

const YAML: &str = "\
hello: Welcome to SOPS! Edit this file as you please!
example_key: example_value
# Example comment
example_array:
    - example_value1
    - example_value2
example_number: 1234.56789
example_booleans:
    - true
    - false
";

const JSON: &str = "\
{
\t\"hello\": \"Welcome to SOPS! Edit this file as you please!\",
\t\"example_key\": \"example_value\",
\t\"example_array\": [
\t\t\"example_value1\",
\t\t\"example_value2\"
\t],
\t\"example_number\": 1234.56789,
\t\"example_booleans\": [
\t\ttrue,
\t\tfalse
\t]
}
";

const DOTENV: &str = "\
# This is an example file.
hello=Welcome to SOPS! Edit this file as you please!
example_key=example_value
example_multiline=foo\\nbar\\nbaz
";

const INI: &str = "\
; This is an example file.
[Welcome!]
hello       = Welcome to SOPS! Edit this file as you please!
example_key = example_value
";

const BINARY: &str = "Welcome to SOPS! Edit this file as you please!";

impl Format {
    /// Returns the example that a new file begins with; the reference has the same.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::Yaml => YAML,
            Self::Json => JSON,
            Self::Dotenv => DOTENV,
            Self::Ini => INI,
            Self::Binary => BINARY,
        }
    }
}
