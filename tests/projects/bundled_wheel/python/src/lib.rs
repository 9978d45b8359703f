use pyo3::prelude::*;

#[pyfunction]
fn greeting(name: &str) -> String {
    format!("Hello, {name}.")
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(greeting, module)?)
}
