use pyo3::prelude::*;

#[pymodule]
mod _core {
    use super::*;

    #[pyfunction]
    fn shout(text: &str) -> String {
        ::shout::shout(text)
    }
}
