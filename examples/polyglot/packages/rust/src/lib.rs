//! Rapid automatic keyword extraction (RAKE): the phrases that a text is about.
//!
//! Sentences are split at stop words and punctuation; a word's score is its degree (how many words
//! it stands together with) over its frequency; a phrase's score is the sum over its words.
//! Source: Rose et al., "Automatic Keyword Extraction from Individual Documents" (2010).

use std::collections::HashMap;
use std::sync::LazyLock;

use rakelet_stopwords::is_stopword;
use regex::Regex;
use serde::Serialize;

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}][\p{L}\p{N}'-]*|[^\s\p{L}\p{N}]").expect("a valid pattern"));

/// A phrase and how much it says about the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Keyword {
    /// The phrase, in lower case, its words joined by one space.
    pub phrase: String,
    /// The sum of degree / frequency over its words; at least 1.
    pub score: f64,
}

/// The `limit` best keywords of `text`, best first; ties in alphabetical order.
///
/// ```
/// let found = rakelet::keywords("The build graph keeps the build graph small.", 1);
/// assert_eq!(found[0].phrase, "build graph keeps");
/// ```
pub fn keywords(text: &str, limit: usize) -> Vec<Keyword> {
    let lower = text.to_lowercase();
    let phrases = phrases(&lower);
    let scores = word_scores(&phrases);
    let mut found: Vec<Keyword> = phrases
        .iter()
        .map(|words| Keyword { phrase: words.join(" "), score: words.iter().map(|word| scores[word]).sum() })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.phrase.cmp(&b.phrase)));
    found.dedup_by(|a, b| a.phrase == b.phrase);
    found.truncate(limit);
    found
}

fn phrases(lower: &str) -> Vec<Vec<&str>> {
    let mut phrases = vec![Vec::new()];
    for token in TOKEN.find_iter(lower).map(|found| found.as_str()) {
        let word = token.chars().next().is_some_and(char::is_alphanumeric);
        if word && !is_stopword(token) {
            phrases.last_mut().expect("never empty").push(token);
        } else {
            phrases.push(Vec::new());
        }
    }
    phrases.retain(|words| !words.is_empty());
    phrases
}

fn word_scores<'a>(phrases: &[Vec<&'a str>]) -> HashMap<&'a str, f64> {
    let mut counts: HashMap<&str, (f64, f64)> = HashMap::new();
    for words in phrases {
        for word in words {
            let (frequency, degree) = counts.entry(word).or_default();
            *frequency += 1.0;
            *degree += words.len() as f64;
        }
    }
    counts.into_iter().map(|(word, (frequency, degree))| (word, degree / frequency)).collect()
}

#[cfg(test)]
mod tests {
    use super::keywords;

    #[test]
    fn stop_words_and_punctuation_split_phrases() {
        let found: Vec<String> =
            keywords("Fast builds, and reproducible wheels.", 10).into_iter().map(|found| found.phrase).collect();
        assert_eq!(found, ["fast builds", "reproducible wheels"]);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert!(keywords(" , . the of", 5).is_empty());
    }
}
