use std::ffi::{c_char, c_int, CString};

extern "C" {
    fn sentence_words(text: *const c_char) -> c_int;
}

/// The number of words, as the library counts them.
pub fn words(text: &str) -> i32 {
    let text = CString::new(text).expect("no zero byte");
    unsafe { sentence_words(text.as_ptr()) }
}
