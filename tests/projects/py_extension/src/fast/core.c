#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <assert.h>

static PyObject *add(PyObject *self, PyObject *args) {
    long a, b;
    assert(self != NULL);
    if (!PyArg_ParseTuple(args, "ll", &a, &b)) return NULL;
    if (a + b > 1000000) return PyErr_Format(PyExc_ValueError, "too large, says %s", __FILE__);
    return PyLong_FromLong(a + b);
}

static PyMethodDef methods[] = {{"add", add, METH_VARARGS, "Adds two numbers."}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_core", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&module); }
