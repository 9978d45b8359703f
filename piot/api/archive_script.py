"""The script that packs a release archive in an exec root."""

PACK = '''\
"""pack.py PLAN OUT SUMS: an archive and its checksum, the same bytes whenever and whoever packs."""
import gzip, hashlib, json, os, pathlib, stat, sys, tarfile, time, zipfile

EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def main(plan, out, sums):
    plan = json.loads(pathlib.Path(plan).read_text(encoding="utf-8"))
    members = {}
    for entry in plan["entries"]:
        for name, path in files(pathlib.Path(entry["from"]), entry["to"]):
            if name in members:
                sys.exit(f"two files would be {name} in the archive")
            runs = entry["runs"] or path.stat().st_mode & stat.S_IXUSR
            members[name] = path, 0o755 if runs else 0o644
    place = pathlib.Path(out, plan["file"])
    place.parent.mkdir(exist_ok=True)
    with open(place, "wb") as stream:
        PACKERS[plan["format"]](stream, sorted(members.items()))
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    summed = pathlib.Path(sums, place.name + ".sha256")
    summed.parent.mkdir(exist_ok=True)
    summed.write_bytes(f"{digest}  {place.name}\\n".encode())


def files(path, name):
    """The files below a folder; a link becomes what it leads to."""
    if not path.is_dir():
        return [(name, path)]
    found = []
    for inner in sorted(path.rglob("*")):
        relative = inner.relative_to(path).as_posix()
        if inner.is_file():
            found.append((name + relative, inner))
        elif inner.is_symlink():
            sys.exit(f"{relative} is a link to a folder or to nothing, which an archive cannot hold")
    return found


def tar(stream, members):
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, (path, mode) in members:
            info = tarfile.TarInfo(name)
            info.mode, info.mtime, info.size = mode, EPOCH, path.stat().st_size
            with path.open("rb") as content:
                archive.addfile(info, content)


def tar_gz(stream, members):
    with gzip.GzipFile("", "wb", 9, stream, 0) as packed:
        tar(packed, members)


def tar_xz(stream, members):
    try:
        import lzma
    except ImportError:
        sys.exit(f"{sys.executable} was built without lzma, which packs .tar.xz")
    with lzma.LZMAFile(stream, "wb") as packed:
        tar(packed, members)


def zipped(stream, members):
    with zipfile.ZipFile(stream, "w") as archive:
        for name, (path, mode) in members:
            info = zipfile.ZipInfo(name, time.gmtime(EPOCH)[:6])
            info.create_system, info.external_attr = 3, (stat.S_IFREG | mode) << 16
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


PACKERS = {"tar.gz": tar_gz, "tar.xz": tar_xz, "zip": zipped}

if __name__ == "__main__":
    main(*sys.argv[1:])
'''
"""Of Python 3.9 and later, with nothing but its standard library.

All entries have the time of ``SOURCE_DATE_EPOCH``, no owner, and modes 0755 or 0644 (3 says in a zip that
modes are those of Unix); the header of gzip has neither time nor name.
"""
