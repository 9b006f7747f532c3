//! What is waited for is told on a terminal alone, and only where it takes long. `tests/azure` tests
//! what the terminal shows.

use super::age::on_terminal_as_sent;
use super::place::Place;

#[test]
fn short_work_shows_nothing_of_it() {
    let mut place = Place::with_encrypted();
    place.set("TERM", "xterm");
    for line in ["decrypt --output out.yaml file.yaml", "rotate -i file.yaml"] {
        let answer = on_terminal_as_sent(&place, line, &[]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""), "{line}");
    }
}
