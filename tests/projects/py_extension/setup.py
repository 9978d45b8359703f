from setuptools import Extension, setup

setup(ext_modules=[Extension("fast._core", ["src/fast/core.c"])])
