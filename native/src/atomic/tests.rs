use super::*;

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The error of a write to a full disk, from the kernel if it has `/dev/full`.
fn disk_full() -> io::Result<()> {
    match OpenOptions::new().write(true).open("/dev/full") {
        Ok(mut full) => full.write_all(b"x"),
        Err(_) => Err(io::ErrorKind::StorageFull.into()),
    }
}

#[test]
fn a_file_is_written_then_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    for bytes in [&b"first, and longer"[..], b"second", b""] {
        write_file(&path, bytes).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    assert_eq!(names(folder.path()), ["state.json"]);
}

#[cfg(unix)]
#[test]
fn a_file_has_ordinary_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let [ours, ordinary] = ["ours", "ordinary"].map(|name| folder.path().join(name));
    write_file(&ours, b"x").unwrap();
    fs::write(&ordinary, b"x").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(ours), mode(ordinary));
}

#[test]
fn a_full_disk_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    write_file(&path, b"old").unwrap();
    let fill = |file: &mut File| file.write_all(b"half of the n").and_then(|()| disk_full());
    let error = write_file_with(&path, fill).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(error.to_string().contains("state.json"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["state.json"]);
}

#[test]
fn a_missing_parent_is_an_error_that_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absent").join("state.json");
    let error = write_file(&path, b"x").unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    let error = write_directory(&path, |_| Ok(())).unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_directory_appears_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("step-00000500");
    fs::create_dir(folder.path().join(".step-00000500.partial")).unwrap();
    fs::write(folder.path().join(".step-00000500.partial/stale"), b"from a killed run").unwrap();
    write_directory(&path, |staging| {
        assert!(!path.exists());
        fs::create_dir(staging.join("nested"))?;
        fs::write(staging.join("nested/tensor"), b"1")?;
        Ok(write_file(&staging.join("state.json"), b"2")?)
    })
    .unwrap();
    assert_eq!(names(folder.path()), ["step-00000500"]);
    assert_eq!(names(&path), ["nested", "state.json"]);
    assert_eq!(fs::read(path.join("nested/tensor")).unwrap(), b"1");
}

#[test]
fn a_failed_directory_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let error = write_directory(&folder.path().join("step"), |staging| {
        fs::write(staging.join("generator"), b"1")?;
        Ok(disk_full()?)
    })
    .unwrap_err();
    assert_eq!(error.downcast::<io::Error>().unwrap().kind(), io::ErrorKind::StorageFull);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn an_existing_path_is_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("step");
    fs::write(&path, b"precious").unwrap();
    let error = write_directory(&path, |_| panic!("nothing may be written")).unwrap_err();
    assert!(error.to_string().contains("already exists"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
}

#[test]
fn only_what_kills_leave_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let left = temporary_file(folder.path()).unwrap().keep().unwrap().1;
    assert!(left.exists());
    let kept = [".notes.partial", ".abc123", "abc123.partial", ".abc-12.partial", ".abcdef.partial.txt", "step-1"];
    for name in kept {
        fs::write(folder.path().join(name), b"mine").unwrap();
    }
    for name in [".step-00000002.partial", ".other.partial", ".abc123.partial"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("file"), b"1").unwrap();
    }
    sweep(folder.path(), |name| name.starts_with("step-")).unwrap();
    let mut expected: Vec<_> = kept.into_iter().chain([".other.partial", ".abc123.partial"]).collect();
    expected.sort_unstable();
    assert_eq!(names(folder.path()), expected);
    sweep(&folder.path().join("absent"), |_| true).unwrap();
}

#[test]
fn no_report_is_overwritten_without_being_named() {
    let folder = tempfile::TempDir::new().unwrap();
    for expected in ["repro.json", "repro-2.json", "repro-3.json"] {
        let name = free_name(folder.path(), "repro");
        assert_eq!(name, folder.path().join(expected));
        fs::write(name, "").unwrap();
    }
}
