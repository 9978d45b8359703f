use pyo3::prelude::*;

#[pyfunction]
fn words(text: &str) -> i32 {
    sentence_sys::words(text)
}

#[pymodule]
fn words_demo(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(words, module)?)
}
