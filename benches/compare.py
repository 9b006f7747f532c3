"""Times a build of leafseal against the reference program and writes docs/performance.md.

Both programs do the same work on the same generated files, turn by turn, and the best run of each
counts. The reference is started as the binary itself, not through the Python script in front of
it. Peak memory is what GNU time reports for a run of its own.
"""

import argparse
import datetime
import json
import os
import pathlib
import random
import string
import subprocess
import sys
import tempfile
import time

PAGE = pathlib.Path("docs/performance.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
GNU_TIME = "/usr/bin/time"

# number of values, runs of the reference, runs of leafseal
COMPARED = [(10, 20, 40), (1_000, 8, 20), (10_000, 4, 15), (100_000, 2, 8)]
ALONE = [(300_000, 4), (1_000_000, 3)]
GROUP = 10
# the reference is quadratic in the members of a JSON object
OTHER_FORMATS = {"json": 1, "env": 6, "ini": 6}
OTHER_COUNT = 10_000
OTHER_ALONE = [(100_000, 4), (1_000_000, 2)]

# binary files: mebibytes, runs of the reference, runs of leafseal
BINARY = [(64, 4, 12)]
BINARY_ALONE = [(1024, 2)]
MEBIBYTE = 2**20


def values(count):
    """Returns `count` values, the same on every machine."""
    source = random.Random(count)
    letters = string.ascii_letters + string.digits
    return ["x" + "".join(source.choices(letters, k=23)) for _ in range(count)]


def generate(count, ending="yaml"):
    """Returns a file of `count` values, in groups of ten where the format has some."""
    members = list(enumerate(values(count)))
    if ending == "json":
        members = [f'\t"key{number}": "{value}"' for number, value in members]
        return "{\n" + ",\n".join(members) + "\n}\n"
    if ending == "env":
        return "".join(f"KEY_{number}={value}\n" for number, value in members)
    lines = []
    for number, value in members:
        key = f"k{number % GROUP + 1}"
        if number % GROUP == 0:
            group = f"group{number // GROUP}"
            lines += [f"{group}:"] if ending == "yaml" else ["", f"[{group}]"]
        lines.append(f"    {key}: {value}" if ending == "yaml" else f"{key:3} = {value}")
    return "\n".join(lines).lstrip("\n") + "\n"


class Runner:
    """Runs programs in a folder of its own with an age key and nothing else of the user's."""

    def __init__(self, folder):
        self.folder = folder
        key_file = folder / "keys.txt"
        subprocess.run(["age-keygen", "-o", key_file], check=True, capture_output=True)
        public = subprocess.run(["age-keygen", "-y", key_file], check=True, capture_output=True)
        self.recipient = public.stdout.decode().strip()
        self.environment = {"HOME": str(folder), "SOPS_AGE_KEY_FILE": str(key_file)}
        # what encryption writes is the same with and without the key
        self.output = folder / "output"

    def seconds(self, command):
        with open(self.output, "wb") as output:
            started = time.perf_counter()
            subprocess.run(
                command, cwd=self.folder, env=self.environment, stdout=output, check=True
            )
            return time.perf_counter() - started

    def peak(self, command):
        """Returns the peak memory in bytes."""
        report = self.folder / "memory"
        self.seconds([GNU_TIME, "-f", "%M", "-o", str(report), *command])
        return int(report.read_text()) * 1024

    def best(self, commands, runs):
        """Runs commands turn by turn and returns the best time of each."""
        best = [float("inf")] * len(commands)
        for turn in range(max(runs)):
            for number, command in enumerate(commands):
                if turn < runs[number]:
                    best[number] = min(best[number], self.seconds(command))
        return best


def encrypt(program, runner, name):
    return [program, "encrypt", "--age", runner.recipient, name]


def decrypt(program, name):
    return [program, "decrypt", name]


def write_files(runner, reference, count, ending="yaml"):
    """Writes the clear and the encrypted file of one size and returns their names."""
    clear, closed = f"clear{count}.{ending}", f"closed{count}.{ending}"
    (runner.folder / clear).write_text(generate(count, ending))
    runner.seconds(encrypt(reference, runner, clear))
    runner.output.rename(runner.folder / closed)
    return clear, closed


def check(program, reference, runner, clear):
    """Checks that both programs read what the other one writes."""
    wanted = (runner.folder / clear).read_bytes()
    checked = "checked" + pathlib.Path(clear).suffix
    for writer, reader in [(program, reference), (reference, program)]:
        runner.seconds(encrypt(writer, runner, clear))
        runner.output.rename(runner.folder / checked)
        runner.seconds(decrypt(reader, checked))
        if runner.output.read_bytes() != wanted:
            sys.exit(f"bench: {reader} does not give back what {writer} encrypted")


def compare(program, reference, runner, rows):
    table = []
    for count, *runs in rows:
        names = write_files(runner, reference, count)
        table += versus(f"{count:,}", (program, reference), runner, names, runs)
    return table


def versus(label, programs, runner, names, runs):
    """Compares the work of both programs on one clear and one encrypted file."""
    (program, reference), (clear, closed) = programs, names
    check(program, reference, runner, clear)
    table = []
    for work, own, other in [
        ("encrypt", encrypt(program, runner, clear), encrypt(reference, runner, clear)),
        ("decrypt", decrypt(program, closed), decrypt(reference, closed)),
    ]:
        times = runner.best([own, other], runs[::-1])
        peaks = [runner.peak(own), runner.peak(other)]
        row = f"| {label} | {work} | {shown(times[0])} | {shown(times[1])} "
        row += f"| **{times[1] / times[0]:.1f}×** | {mebibytes(peaks[0])} "
        row += f"| {mebibytes(peaks[1])} | {peaks[1] / peaks[0]:.1f}× |"
        print(row, flush=True)
        table.append(row)
    return table


def other_formats(program, reference, runner):
    table = []
    for ending, runs in OTHER_FORMATS.items():
        names = write_files(runner, reference, OTHER_COUNT, ending)
        label = f"{OTHER_COUNT:,} | {ending}"
        table += versus(label, (program, reference), runner, names, [runs, 15])
    return table


def alone(program, runner, rows, ending="yaml"):
    table = []
    for count, runs in rows:
        clear, closed = write_files(runner, program, count, ending)
        for work, command in [
            ("encrypt", encrypt(program, runner, clear)),
            ("decrypt", decrypt(program, closed)),
        ]:
            best = runner.best([command], [runs])[0]
            row = f"| {count:,} | {ending} | {work} | {shown(best)} | {best / count * 1e6:.2f} µs "
            row += f"| {mebibytes(runner.peak(command))} |"
            print(row, flush=True)
            table.append(row)
    return table


def rewrite(reference, runner, engine, count=10_000):
    """Compares a rewrite with one changed value: the engine's own time against `sops set`."""
    _, closed = write_files(runner, reference, count)
    estimates = engine / "rewrite 10k values, one changed" / "new" / "estimates.json"
    own = json.loads(estimates.read_text())["median"]["point_estimate"] / 1e9
    best = float("inf")
    for turn in range(4):
        command = [reference, "set", closed, '["group7"]["k1"]', f'"changed{turn}"']
        best = min(best, runner.seconds(command))
    row = f"| {count:,} | rewrite, one changed | {shown(own)} | {shown(best)} "
    row += f"| **{best / own:.1f}×** | | | |"
    print(row, flush=True)
    return [row]


def write_binary(runner, program, size):
    """Writes a binary file of so many mebibytes, encrypts it, and returns both names."""
    clear, closed = f"clear{size}.bin", f"closed{size}.bin"
    source = random.Random(size)
    with open(runner.folder / clear, "wb") as file:
        for _ in range(size):
            file.write(source.randbytes(MEBIBYTE))
    runner.seconds(encrypt(program, runner, clear))
    runner.output.rename(runner.folder / closed)
    return clear, closed


def binary(program, reference, runner, rows):
    """Compares the work on binary files."""
    table = []
    for size, *runs in rows:
        names = write_binary(runner, reference, size)
        table += versus(f"{size:,} MiB", (program, reference), runner, names, runs)
    return table


def binary_alone(program, runner, rows):
    """Measures binary files that are too long for the reference."""
    table = []
    for size, runs in rows:
        clear, closed = write_binary(runner, program, size)
        calls = [
            ("encrypt", encrypt(program, runner, clear), clear),
            ("decrypt", decrypt(program, closed), closed),
            ("encrypt in place", [*encrypt(program, runner, clear), "--in-place"], clear),
            ("decrypt in place", [program, "decrypt", "--in-place", clear], clear),
        ]
        for work, command, name in calls:
            length = (runner.folder / name).stat().st_size
            is_repeatable = "--in-place" not in command
            best = runner.best([command], [runs])[0] if is_repeatable else None
            peak = runner.peak(command)
            row = f"| {size:,} MiB | {work} | {shown(best) if best else ''} "
            row += f"| {mebibytes(peak)} | {peak / length:.2f} |"
            print(row, flush=True)
            table.append(row)
        (runner.folder / clear).unlink()
        (runner.folder / closed).unlink()
    return table


def shown(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:,.0f} ms"


def mebibytes(size):
    return f"{size / 2**20:.1f} MiB"


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{os.cpu_count()} cores, {model}, {os.uname().sysname}"


def version(program):
    command = [program, "--version"]
    output = subprocess.run(command, capture_output=True, check=True, env={}).stdout.decode()
    return output.splitlines()[0]


def page(tables, programs):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    compared, formats, single, bytes_compared, bytes_single = tables
    return "\n".join([
        BEGIN,
        f"Measured by `make bench` on {today} ({machine()}); {programs[0]} against {programs[1]}.",
        "",
        "| values | work | leafseal | reference | faster | peak memory | reference | smaller |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *compared,
        "",
        "| values | format | work | leafseal | reference | faster | peak memory | reference | smaller |",
        "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *formats,
        "",
        "| values | format | work | leafseal | each value | peak memory |",
        "| ---: | --- | --- | ---: | ---: | ---: |",
        *single,
        "",
        "| binary file | work | leafseal | reference | faster | peak memory | reference | smaller |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *bytes_compared,
        "",
        "| binary file | work | leafseal | peak memory | of what is read |",
        "| ---: | --- | ---: | ---: | ---: |",
        *bytes_single,
        END,
    ])


def write_page(text):
    old = PAGE.read_text()
    before, rest = old.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + text + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--reference", type=os.path.abspath, required=True)
    parser.add_argument("--engine", type=pathlib.Path, required=True)
    parser.add_argument("--dry-run", action="store_true", help="do not write the page")
    parser.add_argument("--most", type=int, default=1_000_000, help="leave larger files out")
    parser.add_argument(
        "--mebibytes", type=int, default=1024, help="leave larger binary files out"
    )
    options = parser.parse_args()
    if not os.access(GNU_TIME, os.X_OK):
        sys.exit(f"bench: {GNU_TIME} is missing; install the package `time`")
    sizes = [[row for row in rows if row[0] <= options.mebibytes] for rows in (BINARY, BINARY_ALONE)]
    fits = [
        [row for row in rows if row[0] <= options.most] for rows in (COMPARED, ALONE, OTHER_ALONE)
    ]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(pathlib.Path(folder))
        compared = compare(options.program, options.reference, runner, fits[0])
        compared += rewrite(options.reference, runner, options.engine)
        formats = other_formats(options.program, options.reference, runner)
        single = alone(options.program, runner, fits[1])
        for ending in OTHER_FORMATS:
            single += alone(options.program, runner, fits[2], ending)
        bytes_compared = binary(options.program, options.reference, runner, sizes[0])
        bytes_single = binary_alone(options.program, runner, sizes[1])
    if not options.dry_run:
        tables = (compared, formats, single, bytes_compared, bytes_single)
        write_page(page(tables, (version(options.program), version(options.reference))))


main()
