use pyo3::prelude::*;

#[pyfunction]
fn sum(numbers: Vec<i64>) -> i64 {
    sums_example::sum(&numbers)
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(sum, module)?)
}
