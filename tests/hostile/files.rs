//! Files that are no plain files, and disks and programs that fail in between.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use super::texts::lines;
use super::{Place, RECIPIENT, failed, names_in, succeeded};

const PLAIN: &str = "a: 1\nb: s3cret\n";

/// A text whose encrypted form is a megabyte and needs a moment.
fn large() -> String {
    lines(4000, |at| format!("key{at}: value {at}\n"))
}

/// Checks that a file holds the text, in clear or encrypted.
fn is_whole(place: &Place, name: &str, plain: &str) -> bool {
    if place.bytes(name) == plain.as_bytes() {
        return true;
    }
    let answer = place.call(&["decrypt", name]);
    answer.code == Some(0) && answer.stdout == plain.as_bytes()
}

#[test]
fn full_disk_leaves_the_file_as_it_was() {
    let place = Place::new();
    fs::create_dir(place.path("disk")).expect("a folder");
    let mount = "mount -t tmpfs -o size=64k,mode=777 none disk\n";
    let fill = "cat >disk/a.yaml; head -c 50000 /dev/zero >disk/other\n";
    // what is on the disk is gone with the namespace, so the checks are made inside
    let check = "code=$?; cmp -s disk/a.yaml plain.yaml || echo TOUCHED; ls -A disk; exit $code\n";
    place.write(
        "plain.yaml",
        large().get(..8000).expect("long enough").rsplit_once('\n').expect("a line").0,
    );
    for (label, call) in [
        ("in place", "\"$L\" encrypt -i --age $R disk/a.yaml"),
        ("another file", "\"$L\" encrypt --age $R --output disk/a.out disk/a.yaml"),
        ("two names", "ln disk/a.yaml disk/b.yaml; \"$L\" encrypt -i --age $R disk/a.yaml"),
        (
            "decrypted",
            "\"$L\" encrypt --age $R disk/a.yaml >e.yaml; \"$L\" decrypt --output disk/a.out e.yaml",
        ),
    ] {
        let fill =
            if label == "decrypted" { fill.replace("50000", "57000") } else { fill.to_owned() };
        let script = format!(
            "{mount}{}set +e\n{call}\n{check}",
            fill.replacen("cat >", "cat plain.yaml >", 1)
        );
        let mut answer = place.with_mounts(&script);
        let listing = String::from_utf8(std::mem::take(&mut answer.stdout)).expect("names");
        let expected =
            if label == "two names" { "a.yaml\nb.yaml\nother\n" } else { "a.yaml\nother\n" };
        assert_eq!(listing, expected, "{label}: {}", answer.stderr);
        failed(label, &answer, 3, "disk/a.", "No space left on device");
    }
}

#[test]
fn limit_of_the_file_size_leaves_the_file_as_it_was() {
    let place = Place::new();
    let plain = large();
    for (label, prepare) in [("one name", ""), ("two names", "ln a.yaml b.yaml;")] {
        place.write("a.yaml", &plain);
        let answer = place.shell(&format!(
            "{prepare} trap '' XFSZ; ulimit -f 400; exec \"$L\" encrypt -i --age $R a.yaml"
        ));
        failed(label, &answer, 3, "a.yaml", "File too large");
        assert_eq!(place.bytes("a.yaml"), plain.as_bytes(), "{label}");
        let names = place.names();
        assert_eq!(names, ["a.yaml", "b.yaml"][..names.len().min(2)], "{label}");
    }
}

#[test]
fn folder_that_cannot_be_written_is_told() {
    let place = Place::new();
    fs::create_dir(place.path("folder")).expect("a folder");
    place.write("folder/a.yaml", PLAIN);
    let read_only = "mount --bind folder folder\nmount -o remount,bind,ro folder\n";
    for words in ["-i --age $R folder/a.yaml", "--age $R --output folder/b.yaml folder/a.yaml"] {
        let answer = place.with_mounts(&format!("{read_only}exec \"$L\" encrypt {words}"));
        failed(words, &answer, 3, "folder/", "Read-only file system");
        assert_eq!(place.bytes("folder/a.yaml"), PLAIN.as_bytes());
        assert_eq!(names_in(&place.path("folder")), ["a.yaml"]);
    }
}

#[test]
fn file_that_is_a_mount_is_written_through() {
    let place = Place::new();
    for name in ["folder", "read-only"] {
        fs::create_dir(place.path(name)).expect("a folder");
        place.write(&format!("{name}/a.yaml"), "");
    }
    place.write("real.yaml", PLAIN);
    let inode = place.path("real.yaml").metadata().expect("a file").ino();
    for (label, lines) in [
        ("mount in a folder", "mount --bind real.yaml folder/a.yaml\ncd folder\n"),
        (
            "mount in a folder that cannot be written",
            "mount --bind read-only read-only\nmount --bind real.yaml read-only/a.yaml\n\
             mount -o remount,bind,ro read-only\ncd read-only\n",
        ),
    ] {
        let call = "\"$L\" encrypt -i --age $R a.yaml\n\"$L\" decrypt a.yaml\n\"$L\" decrypt -i a.yaml\nls -A >&2";
        let answer = place.with_mounts(&format!("{lines}{call}"));
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), "a.yaml\n"), "{label}");
        assert_eq!(answer.stdout, PLAIN.as_bytes(), "{label}");
        assert_eq!(place.bytes("real.yaml"), PLAIN.as_bytes(), "{label}");
        assert_eq!(place.path("real.yaml").metadata().expect("a file").ino(), inode, "{label}");
    }
}

#[test]
fn devices_and_pipes_stay_what_they_are() {
    let place = Place::new();
    place.write("a.yaml", PLAIN);
    let answer = place.call(&["encrypt", "--age", RECIPIENT, "--output", "/dev/null", "a.yaml"]);
    succeeded("/dev/null", &answer);
    let answer = place.encrypt("/dev/null");
    succeeded("/dev/null as both, an empty binary file", &answer);
    let answer = place.call(&[
        "encrypt",
        "--input-type=yaml",
        "--output-type=yaml",
        "-i",
        "--age",
        RECIPIENT,
        "/dev/null",
    ]);
    failed("/dev/null as both", &answer, 92, "/dev/null", "");
    assert!(!fs::metadata("/dev/null").expect("a device").is_file());
    let answer = place.shell(
        "mkfifo in.yaml out.yaml\ncat a.yaml >in.yaml &\ncat out.yaml >e.yaml &\n\
         \"$L\" encrypt --age $R --output out.yaml in.yaml || exit\nwait\n\
         test -p in.yaml && test -p out.yaml && exec \"$L\" decrypt e.yaml",
    );
    succeeded("pipes", &answer);
    assert_eq!(answer.stdout, PLAIN.as_bytes());
}

#[test]
fn file_with_two_names_keeps_both() {
    let place = Place::new();
    place.write("a.yaml", PLAIN);
    fs::hard_link(place.path("a.yaml"), place.path("b.yaml")).expect("a link");
    succeeded("encrypt", &place.encrypt("a.yaml"));
    assert_eq!(place.bytes("a.yaml"), place.bytes("b.yaml"));
    succeeded("decrypt", &place.decrypt("b.yaml"));
    assert_eq!(place.bytes("a.yaml"), PLAIN.as_bytes());
    assert_eq!(place.path("a.yaml").metadata().expect("a file").nlink(), 2);
}

#[test]
fn file_that_changes_meanwhile_is_left_alone() {
    let place = Place::new();
    place.write("a.yaml", PLAIN);
    succeeded("encrypt", &place.encrypt("a.yaml"));
    let encrypted = place.bytes("a.yaml");
    // the command that gives the identity runs after the file was read
    for (label, change, left) in [
        ("changed", "echo '# mine' >>a.yaml", Some([&encrypted[..], b"# mine\n"].concat())),
        ("emptied", ": >a.yaml", Some(Vec::new())),
        ("replaced", "echo mine >b; mv b a.yaml", Some(b"mine\n".to_vec())),
        ("removed", "rm a.yaml", None),
    ] {
        place.write("a.yaml", &encrypted);
        place.write("identity.sh", format!("{change}\ncat \"$KEY\"\n"));
        let answer = place.shell(
            "export KEY=$SOPS_AGE_KEY_FILE SOPS_AGE_KEY_CMD='sh identity.sh'\n\
             unset SOPS_AGE_KEY_FILE\nexec \"$L\" decrypt -i a.yaml",
        );
        failed(label, &answer, 3, "a.yaml", "was changed by another program");
        assert!(answer.stderr.contains("hint: "), "{label}: {}", answer.stderr);
        assert_eq!(fs::read(place.path("a.yaml")).ok(), left, "{label}");
        assert!(place.names().iter().all(|name| !name.starts_with(".leafseal")), "{label}");
    }
}

#[test]
fn writers_at_once_leave_one_whole_file() {
    let place = Place::new();
    let plain = large();
    for _ in 0..5 {
        place.write("a.yaml", &plain);
        let calls = ["encrypt -i --age $R a.yaml"; 4];
        let script = calls.map(|call| format!("\"$L\" {call}; echo $? >>codes &\n")).concat();
        let answer = place.shell(&format!("{script}wait"));
        assert_eq!(answer.code, Some(0), "{answer:?}");
        let codes = String::from_utf8(place.bytes("codes")).expect("numbers");
        let mut codes: Vec<&str> = codes.lines().collect();
        codes.sort_unstable();
        // who comes later finds another file (3), or one that is encrypted (203)
        assert!(codes.contains(&"0"), "{codes:?}");
        assert!(codes.iter().all(|code| ["0", "3", "203"].contains(code)), "{codes:?}");
        assert!(place.bytes("a.yaml") != plain.as_bytes());
        assert!(is_whole(&place, "a.yaml", &plain));
        fs::remove_file(place.path("codes")).expect("it can go");
        assert_eq!(place.names(), ["a.yaml"]);
    }
}

#[test]
fn killed_program_leaves_the_old_or_the_new_file() {
    const KILLS: u32 = 60;
    let place = Place::new();
    let plain = large();
    place.write("a.yaml", &plain);
    let start = std::time::Instant::now();
    succeeded("not killed", &place.encrypt("a.yaml"));
    let whole = start.elapsed();
    let mut killed = 0;
    for number in 0..KILLS {
        let is_plain = place.bytes("a.yaml") == plain.as_bytes();
        let mut command = place.command(env!("CARGO_BIN_EXE_leafseal"));
        if is_plain {
            command.args(["encrypt", "-i", "--age", RECIPIENT, "a.yaml"]);
        } else {
            command.args(["decrypt", "-i", "a.yaml"]);
        }
        let mut child = command.spawn().expect("the program starts");
        std::thread::sleep(whole * number / KILLS + Duration::from_micros(u64::from(number) * 37));
        child.kill().expect("a child");
        killed += u32::from(child.wait().expect("a child").code().is_none());
        assert!(is_whole(&place, "a.yaml", &plain), "kill {number}");
    }
    assert!(killed > KILLS / 4, "hardly any call was killed: {killed}");
    // a name is needed for a moment; a kill hits that one rarely
    let left = place.names().iter().filter(|name| name.starts_with(".leafseal")).count();
    assert!(left <= 2, "{left} temporary files are left");
}
