//! What words of states refer to, written down and read again.
//!
//! A word may be the number of a value or of a string. Strings of the specification have the same numbers in every run;
//! those made while it ran, and all interned values, are saved in an order in which they get their numbers again.

use super::Interpreted;
use std::io::{self, Read, Write};
use std::sync::atomic::Ordering;

fn write_number(output: &mut dyn Write, number: u64) -> io::Result<()> {
    output.write_all(&number.to_le_bytes())
}

fn read_number(input: &mut dyn Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn write_bytes(output: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    write_number(output, bytes.len() as u64)?;
    output.write_all(bytes)
}

/// Reads bytes after their number. The number is not believed: memory grows only with what is read.
fn read_bytes(input: &mut dyn Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    let length = read_number(input)?;
    bytes.clear();
    let read = input.take(length).read_to_end(bytes)?;
    if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn unfit(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("saved {what} do not fit the model"))
}

impl Interpreted<'_> {
    pub(super) fn save_values(&self, output: &mut dyn Write) -> io::Result<()> {
        write_number(output, u64::from(self.some_invariant_broken.load(Ordering::Relaxed)))?;
        let strings = self.model.names.later_strings();
        write_number(output, strings.len() as u64)?;
        strings.iter().try_for_each(|text| write_bytes(output, text.as_bytes()))?;
        for values in self.interner.shards() {
            write_number(output, values.len() as u64)?;
            values.iter().try_for_each(|bytes| write_bytes(output, bytes))?;
        }
        Ok(())
    }

    pub(super) fn restore_values(&self, input: &mut dyn Read) -> io::Result<()> {
        self.some_invariant_broken.store(read_number(input)? != 0, Ordering::Relaxed);
        let mut bytes = Vec::new();
        let made_before = self.model.names.later_strings();
        for index in 0..read_number(input)? {
            read_bytes(input, &mut bytes)?;
            let text = std::str::from_utf8(&bytes).map_err(|_| unfit("strings"))?;
            // What came before the search (assumptions) makes the same strings in every run.
            let is_known = usize::try_from(index).ok().and_then(|index| made_before.get(index));
            if is_known.is_some_and(|known| **known != *text) {
                return Err(unfit("strings"));
            }
            self.model.names.string(text);
        }
        for shard in 0..super::intern::SHARDS {
            for _ in 0..read_number(input)? {
                read_bytes(input, &mut bytes)?;
                if self.interner.number(&bytes) as usize & (super::intern::SHARDS - 1) != shard {
                    return Err(unfit("values"));
                }
            }
        }
        Ok(())
    }
}
