//! The state machine of a rotation: what is stored, and what happens next.
//!
//! Nothing here does I/O, reads a clock or draws random numbers, and nothing here names another module of the crate.
//! So an exhaustive search in `tests/rotate` includes these files and visits every state.

mod clock;

pub(crate) mod due;
pub(crate) mod event;
mod keys;
pub(crate) mod merge;
pub(crate) mod policy;
pub(crate) mod record;
pub(crate) mod step;
