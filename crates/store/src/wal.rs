//! Reads a write-ahead log as `SQLite` will, and says what it would silently leave out.
//!
//! The format: <https://sqlite.org/fileformat2.html#the_write_ahead_log>. At the first frame that
//! does not fit, `SQLite` takes the log to be at its end. That is right for what a crash left half
//! written. But when whole transactions follow that frame, then they were acknowledged and it is
//! decay that hides them. Only the last transaction can be torn honestly: each one is on the disk
//! before the next begins (`synchronous=FULL`).
//!
//! A log that is missing altogether cannot be told from one that was never needed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The last bit says in which order the words of checksums are read.
const MAGIC: u32 = 0x377f_0682;

/// What a log is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// There is nothing in it that counts.
    Empty,
    /// `SQLite` reads all that was acknowledged.
    Whole,
    /// The last transaction is missing, though it may have been acknowledged.
    Torn,
    /// Transactions that were acknowledged would vanish.
    Damaged,
}

/// Looks at the log in this file; a missing file is an empty log.
pub(crate) fn look(path: &Path) -> io::Result<Log> {
    match File::open(path) {
        Ok(file) => read(BufReader::with_capacity(1 << 16, file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Log::Empty),
        Err(error) => Err(error),
    }
}

/// The running checksum: two sums over pairs of words.
type Sums = (u32, u32);

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn sums(big_endian: bool, (mut first, mut second): Sums, bytes: &[u8]) -> Sums {
    let read = |word: u32| if big_endian { word } else { word.swap_bytes() };
    for pair in bytes.chunks_exact(8) {
        first = first.wrapping_add(read(word(pair, 0))).wrapping_add(second);
        second = second.wrapping_add(read(word(pair, 4))).wrapping_add(first);
    }
    (first, second)
}

/// A frame: a page and what its transaction says of it.
struct Frame {
    header: [u8; FRAME_HEADER],
    page: Vec<u8>,
}

impl Frame {
    /// The next frame, unless the file ends before it does.
    fn next(log: &mut impl Read, page_size: usize) -> io::Result<Option<Self>> {
        let mut frame = Self { header: [0; FRAME_HEADER], page: vec![0; page_size] };
        for part in [frame.header.as_mut_slice(), frame.page.as_mut_slice()] {
            match log.read_exact(part) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                read => read?,
            }
        }
        Ok(Some(frame))
    }

    fn commits(&self) -> bool {
        word(&self.header, 4) != 0
    }

    /// The checksum up to this frame, if the one that it carries is right.
    fn follows(&self, big_endian: bool, before: Sums) -> Option<Sums> {
        let stored = (word(&self.header, 16), word(&self.header, 20));
        let found = sums(big_endian, sums(big_endian, before, &self.header[..8]), &self.page);
        // No page has number 0; zeros alone would have the right checksum.
        (found == stored && word(&self.header, 0) != 0).then_some(found)
    }
}

fn read(mut log: impl Read) -> io::Result<Log> {
    let mut header = [0; HEADER];
    match log.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Log::Empty),
        read => read?,
    }
    let big_endian = word(&header, 0) == MAGIC | 1;
    let stored = (word(&header, 24), word(&header, 28));
    let known = word(&header, 0) | 1 == MAGIC | 1;
    if !known || sums(big_endian, (0, 0), &header[..24]) != stored {
        return Ok(if is_live(&header, &mut log)? { Log::Damaged } else { Log::Empty });
    }
    let page_size = word(&header, 8) as usize;
    if !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) {
        return Ok(Log::Damaged);
    }

    let salts = &header[16..24];
    let mut last = stored;
    let mut counts = false;
    // Of what comes after the first frame that does not fit.
    let mut misfit = false;
    let mut torn = false;
    let mut commits = 0;
    while let Some(frame) = Frame::next(&mut log, page_size)? {
        let same_salts = frame.header[8..16] == *salts;
        if !misfit {
            match frame.follows(big_endian, last) {
                Some(sums) if same_salts => {
                    last = sums;
                    counts |= frame.commits();
                    continue;
                }
                // Salts are not part of the checksum: it was written for this log.
                Some(_) => torn = true,
                None => torn |= same_salts,
            }
            misfit = true;
            commits += u32::from(torn && frame.commits());
        } else if same_salts {
            torn |= frame.commits();
            commits += u32::from(frame.commits());
        }
    }
    Ok(match (commits, torn, counts) {
        (2.., ..) => Log::Damaged,
        (_, true, _) => Log::Torn,
        (_, false, true) => Log::Whole,
        (_, false, false) => Log::Empty,
    })
}

/// Whether the first frame belongs to this header, as it was before it changed.
///
/// `SQLite` skips a log with a broken header. One that is half written after a crash has no
/// frames of its own yet, for it is on the disk before the first of them. The frames that lie
/// behind it are older, and are in the database.
fn is_live(header: &[u8; HEADER], log: &mut impl Read) -> io::Result<bool> {
    let mut rest = Vec::new();
    log.take((FRAME_HEADER + 65_536) as u64).read_to_end(&mut rest)?;
    let stored = (word(header, 24), word(header, 28));
    for page_size in (9..=16).map(|exponent| 1_usize << exponent) {
        let Some(frame) = Frame::next(&mut rest.as_slice(), page_size)? else { break };
        for big_endian in [false, true] {
            let computed = sums(big_endian, (0, 0), &header[..24]);
            if [stored, computed].iter().any(|seed| frame.follows(big_endian, *seed).is_some()) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 512;

    /// A log of transactions with these numbers of frames.
    fn log(transactions: &[usize]) -> Vec<u8> {
        let mut log: Vec<u8> =
            [MAGIC, 3_007_000, 512, 0, 77, 88].into_iter().flat_map(u32::to_be_bytes).collect();
        let mut last = sums(false, (0, 0), &log);
        log.extend([last.0, last.1].into_iter().flat_map(u32::to_be_bytes));
        for (number, frames) in (1_u8..).zip(transactions) {
            for frame in 1..=*frames {
                let commit = if frame == *frames { 9 } else { 0 };
                let start = [u32::from(number), commit].into_iter().flat_map(u32::to_be_bytes);
                let start: Vec<u8> = start.collect();
                let page = [number; PAGE];
                last = sums(false, sums(false, last, &start), &page);
                log.extend(start);
                log.extend([77, 88, last.0, last.1].into_iter().flat_map(u32::to_be_bytes));
                log.extend(page);
            }
        }
        log
    }

    fn frame(number: usize) -> std::ops::Range<usize> {
        let start = HEADER + number * (FRAME_HEADER + PAGE);
        start..start + FRAME_HEADER + PAGE
    }

    #[track_caller]
    fn check(log: &[u8], expected: Log) {
        assert_eq!(read(log).unwrap(), expected);
    }

    #[test]
    fn what_was_finished_is_whole_and_an_unfinished_tail_does_no_harm() {
        let whole = log(&[1, 3, 2]);
        check(&whole, Log::Whole);
        for length in frame(4).start..frame(5).end {
            check(&whole[..length], Log::Whole);
        }
        for length in 0..frame(0).end {
            check(&whole[..length], Log::Empty);
        }
        // Frames of an older log behind the end.
        let mut older = log(&[1, 1]);
        older[frame(1)][8..12].copy_from_slice(&3_u32.to_be_bytes());
        older[frame(1)][100] ^= 1;
        check(&older, Log::Whole);
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let whole = log(&[1, 2, 1]);
        let version_and_sequence = 4..16;
        for at in 0..whole.len() {
            for flip in [1, 0x80, 0xff] {
                let mut flipped = whole.clone();
                flipped[at] ^= flip;
                let last_transaction = frame(3).contains(&at);
                let expected = if last_transaction { Log::Torn } else { Log::Damaged };
                let found = read(flipped.as_slice()).unwrap();
                if version_and_sequence.contains(&at) {
                    assert_ne!(found, Log::Whole, "byte {at}");
                } else if frame(1).start <= at && at < frame(2).end {
                    // The last but one: one commit follows it beside its own.
                    assert!(matches!(found, Log::Damaged | Log::Torn), "byte {at}: {found:?}");
                } else {
                    assert_eq!(found, expected, "byte {at} ^ {flip:#x}");
                }
            }
        }
        // Not even when the commit itself is what disappears.
        let mut flipped = whole.clone();
        flipped[frame(3)][7] = 0;
        check(&flipped, Log::Torn);
    }

    #[test]
    fn a_last_transaction_that_is_torn_is_told() {
        let mut torn = log(&[1, 4]);
        torn[frame(2)].fill(0);
        check(&torn, Log::Torn);
        let mut hidden = log(&[1, 4, 1]);
        hidden[frame(2)].fill(0);
        check(&hidden, Log::Damaged);
    }

    #[test]
    fn a_header_that_was_being_replaced_hides_nothing() {
        let mut replaced = log(&[2]);
        replaced[12..32].fill(0x55);
        check(&replaced, Log::Empty);
        check(&[0; 4096], Log::Empty);
    }
}
