//! What is waited for, on the terminal, once it takes long.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::io::environment::Environment;

/// What ends sooner is not worth a word.
const SHORT: Duration = Duration::from_secs(1);

/// How often the line is drawn.
const STEP: Duration = Duration::from_millis(120);

/// Whether a line is taken: there is but one terminal.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// A line on standard error, if that is a terminal, that says what is waited for. It comes after a
/// second, and goes without a trace when this is dropped.
pub(super) struct Progress {
    line: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    pub(super) fn start(what: &str) -> Self {
        if !can_draw() || IS_TAKEN.swap(true, Ordering::SeqCst) {
            return Self { line: None };
        }
        let what = what.to_owned();
        let (sender, end) = mpsc::channel();
        let line = thread::spawn(move || draw(&what, &end));
        Self { line: Some((sender, line)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let Some((sender, line)) = self.line.take() else { return };
        drop(sender);
        // what it was drawn for matters more than a thread that failed to draw
        let _ = line.join();
        IS_TAKEN.store(false, Ordering::SeqCst);
    }
}

/// Tells whether standard error is a terminal whose lines can be drawn anew.
fn can_draw() -> bool {
    let is_dumb = || Environment::of_process().variable("TERM").is_none_or(|term| term == "dumb");
    io::stderr().is_terminal() && !is_dumb()
}

fn draw(what: &str, end: &Receiver<()>) {
    let is_over = |after| end.recv_timeout(after) != Err(RecvTimeoutError::Timeout);
    if is_over(SHORT) {
        return;
    }
    let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    line.set_style(style.tick_chars("-\\|/ "));
    line.set_message(what.to_owned());
    loop {
        line.tick();
        if is_over(STEP) {
            break;
        }
    }
    line.finish_and_clear();
}
