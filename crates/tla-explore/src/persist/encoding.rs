//! Numbers and arrays as bytes, with a checksum over everything.
//!
//! All numbers are little-endian. A file is written once, from the beginning to the end, and its SHA-256 is taken on the
//! way; before a file is read for a resumed search its checksum is compared. What is read is still not trusted: lengths
//! are compared with what is left, so that no file can make the reader ask for more memory than the file is long.

use sha2::{Digest, Sha256};
use std::borrow::Borrow;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};

/// A SHA-256 in hexadecimal digits.
pub(crate) type Checksum = String;

const BUFFER: usize = 1 << 18;

/// Hexadecimal digits of a digest.
pub(crate) fn hexadecimal(digest: &[u8]) -> Checksum {
    use std::fmt::Write as _;
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file that is being written.
pub(crate) struct Output {
    file: BufWriter<File>,
    digest: Sha256,
    length: u64,
}

impl Output {
    pub(crate) fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER, file), digest: Sha256::new(), length: 0 }
    }

    pub(crate) fn number(&mut self, number: u64) -> io::Result<()> {
        self.write_all(&number.to_le_bytes())
    }

    pub(crate) fn words(&mut self, words: &[u32]) -> io::Result<()> {
        words.iter().try_for_each(|word| self.write_all(&word.to_le_bytes()))
    }

    /// A number of bytes and the bytes.
    pub(crate) fn blob(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.number(bytes.len() as u64)?;
        self.write_all(bytes)
    }

    /// A number of words and the words.
    pub(crate) fn array(&mut self, words: &[u32]) -> io::Result<()> {
        self.number(words.len() as u64)?;
        self.words(words)
    }

    /// A number of numbers and the numbers.
    pub(crate) fn numbers(&mut self, numbers: &[u64]) -> io::Result<()> {
        self.number(numbers.len() as u64)?;
        numbers.iter().try_for_each(|number| self.number(*number))
    }

    /// Ends the file. Its length and checksum.
    pub(crate) fn finish(mut self) -> io::Result<(u64, Checksum)> {
        self.file.flush()?;
        Ok((self.length, hexadecimal(&self.digest.finalize())))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that is being read.
pub(crate) struct Input<R> {
    source: R,
    left: u64,
}

/// The complaint about a file that is not what it should be.
pub(crate) fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} is not well formed"))
}

impl<F: Borrow<File> + Read> Input<BufReader<F>> {
    /// Reads a file that is at its beginning.
    pub(crate) fn of_file(file: F) -> io::Result<Self> {
        let left = file.borrow().metadata()?.len();
        Ok(Self { source: BufReader::with_capacity(BUFFER, file), left })
    }
}

impl<R: Read> Input<R> {
    /// Reads at most so many bytes of a source.
    pub(crate) fn new(source: R, left: u64) -> Self {
        Self { source, left }
    }

    pub(crate) fn number(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// A number of items of a width in bytes that are still to come.
    pub(crate) fn count(&mut self, width: u64) -> io::Result<usize> {
        let count = self.number()?;
        let fits = count.checked_mul(width).is_some_and(|bytes| bytes <= self.left);
        usize::try_from(count).ok().filter(|_| fits).ok_or_else(|| malformed("an array"))
    }

    pub(crate) fn words(&mut self, words: &mut [u32]) -> io::Result<()> {
        for word in words {
            let mut bytes = [0; 4];
            self.read_exact(&mut bytes)?;
            *word = u32::from_le_bytes(bytes);
        }
        Ok(())
    }

    pub(crate) fn blob(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.count(1)?];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn array(&mut self) -> io::Result<Vec<u32>> {
        let mut words = vec![0; self.count(4)?];
        self.words(&mut words)?;
        Ok(words)
    }

    pub(crate) fn numbers(&mut self) -> io::Result<Vec<u64>> {
        (0..self.count(8)?).map(|_| self.number()).collect()
    }

    /// Complains about what is left over.
    pub(crate) fn finish(self) -> io::Result<()> {
        if self.left == 0 { Ok(()) } else { Err(malformed("the end of a file")) }
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let read = self.source.read(&mut bytes[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut file = tempfile::tempfile().unwrap();
        let mut output = Output::new(file.try_clone().unwrap());
        output.number(7).unwrap();
        output.array(&[1, 2, u32::MAX]).unwrap();
        output.blob(b"text").unwrap();
        output.numbers(&[u64::MAX]).unwrap();
        let (length, checksum) = output.finish().unwrap();
        assert_eq!(checksum.len(), 64);
        std::io::Seek::rewind(&mut file).unwrap();
        let mut input = Input::of_file(file).unwrap();
        assert_eq!(input.left, length);
        assert_eq!(input.number().unwrap(), 7);
        assert_eq!(input.array().unwrap(), [1, 2, u32::MAX]);
        assert_eq!(input.blob().unwrap(), b"text");
        assert_eq!(input.numbers().unwrap(), [u64::MAX]);
        input.finish().unwrap();
    }

    #[test]
    fn no_length_is_believed() {
        let bytes = u64::MAX.to_le_bytes();
        assert!(Input::new(&bytes[..], 8).array().is_err());
        assert!(Input::new(&bytes[..], 8).blob().is_err());
        assert!(Input::new(&bytes[..], 8).numbers().is_err());
        assert!(Input::new(&bytes[..4], 8).number().is_err());
    }
}
