//! The Python face of rakelet: `rakelet._core`.

use pyo3::prelude::*;

/// The `limit` best keywords of `text` as (phrase, score), best first.
#[pyfunction]
#[pyo3(signature = (text, limit = 10))]
fn keywords(py: Python<'_>, text: &str, limit: usize) -> Vec<(String, f64)> {
    let found = py.detach(|| rakelet::keywords(text, limit));
    found.into_iter().map(|keyword| (keyword.phrase, keyword.score)).collect()
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(keywords, module)?)
}
