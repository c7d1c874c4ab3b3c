//! The folder that a search writes to.
//!
//! A *durable* folder belongs to a checkpoint: every file is brought to the disk before it is named in a manifest, and
//! stays as long as the manifest names it. A *passing* folder only lends room for what does not fit into memory: its files are
//! removed from the directory as soon as they are open, so that nothing is left behind, however the process ends. (Where
//! the system does not allow that, they are removed at the end.)

use super::encoding::{Checksum, Input, Output, malformed};
use crate::lock::locked;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A file of the folder, with what is known of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileName {
    pub(crate) name: String,
    pub(crate) length: u64,
    pub(crate) checksum: Checksum,
}

impl FileName {
    pub(crate) fn write(&self, output: &mut Output) -> io::Result<()> {
        output.blob(self.name.as_bytes())?;
        output.number(self.length)?;
        output.blob(self.checksum.as_bytes())
    }

    pub(crate) fn read(input: &mut Input<impl Read>) -> io::Result<Self> {
        let text = |bytes| String::from_utf8(bytes).map_err(|_| malformed("a file name"));
        let name = text(input.blob()?)?;
        let length = input.number()?;
        let checksum = text(input.blob()?)?;
        if number_of(&name).is_none() { Err(malformed("a file name")) } else { Ok(Self { name, length, checksum }) }
    }
}

/// A file that can be read.
///
/// A search may leave thousands of them, so those that can be opened again are not kept open.
#[derive(Debug)]
pub(crate) enum Source {
    /// A file that has no name any more.
    Open(Mutex<File>),
    /// A file by its name.
    Closed(PathBuf),
}

impl Source {
    /// Calls the function with the file, at any place in it.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&mut File) -> io::Result<R>) -> io::Result<R> {
        match self {
            Self::Open(file) => read(&mut locked(file)),
            Self::Closed(path) => read(&mut File::open(path)?),
        }
    }

    /// The same, at the beginning of the file.
    pub(crate) fn at_the_beginning<R>(&self, read: impl FnOnce(&mut File) -> io::Result<R>) -> io::Result<R> {
        self.with(|file| {
            file.rewind()?;
            read(file)
        })
    }
}

/// A file that was written.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) name: FileName,
    pub(crate) source: Source,
}

/// The folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    durable: bool,
    /// Number of the next file.
    next: u64,
    /// Files of a passing folder that could not be removed while open.
    left: Vec<PathBuf>,
    /// Files of a durable folder that may not be on the disk yet.
    unsynced: Vec<String>,
    /// Held for as long as the folder is in use, so that no two searches write to one.
    _lock: Option<File>,
}

/// Name of the file whose lock says that the folder is in use.
const LOCK: &str = "lock";

impl Folder {
    /// Makes the folder, if it does not exist, for files that outlive the process.
    pub(crate) fn durable(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let lock = File::options().create(true).append(true).open(path.join(LOCK))?;
        if let Err(fs::TryLockError::WouldBlock) = lock.try_lock() {
            let message = format!("another run uses {}", path.display());
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, message));
        }
        let next = numbers_in_use(path)?.max().map_or(0, |number| number + 1);
        Ok(Self {
            path: path.to_path_buf(),
            durable: true,
            next,
            left: Vec::new(),
            unsynced: Vec::new(),
            _lock: Some(lock),
        })
    }

    /// Makes the folder, which must not exist, for files that do not outlive the search.
    pub(crate) fn passing(path: &Path) -> io::Result<Self> {
        if let Some(above) = path.parent() {
            fs::create_dir_all(above)?;
        }
        fs::create_dir(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            durable: false,
            next: 0,
            left: Vec::new(),
            unsynced: Vec::new(),
            _lock: None,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file whose name begins with the word given.
    pub(crate) fn write(
        &mut self,
        what: &str,
        write: impl FnOnce(&mut Output) -> io::Result<()>,
    ) -> io::Result<Written> {
        let name = format!("{what}-{}", self.next);
        self.next += 1;
        let path = self.path.join(&name);
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        if !self.durable && fs::remove_file(&path).is_err() {
            self.left.push(path.clone());
        }
        let mut output = Output::new(file.try_clone()?);
        write(&mut output)?;
        let (length, checksum) = output.finish()?;
        let source = if self.durable {
            self.unsynced.push(name.clone());
            Source::Closed(path)
        } else {
            Source::Open(Mutex::new(file))
        };
        Ok(Written { name: FileName { name, length, checksum }, source })
    }

    /// Brings the files given to the disk, so far as they are not there.
    pub(crate) fn sync(&mut self, names: &[FileName]) -> io::Result<()> {
        for name in std::mem::take(&mut self.unsynced) {
            if names.iter().any(|known| known.name == name) {
                File::open(self.path.join(name))?.sync_all()?;
            }
        }
        Ok(())
    }

    /// Removes the files that are not among those given. Files that are not of a search are left alone.
    pub(crate) fn keep_only(&self, keep: &[FileName]) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if number_of(name).is_some() && keep.iter().all(|known| known.name != name) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.durable {
            for path in &self.left {
                let _ = fs::remove_file(path);
            }
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// Words that file names begin with.
const KINDS: [&str; 5] = ["states", "sorted", "queue", "values", "search"];

/// The number in the name of a file of a search.
fn number_of(name: &str) -> Option<u64> {
    let (kind, number) = name.split_once('-')?;
    if KINDS.contains(&kind) { number.parse().ok() } else { None }
}

fn numbers_in_use(path: &Path) -> io::Result<impl Iterator<Item = u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(path)? {
        numbers.extend(entry?.file_name().to_str().and_then(number_of));
    }
    Ok(numbers.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn files_of_a_passing_folder_can_be_read_and_leave_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("b");
        let mut folder = Folder::passing(&path).unwrap();
        let written = folder.write("states", |output| output.write_all(b"content")).unwrap();
        let mut text = String::new();
        written.source.at_the_beginning(|file| file.read_to_string(&mut text)).unwrap();
        assert_eq!(text, "content");
        assert!(Folder::passing(&path).is_err(), "two searches must not share a folder");
        drop((folder, written));
        assert!(!path.exists());
    }

    #[test]
    fn only_files_of_a_search_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("notes-1.txt"), "mine").unwrap();
        let mut folder = Folder::durable(parent.path()).unwrap();
        let first = folder.write("states", |output| output.number(1)).unwrap().name;
        let second = folder.write("queue", |output| output.number(2)).unwrap().name;
        folder.keep_only(std::slice::from_ref(&second)).unwrap();
        assert!(!parent.path().join(first.name).exists());
        assert!(parent.path().join(&second.name).exists() && parent.path().join("notes-1.txt").exists());
        assert!(Folder::durable(parent.path()).is_err(), "two searches must not share a folder");
        drop(folder);
        let next = Folder::durable(parent.path()).unwrap().write("queue", |output| output.number(3)).unwrap().name;
        assert_ne!(next.name, second.name);
    }
}
