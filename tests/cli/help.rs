use super::leafseal;

#[test]
fn help_shows_the_program_and_every_command() {
    let topics = [
        "",
        "encrypt",
        "decrypt",
        "rotate",
        "edit",
        "set",
        "unset",
        "updatekeys",
        "groups",
        "exec-env",
        "exec-file",
        "filestatus",
        "config",
        "audit",
        "init",
        "doctor",
        "completion",
        "man",
        "help",
        "keys",
        "selectors",
        "formats",
        "environment",
        "exit-codes",
    ];
    for topic in topics {
        let words: Vec<&str> =
            ["help", topic].into_iter().filter(|word| !word.is_empty()).collect();
        let answer = leafseal(&words);
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{topic}");
        let longest = answer.stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(104), "{topic} has lines of {longest:?} letters");
        let name = if topic.is_empty() { "program" } else { topic };
        insta::assert_snapshot!(format!("help_{name}"), answer.stdout);
    }
}

#[test]
fn help_is_the_same_by_flag_and_by_command() {
    let by_command = leafseal(["help", "decrypt"]);
    let calls: [&[&str]; 4] = [
        &["decrypt", "--help"],
        &["decrypt", "-h", "f.yaml"],
        &["decrypt", "f.yaml", "-help"],
        &["h", "decrypt"],
    ];
    for words in calls {
        assert_eq!(leafseal(words), by_command, "{words:?}");
    }
    assert_eq!(leafseal(["--help"]), leafseal(["help"]));
    assert_eq!(leafseal(["completion"]), leafseal(["help", "completion"]));
}
