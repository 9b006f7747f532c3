use zeroize::Zeroizing;

use crate::format;
use crate::tree::{Branch, Container, Part, Scalar, Value};

/// A value of a file as a variable of the environment.
pub struct Variable {
    /// Name: the key, or the keys on the way joined.
    pub name: Vec<u8>,
    /// Value, with bytes that need not be UTF-8.
    pub value: Zeroizing<Vec<u8>>,
}

/// The reasons why a file does not become an environment. Names are shown, values never.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    /// A value is a mapping or a list.
    #[error("cannot use complex value in environment; offending key {name}")]
    Complex {
        /// The key.
        name: String,
    },
    /// A key is no name of a variable.
    #[error("cannot use the key {name:?} as a variable: {reason}")]
    Name {
        /// The key.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A value ends early as a variable.
    #[error("cannot use the value of {name} as a variable: it holds a NUL")]
    Nul {
        /// The key.
        name: String,
    },
    /// Two values have the same keys once these are joined.
    #[error("two values become the variable {name}")]
    Twice {
        /// The joined keys.
        name: String,
    },
}

/// Turns the top level of a document into variables (`spec/cli.md` §8); with a separator all that
/// is below too, each value under the keys on the way to it. Null becomes an empty variable.
///
/// # Errors
/// A value or its key has no place in an environment.
pub fn variables(
    document: &Branch,
    separator: Option<&str>,
) -> Result<Vec<Variable>, VariableError> {
    let mut walk = Walk { separator, open: Vec::new(), variables: Vec::new() };
    for part in document.parts() {
        walk.step(part)?;
    }
    Ok(walk.variables)
}

/// A collection on the way to a value.
struct Level {
    /// The joined keys of the collection; nothing at the top.
    name: Option<Vec<u8>>,
    /// The key of the value that follows.
    key: Vec<u8>,
    /// The number of the element that follows; nothing in a mapping.
    element: Option<usize>,
}

struct Walk<'w> {
    separator: Option<&'w str>,
    open: Vec<Level>,
    variables: Vec<Variable>,
}

impl Walk<'_> {
    fn step(&mut self, part: &Part) -> Result<(), VariableError> {
        match part {
            Part::Comment(_) => {}
            Part::Key(key) => {
                if let Some(level) = self.open.last_mut() {
                    level.key.clone_from(key);
                }
            }
            Part::Enter(container) => self.enter(*container)?,
            Part::Leave => drop(self.open.pop()),
            Part::Scalar(scalar) => {
                let name = self.next_name();
                self.add(name, text(scalar))?;
            }
        }
        Ok(())
    }

    fn enter(&mut self, container: Container) -> Result<(), VariableError> {
        let name = (!self.open.is_empty()).then(|| self.next_name());
        if let (None, Some(name)) = (self.separator, &name) {
            return Err(VariableError::Complex { name: shown(name) });
        }
        let element = (container == Container::Sequence).then_some(0);
        self.open.push(Level { name, key: Vec::new(), element });
        Ok(())
    }

    /// Names the value that follows.
    fn next_name(&mut self) -> Vec<u8> {
        let Some(level) = self.open.last_mut() else { return Vec::new() };
        let own = match &mut level.element {
            None => std::mem::take(&mut level.key),
            Some(number) => {
                *number += 1;
                (*number - 1).to_string().into_bytes()
            }
        };
        match &level.name {
            None => own,
            Some(name) => [name, self.separator.unwrap_or_default().as_bytes(), &own].concat(),
        }
    }

    fn add(&mut self, name: Vec<u8>, value: Zeroizing<Vec<u8>>) -> Result<(), VariableError> {
        let reason = match () {
            () if name.is_empty() => "it is empty",
            () if name.contains(&b'=') => "it holds =",
            () if name.contains(&0) => "it holds a NUL",
            () if value.contains(&0) => return Err(VariableError::Nul { name: shown(&name) }),
            () if self.separator.is_some() && self.has(&name) => {
                return Err(VariableError::Twice { name: shown(&name) });
            }
            () => {
                self.variables.push(Variable { name, value });
                return Ok(());
            }
        };
        Err(VariableError::Name { name: shown(&name), reason })
    }

    fn has(&self, name: &[u8]) -> bool {
        self.variables.iter().any(|variable| variable.name == name)
    }
}

fn text(scalar: &Scalar) -> Zeroizing<Vec<u8>> {
    match scalar {
        Scalar::Null => Zeroizing::default(),
        Scalar::Value(Value::Str(bytes)) => bytes.clone(),
        Scalar::Value(value) => format::plain_text(value).into_bytes().into(),
        Scalar::TooBig(digits) => digits.clone().into_bytes().into(),
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// Names that make a program run other code, or look for its own elsewhere: those of shells and the
/// system, of programs that others call, of git, of languages.
const DANGEROUS: &str = "\
    BASHOPTS BASH_ENV CDPATH ENV FPATH GCONV_PATH GLIBC_TUNABLES HOME \
    HOSTALIASES IFS LOCPATH NLSPATH PATH PROMPT_COMMAND PS4 SHELL SHELLOPTS \
    TERMINFO XDG_CONFIG_HOME ZDOTDIR \
    BROWSER EDITOR LESSCLOSE LESSOPEN MANPAGER PAGER SSH_ASKPASS SUDO_ASKPASS \
    VISUAL \
    GIT_ASKPASS GIT_CONFIG GIT_DIR GIT_EDITOR GIT_EXEC_PATH GIT_EXTERNAL_DIFF \
    GIT_PAGER GIT_PROXY_COMMAND GIT_SEQUENCE_EDITOR GIT_SSH GIT_SSH_COMMAND \
    GIT_TEMPLATE_DIR \
    CLASSPATH CORECLR_PROFILER COR_PROFILER DOTNET_STARTUP_HOOKS ELIXIR_ERL_OPTIONS \
    ERL_AFLAGS ERL_FLAGS ERL_ZFLAGS GEM_HOME GEM_PATH GUILE_LOAD_PATH \
    JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS JULIA_LOAD_PATH LUA_CPATH LUA_INIT LUA_PATH \
    MAKEFLAGS NODE_OPTIONS NODE_PATH OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES \
    PERL5DB PERL5LIB PERL5OPT PERLLIB PHPRC PHP_INI_SCAN_DIR PYTHONHOME \
    PYTHONPATH PYTHONSTARTUP RUBYLIB RUBYOPT RUSTC_WRAPPER R_ENVIRON R_PROFILE \
    TCLLIBPATH _JAVA_OPTIONS \
    COMSPEC PATHEXT";

/// Beginnings of such names: the dynamic linkers, functions of bash, settings of git.
const DANGEROUS_BEGINNINGS: [&str; 4] = ["LD_", "DYLD_", "BASH_FUNC_", "GIT_CONFIG_"];

impl Variable {
    /// Tells whether the name makes a program run other code.
    #[must_use]
    pub fn is_dangerous(&self) -> bool {
        let name = String::from_utf8_lossy(&self.name);
        DANGEROUS.split_whitespace().any(|known| name == known)
            || DANGEROUS_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    fn tree(items: Vec<(&str, Tree)>) -> Tree {
        Tree::Mapping(items.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn shape(tree: &Tree, separator: Option<&str>) -> Result<Vec<String>, String> {
        let found = variables(&Branch::from(tree), separator).map_err(|error| error.to_string())?;
        let line = |it: &Variable| format!("{}={}", shown(&it.name), shown(&it.value));
        Ok(found.iter().map(line).collect())
    }

    #[test]
    fn values_are_written_as_the_reference_does() {
        let file = tree(vec![
            ("S", Tree::str("two\nlines")),
            ("I", Tree::Int(-5)),
            ("F", Tree::Float(2.0)),
            ("E", Tree::Float(1e30)),
            ("T", Tree::Float(0.00001)),
            ("B", Tree::Bool(true)),
            ("N", Tree::Null),
            ("S", Tree::str("again")),
        ]);
        let expected =
            ["S=two\nlines", "I=-5", "F=2.0", "E=1E+30", "T=1E-05", "B=true", "N=", "S=again"];
        assert_eq!(shape(&file, None).unwrap(), expected);
    }

    #[test]
    fn what_is_below_is_joined_or_refused() {
        let list = Tree::Sequence(vec![Tree::Int(1), tree(vec![("x", Tree::Int(2))])]);
        let file = tree(vec![("a", list), ("b", tree(vec![])), ("c", Tree::Int(3))]);
        assert_eq!(shape(&file, Some("__")).unwrap(), ["a__0=1", "a__1__x=2", "c=3"]);
        let error = shape(&file, None).unwrap_err();
        assert_eq!(error, "cannot use complex value in environment; offending key a");
        let file = tree(vec![("a", tree(vec![("b", Tree::Int(1))])), ("a_b", Tree::Int(2))]);
        assert_eq!(shape(&file, Some("_")).unwrap_err(), "two values become the variable a_b");
    }

    #[test]
    fn names_and_values_without_a_place_are_refused() {
        let rows = [
            (("a=b", Tree::Int(1)), "cannot use the key \"a=b\" as a variable: it holds ="),
            (("", Tree::Int(1)), "cannot use the key \"\" as a variable: it is empty"),
            (("a\0", Tree::Int(1)), "cannot use the key \"a\\0\" as a variable: it holds a NUL"),
            (("a", Tree::str("s\0")), "cannot use the value of a as a variable: it holds a NUL"),
        ];
        for ((key, value), expected) in rows {
            assert_eq!(shape(&tree(vec![(key, value)]), None).unwrap_err(), expected);
        }
    }

    #[test]
    fn dangerous_names_are_known() {
        let rows =
            [("PATH", true), ("LD_PRELOAD", true), ("BASH_FUNC_ls%%", true), ("path", false)];
        for (name, expected) in rows {
            let variable = Variable { name: name.into(), value: Zeroizing::default() };
            assert_eq!(variable.is_dangerous(), expected, "{name}");
        }
    }
}
