//! The Node face of rakelet.

use napi_derive::napi;

/// A phrase and how much it says about the text (at least 1).
#[napi(object)]
pub struct Keyword {
    pub phrase: String,
    pub score: f64,
}

/// The `limit` best keywords of `text`, best first; ten when left out.
#[napi]
pub fn keywords(text: String, limit: Option<u32>) -> Vec<Keyword> {
    rakelet::keywords(&text, limit.unwrap_or(10) as usize)
        .into_iter()
        .map(|keyword| Keyword { phrase: keyword.phrase, score: keyword.score })
        .collect()
}
