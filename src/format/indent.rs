/// How far the lines of a text that is written anew are indented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Indent {
    /// As the reference does it unless it is told otherwise: 4 blanks in YAML, a tab in JSON.
    #[default]
    Default,
    /// So many blanks a level; in JSON, 0 gives lines without indentation.
    Blanks(usize),
}

impl Indent {
    /// Takes a configured step, of which 0 stands for the default.
    #[must_use]
    pub fn of_step(step: usize) -> Self {
        if step == 0 { Self::Default } else { Self::Blanks(step) }
    }

    /// Returns the step for lines that are put into a text, 0 for the default.
    #[must_use]
    pub fn step(self) -> usize {
        match self {
            Self::Default => 0,
            Self::Blanks(blanks) => blanks,
        }
    }
}
