//! What both packages load.

use napi_derive::napi;

/// Three times `number`.
#[napi]
pub fn triple(number: u32) -> u32 {
    number * 3
}
