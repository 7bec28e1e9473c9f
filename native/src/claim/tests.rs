//! Claims of one process and of many threads.

use tempfile::TempDir;

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_refused_run_leaves_nothing() {
    let root = TempDir::new().unwrap();
    let path = root.path().join("a/b/run");
    let claim = Claim::new_at(&path).unwrap();
    assert_eq!(names(&path), [lock::FILE]);
    drop(claim);
    assert!(names(root.path()).is_empty());

    fs::create_dir_all(&path).unwrap();
    let claim = Claim::new_at(&path).unwrap();
    claim.undo()();
    assert!(names(&path).is_empty(), "a folder that was there stays");
}

#[test]
fn a_run_that_begins_keeps_its_folder() {
    let root = TempDir::new().unwrap();
    let path = root.path().join("runs/a");
    let mut claim = Claim::new_at(&path).unwrap();
    claim.begin(&Config::default()).unwrap();
    drop(claim);
    assert_eq!(names(&path), ["checkpoints", "config.toml", "samples"]);
    let error = Claim::new_at(&path).err().unwrap();
    assert!(error.downcast_ref::<Usage>().is_some() && error.to_string().contains("already exists"), "{error}");
    assert_eq!(Claim::first_free(&path).unwrap().folder.path, root.path().join("runs/a-2"));
    assert_eq!(names(&root.path().join("runs")), ["a"]);
}

#[test]
fn a_folder_belongs_to_one_claim() {
    let root = TempDir::new().unwrap();
    let path = root.path().join("a");
    let first = Claim::new_at(&path).unwrap();
    let error = Claim::new_at(&path).err().unwrap().to_string();
    assert!(error.contains(&format!("in use by process {}", std::process::id())), "{error}");
    assert!(Claim::resumed(RunFolder::at(&path)).is_err());
    let second = Claim::first_free(&path).unwrap();
    assert_eq!([&first, &second].map(|claim| claim.folder.path.clone()), [path.clone(), root.path().join("a-2")]);
}

#[test]
fn what_a_killed_process_leaves_is_taken() {
    let root = TempDir::new().unwrap();
    let path = root.path().join("a");
    fs::create_dir(&path).unwrap();
    fs::write(path.join(lock::FILE), "process 1 on elsewhere\n").unwrap();
    fs::write(path.join(".x1y2.partial"), "").unwrap();
    assert_eq!(Claim::first_free(&path).unwrap().folder.path, path);
}

#[test]
fn many_at_once_get_folders_of_their_own() {
    let root = TempDir::new().unwrap();
    let path = root.path().join("runs/a");
    let claim = || Claim::first_free(&path).unwrap();
    let claims: Vec<Claim> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(claim)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut paths: Vec<PathBuf> = claims.iter().map(|claim| claim.folder.path.clone()).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 16);
}
