//! Giving memory back to the system.
//!
//! What is freed goes to the allocator, which keeps it for the next request of the same thread. After states went to disk that
//! is most of the memory that the search was allowed, in pieces of all sizes; kept, it would stand beside what is allocated
//! anew. With other C libraries than GNU's nothing is done here.

#![allow(unsafe_code)]

/// Has the allocator give back what is free.
pub(crate) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the function takes a number, may be called by any thread at any time, and touches free memory only.
    unsafe {
        libc::malloc_trim(0);
    }
}
