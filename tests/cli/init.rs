use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT, key_file};

#[test]
fn newcomer_gets_the_own_bytes_back() {
    let place = Place::empty();
    place.write("values.yaml", PLAIN);
    for words in [&["init"][..], &["encrypt", "--in-place", "values.yaml"]] {
        assert_eq!(place.call(words, b"").code, Some(0), "{words:?}");
    }
    assert!(!place.read("values.yaml").contains("s3cret"));
    assert_eq!(place.call(&["decrypt", "values.yaml"], b"").stdout, PLAIN);
    assert_eq!(place.call(&["decrypt", "--in-place", "values.yaml"], b"").code, Some(0));
    assert_eq!(place.read("values.yaml"), PLAIN);
    assert_eq!(place.names(), [".sops.yaml", "values.yaml"]);
}

#[cfg(unix)]
#[test]
fn identity_is_private_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::empty();
    let first = place.call(&["init"], b"");
    let name = "home/.config/sops/age/keys.txt";
    let identity = place.read(name);
    let config = place.read(".sops.yaml");
    let recipient = config.trim().rsplit(' ').next().unwrap();
    assert!(identity.contains(recipient));
    let shown = place.steady(&first.to_string()).replace(recipient, "$RECIPIENT");
    insta::assert_snapshot!(shown);
    let mode = |name: &str| place.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(name), mode("home/.config/sops/age")), (0o600, 0o700));

    let second = place.call(&["init"], b"");
    assert_eq!((place.read(name), place.read(".sops.yaml")), (identity, config.clone()));
    let shown = place.steady(&second.to_string()).replace(recipient, "$RECIPIENT");
    insta::assert_snapshot!(shown);
}

#[test]
fn identity_and_config_at_hand_are_used() {
    let mut place = Place::new();
    place.note(&["init", "file.yaml"]);
    assert!(place.read(".sops.yaml").contains(RECIPIENT));
    place.write(".sops.yaml", format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n"));
    place.note(&["init"]);
    place.note(&["init", "--config", ".sops.yaml"]);
    place.note(&["init", "--config", "other.yaml"]);
    assert!(place.read("other.yaml").contains(RECIPIENT));
    assert!(!place.path("home/.config").exists());
    place.set("SOPS_AGE_KEY_FILE", &place.path("own/key.txt").to_string_lossy());
    assert_eq!(place.call(&["init"], b"").code, Some(0));
    assert!(place.read("own/key.txt").contains("AGE-SECRET-KEY-1"));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_init_cannot_use_stays() {
    let mut place = Place::empty();
    place.write("home/.config/sops/age/keys.txt", "");
    assert_eq!(place.note(&["init"]).code, Some(1));
    place.write("home/.config/sops/age/keys.txt", "something\n");
    assert_eq!(place.note(&["init"]).code, Some(1));
    assert_eq!(place.read("home/.config/sops/age/keys.txt"), "something\n");
    place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
    place.write(".sops.yaml", "creation_rules: [\n");
    assert_eq!(place.note(&["init"]).code, Some(1));
    place.unset("SOPS_AGE_KEY_FILE");
    place.set("HOME", "");
    assert_eq!(place.note(&["init"]).code, Some(1));
    place.set("HOME", &place.path(".sops.yaml").to_string_lossy());
    assert_eq!(place.note(&["init"]).code, Some(3));
    insta::assert_snapshot!(place.transcript());
}
