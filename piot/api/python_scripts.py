"""The script that builds a Python project in an exec root: pypa/build, around a fresh environment."""

BUILD = '''\
"""build.py KIND PYTHON SOURCE OUT [PLATFORM]: one PEP 517 build, with the pinned requirements alone."""
import gzip, io, json, os, pathlib, stat, subprocess, sys, tarfile, zipfile

sys.path[1:1] = os.environ.pop("PYTHON_FRONT_END").split(os.pathsep)
import build

ROOT = pathlib.Path.cwd()
PINS = sorted(str(path) for path in pathlib.Path(os.environ.pop("PYTHON_PINS")).iterdir())
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def main(kind, python, source, out, platform=""):
    home = ROOT / ".piot" / "venv"
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", home], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    added = [*PINS, finder(source)] if any(pin.endswith("/setuptools-scm") for pin in PINS) else PINS
    (packages / "piot.pth").write_text("".join(f"{folder}\\n" for folder in added))
    path = [str(home / "bin"), *(f"{pin}/bin" for pin in PINS), os.environ["PATH"]]
    os.environ["PATH"] = os.pathsep.join(path)
    if "CC" in os.environ:
        os.environ["CPPFLAGS"] = f"{os.environ.get('CPPFLAGS', '')} {flags(python)}"
    builder = build.ProjectBuilder(source, str(home / "bin" / "python"), run)
    kinds = ("sdist", "wheel") if kind == "requires" else (kind,)
    asked = sorted(set().union(*(builder.get_requires_for_build(each) for each in kinds)))
    if kind == "requires":
        pathlib.Path(out).write_text(json.dumps(asked) + "\\n")
        return
    if missing := unmet((*builder.build_system_requires, *asked)):
        sys.exit("piot.lock does not pin all that the back end asks for: " + ", ".join(missing))
    made = pathlib.Path(builder.build(kind, out))
    made = tagged(made, platform) if platform else made
    made.write_bytes(settled_tar(made) if kind == "sdist" else settled_zip(made))


def flags(python):
    """No debug information, no place of this machine, and the part of the headers that Debian keeps apart.

    For CPPFLAGS, which setuptools adds to Python's own flags, where CFLAGS would replace them.
    """
    asked = [python, "-Ic", "import sysconfig; print(sysconfig.get_path('include'))"]
    include = pathlib.Path(subprocess.check_output(asked, text=True).strip())
    return f"-g0 -ffile-prefix-map={ROOT}=/build -idirafter {include.parent}"


def tagged(wheel, platform):
    """The wheel under the tag of what it was linked for: back ends call it by the machine it was built on."""
    path = os.pathsep.join(sys.path[1:])
    words = [sys.executable, "-SB", "-m", "wheel", "tags", "--remove", "--platform-tag", platform, wheel]
    subprocess.run(words, check=True, env={**os.environ, "PYTHONPATH": path})
    (made,) = wheel.parent.glob("*.whl")
    return made


def finder(source):
    """Tells setuptools which files there are: setuptools-scm asks git for that, which is not here."""
    folder = ROOT / ".piot" / "finder"
    info = folder / "piot_finder-0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\\nName: piot-finder\\nVersion: 0\\n")
    info.joinpath("entry_points.txt").write_text("[setuptools.file_finders]\\npiot = piot_finder:find\\n")
    there = (path for path in pathlib.Path(source).rglob("*") if path.is_file())
    names = sorted(str(path.relative_to(source)) for path in there)
    folder.joinpath("piot_finder.py").write_text(f"def find(folder=''):\\n    return {names!r}\\n")
    return str(folder)


def run(command, cwd=None, extra_environ=None):
    """The back end's own words are enough: no traceback of what called it."""
    if code := subprocess.run(command, cwd=cwd, env={**os.environ, **(extra_environ or {})}).returncode:
        raise SystemExit(code)


def unmet(requirements):
    """What the environment lacks, looked up in it instead of in the front end's."""
    own, sys.path = sys.path, PINS
    try:
        chains = {chain for each in requirements for chain in build.check_dependency(each)}
    finally:
        sys.path = own
    return sorted({chain[-1] for chain in chains})


def settled_tar(path):
    """Order, times, owners and modes that do not depend on who packs, when."""
    whole = io.BytesIO()
    with tarfile.open(path) as old, gzip.GzipFile("", "wb", 9, whole, EPOCH) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new:
            for info in sorted(old.getmembers(), key=lambda each: each.name):
                data = old.extractfile(info).read() if info.isreg() or info.islnk() else None
                fresh = tarfile.TarInfo(info.name)
                fresh.type = tarfile.REGTYPE if data is not None else info.type
                fresh.linkname = info.linkname if info.issym() else ""
                fresh.mode = 0o755 if info.isdir() or info.mode & stat.S_IXUSR else 0o644
                fresh.mtime, fresh.size = EPOCH, len(data or b"")
                new.addfile(fresh, None if data is None else io.BytesIO(data))
    return whole.getvalue()


def settled_zip(path):
    """Times and modes likewise; the order says where the metadata is, and stays."""
    whole = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            fresh = zipfile.ZipInfo(info.filename)
            mode = 0o755 if info.external_attr >> 16 & stat.S_IXUSR else 0o644
            fresh.create_system, fresh.external_attr = 3, (stat.S_IFREG | mode) << 16
            fresh.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fresh, old.read(info))
    return whole.getvalue()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (build.BuildException, build.BuildBackendException) as error:
        sys.exit(str(error))
'''
"""The environment is a venv without pip, whose path file names the mounted requirements one by one.

Back ends run in it as subprocesses, as pypa/build runs them. Their results are packed again, since setuptools
leaves the time of day in an sdist, and modes that depend on who builds in both.
"""
