//! A buffer that leaves no copy of its bytes behind.

use std::io;

use zeroize::Zeroizing;

/// Bytes that are overwritten when they are dropped, and when the buffer moves to a larger block of memory.
///
/// A plain `Vec` that grows frees its old block without overwriting it.
pub(crate) struct ErasedBuf(Zeroizing<Vec<u8>>);

impl ErasedBuf {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(bytes)))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn extend_from_slice(&mut self, bytes: &[u8]) {
        let length = self.len() + bytes.len();
        if length > self.0.capacity() {
            let mut larger = Vec::with_capacity(length.max(2 * self.0.capacity()));
            larger.extend_from_slice(&self.0);
            // The assignment drops the old block, which overwrites it.
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn into_inner(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for ErasedBuf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
