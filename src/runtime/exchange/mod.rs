//! One exchange with a server: the operation it belongs to, and the response that came back.

mod erased_buf;
mod operation;
mod response;

pub(crate) use erased_buf::ErasedBuf;
pub(crate) use operation::{Operation, Quirks, Templates};
pub(crate) use response::{Received, Response};
