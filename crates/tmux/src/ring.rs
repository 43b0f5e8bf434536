//! The last bytes of a stream, addressed by their absolute offset.

use std::collections::VecDeque;

use bytes::Bytes;

/// A bounded window on an endless stream. Offsets only grow.
#[derive(Debug)]
pub(crate) struct Ring {
    bytes: VecDeque<u8>,
    capacity: usize,
    head: u64,
}

impl Ring {
    /// An empty ring that keeps up to `capacity` bytes; memory grows with use.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { bytes: VecDeque::new(), capacity, head: 0 }
    }

    /// Offset of the oldest byte that is kept.
    pub(crate) fn tail(&self) -> u64 {
        self.head - self.bytes.len() as u64
    }

    /// Offset after the newest byte.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// Appends, forgetting the oldest bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.head += bytes.len() as u64;
        let kept = &bytes[bytes.len().saturating_sub(self.capacity)..];
        let excess = (self.bytes.len() + kept.len()).saturating_sub(self.capacity);
        self.bytes.drain(..excess);
        self.bytes.extend(kept);
    }

    /// Marks bytes of unknown number as lost: forgets everything and moves on, so that no reader
    /// can take up the stream where it stopped.
    pub(crate) fn skip(&mut self) {
        self.bytes.clear();
        self.head += 1;
    }

    /// Up to `max` bytes from `offset`, not beyond `limit`; `None` if `offset` is outside.
    pub(crate) fn read(&self, offset: u64, limit: u64, max: usize) -> Option<Bytes> {
        if offset < self.tail() || offset > self.head {
            return None;
        }
        let start = usize::try_from(offset - self.tail()).ok()?;
        let wanted = usize::try_from(limit.min(self.head).saturating_sub(offset)).ok()?.min(max);
        let (front, back) = self.bytes.as_slices();
        let from_front = front.get(start..).unwrap_or_default();
        let from_front = &from_front[..from_front.len().min(wanted)];
        let from_back = &back[start.saturating_sub(front.len())..];
        let from_back = &from_back[..(wanted - from_front.len()).min(from_back.len())];
        Some(Bytes::from([from_front, from_back].concat()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_ring_is_the_end_of_the_whole_stream(
            capacity in 1usize..40,
            chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..20),
            offset in 0u64..400,
            beyond in 0u64..400,
            max in 0usize..80,
        ) {
            let mut ring = Ring::new(capacity);
            let mut whole: Vec<u8> = Vec::new();
            for chunk in &chunks {
                ring.push(chunk);
                whole.extend(chunk);
                prop_assert_eq!(ring.head(), whole.len() as u64);
                prop_assert_eq!(ring.tail(), whole.len().saturating_sub(capacity) as u64);
            }
            let limit = offset + beyond;
            let read = ring.read(offset, limit, max);
            if offset < ring.tail() || offset > ring.head() {
                prop_assert_eq!(read, None);
            } else {
                let start = usize::try_from(offset).unwrap();
                let end = usize::try_from(limit).unwrap().min(whole.len()).min(start + max);
                prop_assert_eq!(read.unwrap(), &whole[start..end]);
            }
        }
    }

    #[test]
    fn a_skip_leaves_every_reader_behind() {
        let mut ring = Ring::new(8);
        ring.push(b"abc");
        ring.skip();
        assert_eq!((ring.tail(), ring.head()), (4, 4));
        assert_eq!(ring.read(3, 9, 9), None);
        assert_eq!(ring.read(4, 9, 9), Some(Bytes::new()));
    }
}
