//! The stop words that rakelet splits sentences at.

include!(concat!(env!("OUT_DIR"), "/english.rs"));

/// Whether `word` (in lower case) carries no meaning of its own.
///
/// ```
/// assert!(rakelet_stopwords::is_stopword("the"));
/// assert!(!rakelet_stopwords::is_stopword("crate"));
/// ```
pub fn is_stopword(word: &str) -> bool {
    ENGLISH.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{is_stopword, ENGLISH};

    #[test]
    fn the_table_is_sorted_and_found_in() {
        assert!(ENGLISH.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ENGLISH.iter().all(|word| is_stopword(word)));
    }
}
