//! The state machine of a rotation: what is stored, and what happens next.
//!
//! Nothing here does I/O, reads a clock or draws random numbers, and nothing here names another module of the crate.

pub(crate) mod record;
pub(crate) mod step;
