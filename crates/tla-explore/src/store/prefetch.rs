//! Asking the processor for memory that will be needed soon.
//!
//! A request is no more than a hint: it changes nothing that a program can see. Processors for which there is none here do
//! without. This file is the one place of the crate with `unsafe`, which the processor's instruction needs.

#![allow(unsafe_code)]

/// Asks for a place that will be read.
#[inline]
pub(super) fn to_read<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a request for memory reads and writes nothing and cannot fault, whatever the address; this one is valid.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Asks for a place that will be written.
#[inline]
pub(super) fn to_write<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: as above; a request for the right to write does not write.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_ET0>(std::ptr::from_ref(place).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
