//! The name of this machine.

/// The name of this machine, for people.
#[cfg(unix)]
pub fn name() -> String {
    let mut bytes = [0_u8; 256];
    // SAFETY: the call writes at most the given number of bytes; the last one stays 0.
    let code = unsafe { libc::gethostname(bytes.as_mut_ptr().cast(), bytes.len() - 1) };
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    match String::from_utf8_lossy(&bytes[..end]) {
        name if code == 0 && !name.is_empty() => name.into_owned(),
        _ => "this machine".to_owned(),
    }
}

/// The name of this machine, for people.
#[cfg(not(unix))]
pub fn name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}
