//! Which files make a checkpoint.
//!
//! The manifest is the only file whose name does not change. It is written beside its place, brought to the disk, and
//! renamed into place last; then the directory is brought to the disk. So at every moment the folder holds one complete
//! checkpoint, the old one or the new one, and what a manifest names was on the disk before it. Files that no manifest
//! names any more are removed after that.
//!
//! It is text, so that a person can see what a folder holds: what the search was started for, then a line for each file
//! with length and checksum, then the checksum of the lines before.

use super::encoding::hexadecimal;
use super::folder::{FileName, Folder, Source};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

/// Name of the manifest in its folder.
pub(crate) const NAME: &str = "checkpoint";
const NEXT: &str = "checkpoint.next";
const FORMAT: &str = "interlock-checkpoint 1";

/// What a search was started for. A checkpoint is resumed only for the very same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Pairs of a name and what it was, each without line breaks.
    pub(crate) lines: Vec<(String, String)>,
}

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) subject: Subject,
    pub(crate) files: Vec<FileName>,
}

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// There is none.
    #[error("there is no checkpoint in {0}")]
    Missing(String),
    /// It is of something else.
    #[error("the checkpoint is of another {what}: it has {theirs}, this run has {ours}")]
    Other {
        /// What differs.
        what: String,
        /// What the checkpoint says.
        theirs: String,
        /// What this run is.
        ours: String,
    },
    /// A file is missing, cut off or changed.
    #[error("the checkpoint is damaged: {0}")]
    Damaged(String),
    /// The system does not let us.
    #[error("the checkpoint cannot be read: {0}")]
    System(#[from] io::Error),
}

impl Manifest {
    fn text(&self) -> String {
        let mut text = format!("{FORMAT}\n");
        for (name, content) in &self.subject.lines {
            text.push_str(&format!("for {name} {content}\n"));
        }
        for FileName { name, length, checksum } in &self.files {
            text.push_str(&format!("file {name} {length} {checksum}\n"));
        }
        text
    }

    /// Puts the manifest into place, and removes what it does not name.
    pub(crate) fn publish(&self, folder: &mut Folder) -> io::Result<()> {
        folder.sync(&self.files)?;
        let text = self.text();
        let next = folder.path().join(NEXT);
        let mut file = File::create(&next)?;
        file.write_all(text.as_bytes())?;
        file.write_all(format!("sha256 {}\n", hexadecimal(&Sha256::digest(&text))).as_bytes())?;
        file.sync_all()?;
        fs::rename(&next, folder.path().join(NAME))?;
        sync_directory(folder.path())?;
        folder.keep_only(&self.files)
    }

    /// Reads the manifest of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, Unusable> {
        let text = match fs::read_to_string(folder.join(NAME)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Unusable::Missing(folder.display().to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        let damaged = |what: &str| Unusable::Damaged(format!("{what} of the manifest"));
        let lines = text.strip_suffix('\n').and_then(|text| text.rsplit_once('\n'));
        let (body, last) = lines.ok_or_else(|| damaged("the end"))?;
        let body = format!("{body}\n");
        if last != format!("sha256 {}", hexadecimal(&Sha256::digest(&body))) {
            return Err(damaged("the checksum"));
        }
        let mut lines = body.lines();
        let format = lines.next().unwrap_or_default();
        if format != FORMAT {
            let (theirs, ours) = (format.to_owned(), FORMAT.to_owned());
            return Err(Unusable::Other { what: "format".to_owned(), theirs, ours });
        }
        let mut manifest = Self { subject: Subject { lines: Vec::new() }, files: Vec::new() };
        for line in lines {
            manifest.take(line).ok_or_else(|| damaged("a line"))?;
        }
        Ok(manifest)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "for" => {
                let (name, content) = rest.split_once(' ')?;
                self.subject.lines.push((name.to_owned(), content.to_owned()));
            }
            "file" => {
                let mut parts = rest.split(' ');
                let (name, length, checksum) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
                self.files.push(FileName { name: name.to_owned(), length, checksum: checksum.to_owned() });
            }
            _ => return None,
        }
        Some(())
    }

    /// Compares what the checkpoint is of with what is to be resumed.
    pub(crate) fn require(&self, subject: &Subject) -> Result<(), Unusable> {
        for (name, ours) in &subject.lines {
            let theirs = self.subject.lines.iter().find(|(other, _)| other == name).map(|(_, content)| content);
            if theirs != Some(ours) {
                let theirs = theirs.map_or_else(|| "none".to_owned(), Clone::clone);
                return Err(Unusable::Other { what: name.replace('-', " "), theirs, ours: ours.clone() });
            }
        }
        Ok(())
    }

    /// Compares length and checksum of a file.
    pub(crate) fn check(folder: &Path, name: &FileName) -> Result<Source, Unusable> {
        let damaged = |what: &str| Unusable::Damaged(format!("{} {what}", name.name));
        let path = folder.join(&name.name);
        let mut file = File::open(&path).map_err(|error| damaged(&format!("cannot be opened ({error})")))?;
        if file.metadata()?.len() != name.length {
            return Err(damaged("has another length"));
        }
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            digest.update(&buffer[..read]);
        }
        if hexadecimal(&digest.finalize()) != name.checksum {
            return Err(damaged("has another checksum"));
        }
        Ok(Source::Closed(path))
    }
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(name: &str) -> Subject {
        Subject { lines: vec![("specification".to_owned(), name.to_owned())] }
    }

    #[test]
    fn a_manifest_comes_back_and_every_change_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::durable(place.path()).unwrap();
        assert!(matches!(Manifest::read(place.path()), Err(Unusable::Missing(_))));
        let name = folder.write("states", |output| output.number(5)).unwrap().name;
        let manifest = Manifest { subject: subject("a b"), files: vec![name.clone()] };
        manifest.publish(&mut folder).unwrap();
        assert_eq!(Manifest::read(place.path()).unwrap(), manifest);
        manifest.require(&subject("a b")).unwrap();
        assert!(matches!(manifest.require(&subject("a c")), Err(Unusable::Other { .. })));
        Manifest::check(place.path(), &name).unwrap();

        fs::write(place.path().join(&name.name), 6_u64.to_le_bytes()).unwrap();
        assert!(matches!(Manifest::check(place.path(), &name), Err(Unusable::Damaged(_))));
        fs::write(place.path().join(&name.name), b"").unwrap();
        assert!(matches!(Manifest::check(place.path(), &name), Err(Unusable::Damaged(_))));

        let path = place.path().join(NAME);
        let text = fs::read_to_string(&path).unwrap();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = bytes[at].wrapping_add(1) & 127;
            fs::write(&path, bytes).unwrap();
            assert!(Manifest::read(place.path()).is_err(), "byte {at}");
        }
    }
}
