//! Bytes under way from one rank to another.
//!
//! These are MPI's non-blocking calls, which can be left when a deadline has passed. All of MPI's own memory safety is
//! here: MPI uses a buffer until the transfer is done, so a buffer whose transfer is given up is never freed.
//!
//! Calls come from one thread at a time, as [`World`](super::world::World) has asked MPI to allow.

use std::ffi::{CStr, c_char, c_int};
use std::mem::{self, MaybeUninit};
use std::{fmt, ptr};

use ::mpi::ffi;

/// Longer than any text of MPI for an error.
const TEXT_BYTES: usize = 8192;

/// A call of MPI that has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MpiError(c_int);

impl MpiError {
    fn check(code: c_int) -> Result<(), Self> {
        if code == ffi::MPI_SUCCESS as c_int { Ok(()) } else { Err(Self(code)) }
    }
}

impl fmt::Display for MpiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut text, mut length): ([c_char; TEXT_BYTES], c_int) = ([0; TEXT_BYTES], 0);
        // SAFETY: the text is longer than any error, and ends with a zero whatever the call writes.
        let text = unsafe {
            ffi::MPI_Error_string(self.0, text.as_mut_ptr(), &mut length);
            CStr::from_ptr(text.as_ptr())
        };
        write!(formatter, "MPI: {}", text.to_string_lossy())
    }
}

/// From now on, calls return errors instead of ending the process.
pub fn return_errors() -> Result<(), MpiError> {
    // SAFETY: MPI is initialised, and both handles are its own constants.
    MpiError::check(unsafe { ffi::MPI_Comm_set_errhandler(ffi::RSMPI_COMM_WORLD, ffi::RSMPI_ERRORS_RETURN) })
}

/// A transfer, and the bytes that belong to it.
pub struct Transfer {
    request: ffi::MPI_Request,
    bytes: Vec<u8>,
}

impl Transfer {
    /// Begins to send bytes to a rank.
    ///
    /// # Errors
    /// If MPI refuses, or there are 2 GiB or more.
    pub fn send(to: usize, tag: c_int, bytes: Vec<u8>) -> Result<Self, MpiError> {
        let too_long = MpiError(ffi::MPI_ERR_COUNT as c_int);
        let (count, to) = (count(bytes.len()).ok_or(too_long)?, count(to).ok_or(too_long)?);
        let mut transfer = Self::idle(bytes);
        // SAFETY: the bytes stay where they are until the request is done, even if the transfer is dropped.
        MpiError::check(unsafe {
            ffi::MPI_Isend(
                transfer.bytes.as_ptr().cast(),
                count,
                ffi::RSMPI_UINT8_T,
                to,
                tag,
                ffi::RSMPI_COMM_WORLD,
                &mut transfer.request,
            )
        })?;
        Ok(transfer)
    }

    /// Begins to receive what a rank, or any, has sent with a tag; none if nothing has arrived. Also returns the sender.
    ///
    /// # Errors
    /// If MPI fails.
    pub fn arrived(from: Option<usize>, tag: c_int) -> Result<Option<(usize, Self)>, MpiError> {
        let Some((mut message, status, length)) = probe(from, tag)? else { return Ok(None) };
        let mut transfer = Self::idle(vec![0; length as usize]);
        // SAFETY: the buffer has the message's length, and stays where it is until the request is done.
        MpiError::check(unsafe {
            ffi::MPI_Imrecv(
                transfer.bytes.as_mut_ptr().cast(),
                length,
                ffi::RSMPI_UINT8_T,
                &mut message,
                &mut transfer.request,
            )
        })?;
        Ok(Some((status.MPI_SOURCE as usize, transfer)))
    }

    /// Whether the transfer is done.
    ///
    /// # Errors
    /// If MPI fails.
    pub fn is_done(&mut self) -> Result<bool, MpiError> {
        let mut done = 0;
        // SAFETY: the request is one that MPI has made, or its constant for none, which is done.
        MpiError::check(unsafe { ffi::MPI_Test(&mut self.request, &mut done, ffi::RSMPI_STATUS_IGNORE) })?;
        Ok(done != 0)
    }

    /// The bytes of a transfer that is done.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        debug_assert!(self.is_idle(), "MPI still uses the bytes");
        mem::take(&mut self.bytes)
    }

    fn idle(bytes: Vec<u8>) -> Self {
        // SAFETY: this only reads a constant of MPI.
        Self { request: unsafe { ffi::RSMPI_REQUEST_NULL }, bytes }
    }

    fn is_idle(&self) -> bool {
        // SAFETY: this only reads a constant of MPI.
        self.request == unsafe { ffi::RSMPI_REQUEST_NULL }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if !self.is_idle() {
            mem::forget(mem::take(&mut self.bytes));
        }
    }
}

/// A message that has arrived and that nobody else can receive, with its length in bytes.
fn probe(from: Option<usize>, tag: c_int) -> Result<Option<(ffi::MPI_Message, ffi::MPI_Status, c_int)>, MpiError> {
    let (mut flag, mut length) = (0, 0);
    // SAFETY: this only reads constants of MPI.
    let (any, mut message) = unsafe { (ffi::RSMPI_ANY_SOURCE, ffi::RSMPI_MESSAGE_NULL) };
    let from = from.map_or(Some(any), count).ok_or(MpiError(ffi::MPI_ERR_RANK as c_int))?;
    let mut status = MaybeUninit::<ffi::MPI_Status>::zeroed();
    // SAFETY: all results have a place of their type.
    MpiError::check(unsafe {
        ffi::MPI_Improbe(from, tag, ffi::RSMPI_COMM_WORLD, &mut flag, &mut message, status.as_mut_ptr())
    })?;
    if flag == 0 {
        return Ok(None);
    }
    // SAFETY: zeros are a valid status, and the probe has filled it.
    let status = unsafe { status.assume_init() };
    // SAFETY: the status is the one of the probe.
    MpiError::check(unsafe { ffi::MPI_Get_count(ptr::from_ref(&status), ffi::RSMPI_UINT8_T, &mut length) })?;
    Ok(Some((message, status, length)))
}

fn count(number: usize) -> Option<c_int> {
    c_int::try_from(number).ok()
}
