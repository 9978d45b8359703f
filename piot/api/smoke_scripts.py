"""The scripts that try what was built: in an exec root, in a fresh environment of Python, and in Node.js."""

TRY = '''\
"""try.py PLAN: installs wheels into a fresh environment, unpacks archives, starts programs."""
import json, os, pathlib, shlex, subprocess, sys, tarfile, zipfile

ROOT = pathlib.Path.cwd()
PLAN = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
ARGUMENTS = PLAN["arguments"] or ["--version"]
EMULATOR = [os.environ[name] for name in sorted(os.environ) if name.startswith("EMULATOR")]


def main():
    for number, group in enumerate(PLAN["wheels"]):
        for program in installed(ROOT / ".piot" / f"venv{number}", [only(folder) for folder in group]):
            start(program)
    for program in PLAN["programs"]:
        start(ROOT / program)
    for number, archive in enumerate(PLAN["archives"]):
        folder = ROOT / ".piot" / f"archive{number}"
        unpack(only(archive["folder"]), folder)
        for program in archive["programs"]:
            start(folder / program)


def only(folder):
    (found,) = (ROOT / folder).iterdir()
    return found


def installed(home, files):
    """The programs of the first wheel; the others are what it needs of the repository."""
    run(sys.executable, "-I", "-m", "venv", "--without-pip", home)
    if pinned := os.environ.get("RUNTIME"):
        (packages,) = home.glob("lib/python*/site-packages")
        folders = sorted(map(str, pathlib.Path(pinned).iterdir()))
        (packages / "pinned.pth").write_text("".join(f"{folder}\\n" for folder in folders))
    python, pip, programs = home / "bin" / "python", os.environ["PIP"], home / "programs"
    options = ("--quiet", "--no-index", "--no-deps", "--no-compile", "--disable-pip-version-check")
    run(python, "-I", f"{pip}/pip", "install", *options, *files)
    print("installed", *(file.name for file in files), flush=True)
    run(python, "-I", ROOT / ".piot" / "inside.py", pip, files[0], programs)
    return [home / "bin" / name for name in programs.read_text(encoding="utf-8").split()]


def unpack(file, folder):
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                pathlib.Path(archive.extract(info, folder)).chmod(info.external_attr >> 16 & 0o777)
    else:
        with tarfile.open(file) as archive:
            archive.extractall(folder)


def start(program):
    """Programs that do not know --version end with 2, as argparse, clap and getopt have it."""
    shown = shlex.join([program.name, *ARGUMENTS])
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        done = subprocess.run([*EMULATOR, program, *ARGUMENTS], timeout=60, **options)
    except OSError as error:
        sys.exit(f"{program.name} cannot be started: {error.strerror}")
    except subprocess.TimeoutExpired:
        sys.exit(f"{shown} did not end within a minute")
    if done.returncode not in ((0,) if PLAN["arguments"] else (0, 2)):
        said = done.stdout.decode(errors="replace").replace(f"{ROOT}{os.sep}", "").rstrip()
        how = f"by signal {-done.returncode}" if done.returncode < 0 else f"with {done.returncode}"
        sys.exit(f"{shown} ended {how}:\\n{said}")
    under = f" under {pathlib.Path(EMULATOR[0]).name}" if EMULATOR else ""
    print(f"{shown}: works{under}", flush=True)


def run(*command):
    if code := subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL).returncode:
        sys.exit(code)


main()
'''
"""Of Python 3.9 and later, with nothing but its standard library; pip comes as a fetched tool."""

INSIDE = '''\
"""inside.py PIP WHEEL PROGRAMS: imports the modules of an installed wheel, loads its commands."""
import functools, importlib.metadata, os, pathlib, sys, sysconfig, traceback, zipfile

pip, file, programs = sys.argv[1:]


def main():
    with zipfile.ZipFile(file) as archive:
        names = [name.split("/") for name in archive.namelist() if name[-1] != "/"]
    found = importlib.metadata.distribution(pathlib.Path(file).name.split("-")[0])
    modules, lacking = modules_of(list(filter(None, map(place, names)))), unmet(found)
    commands = [each for each in found.entry_points if each.group == "console_scripts"]
    tries = [(f"import {each}", functools.partial(importlib.import_module, each)) for each in modules]
    tries += [(f"{each.name} = {each.value}", each.load) for each in commands]
    works = [attempt(what, do, modules, lacking) for what, do in tries]
    bundled = [name[2] for name in names if name[0].endswith(".data") and name[1] == "scripts"]
    told = [each.name for each in commands] + bundled if all(works) else []
    pathlib.Path(programs).write_text("\\n".join(told), encoding="utf-8")


def attempt(what, do, modules, lacking):
    """False where a module is missing because nothing pins what the wheel asks for."""
    try:
        do()
    except BaseException as error:
        missing = (getattr(error, "name", None) or "").split(".")[0]
        if isinstance(error, ModuleNotFoundError) and lacking and missing not in modules:
            print(f"{what}: not tried, nothing pins {', '.join(lacking)}", flush=True)
            return False
        sys.exit(f"{what} failed:\\n{told(error)}")
    print(f"{what}: works", flush=True)
    return True


def told(error):
    """The traceback from the wheel's own files on, with paths as they are in the wheel."""
    home = sysconfig.get_path("platlib") + os.sep
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(home)]
    lines = [*traceback.format_list(own), *traceback.format_exception_only(type(error), error)]
    return "".join(lines).replace(home, "").rstrip()


def unmet(found):
    """The names of what the wheel asks for and is not installed."""
    sys.path.append(pip)
    from pip._vendor.packaging.requirements import Requirement
    from pip._vendor.packaging.utils import canonicalize_name

    sys.path.remove(pip)
    asked = map(Requirement, found.requires or ())
    names = {each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})}
    here = {canonicalize_name(each.metadata["Name"]) for each in importlib.metadata.distributions()}
    return sorted(name for name in names if canonicalize_name(name) not in here)


def place(parts):
    """Where a file of a wheel is installed below site-packages; nothing for one that is not."""
    if parts[0].endswith(".data"):
        return parts[2:] if parts[1] in ("purelib", "platlib") else []
    return [] if parts[0].endswith((".dist-info", ".libs")) else parts


def modules_of(paths):
    """The modules at the top; of namespaces, which have no __init__, those right below."""
    packages = {tuple(path[:-1]) for path in paths if path[-1].startswith("__init__.")}
    found = set()
    for path in paths:
        module = (*path[:-1], path[-1].partition(".")[0])
        above = (tuple(path[:end]) for end in range(1, len(path)))
        module = next((each for each in above if each in packages), module)
        if path[-1].endswith((".py", ".so", ".pyd")) and all(map(str.isidentifier, module)):
            found.add(".".join(module))
    return sorted(found)


main()
'''

NODE = """\
// try.cjs NAME…: loads every package that has something to load, and starts its programs.
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const path = require("node:path");

const ARGUMENTS = JSON.parse(process.env.SMOKE_ARGUMENTS);

function fail(message) {
  console.error(message);
  process.exit(1);
}

async function load(name, manifest, folder) {
  if (!manifest.main && !manifest.exports && !existsSync(path.join(folder, "index.js"))) return;
  const ways = manifest.type === "module" ? [(it) => import(it)] : [require, (it) => import(it)];
  for (const [number, way] of ways.entries()) {
    try {
      await way(name);
      return console.log(`${number + 1 < ways.length ? "require" : "import"} ${name}: works`);
    } catch (error) {
      const last = number + 1 === ways.length;
      if (last && error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return;
      if (!last && ["ERR_REQUIRE_ESM", "ERR_PACKAGE_PATH_NOT_EXPORTED"].includes(error.code)) continue;
      const stack = String(error?.stack ?? error).split("\\n").filter((line) => !line.includes("node:"));
      fail(`loading ${name} failed:\\n${stack.join("\\n").replaceAll(`${process.cwd()}/`, "")}`);
    }
  }
}

function start(name) {
  const words = ARGUMENTS.length ? ARGUMENTS : ["--version"];
  const shown = [name, ...words].join(" ");
  const program = path.resolve("node_modules/.bin", name);
  const done = spawnSync(program, words, { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  if (done.error?.code === "ETIMEDOUT") fail(`${shown} did not end within a minute`);
  if (done.error) fail(`${name} cannot be started: ${done.error.message}`);
  if (done.status !== 0 && (ARGUMENTS.length || done.status !== 2)) {
    const said = `${done.stdout}${done.stderr}`.replaceAll(`${process.cwd()}/`, "").trimEnd();
    fail(`${shown} ended ${done.signal ? `by ${done.signal}` : `with ${done.status}`}:\\n${said}`);
  }
  console.log(`${shown}: works`);
}

async function main() {
  for (const name of process.argv.slice(2)) {
    const folder = path.resolve("node_modules", name);
    const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    await load(name, manifest, folder);
    const bin = manifest.bin ?? {};
    const names = typeof bin === "string" ? [manifest.name.split("/").pop()] : Object.keys(bin);
    for (const each of names) start(each);
  }
  process.exit(0);
}

main();
"""
"""CommonJS, so that it can do both, ``require`` and ``import``; an addon may keep Node.js from ending."""
