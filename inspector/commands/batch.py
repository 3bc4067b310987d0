"""``inspector batch``: many spectra to one table."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from inspector.exceptions import FileError
from inspector.science.settings import Settings
from inspector.terminal import OK, SOME_FAILED, Printer, Stop, Stopped

_HELP = """\
Analyse every spectrum of many files and write one table.

PATH is a FITS file (plain, .gz, .bz2, .xz or .fz), a folder, or a text file with one path per line. Files are
detected by content. What gives no result (a spectrum that fails, a file that is missing or cannot be read)
becomes a row with flag_no_result and its reason, and the run continues.
The table is FITS, ECSV, VOTable, Parquet or CSV, by the extension of OUTPUT; rows come in the order of the
input, and the numbers are the same for any number of workers. An existing table is only replaced with
--overwrite, and an input never is. In CSV, a text that a spreadsheet would take for a formula begins with an
apostrophe."""

_EPILOG = """\
examples:
  inspector batch spectra/ -o results.fits
  inspector batch a.fits b.fits.gz list.txt -o results.parquet --coadd-only --mc-num 500
  inspector batch spectra/ -o results.fits --resume      continue a run that was cut off

exit code: 0 every input was answered, 1 some gave no result, 2 the command could not run,
130 stopped with Ctrl+C (128 + the number of any other signal)"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``inspector batch``."""
    parser = commands.add_parser(
        "batch",
        help="analyse many stars and write a table",
        description=_HELP,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_batch)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file, folder, or list of files")
    parser.add_argument("-o", "--output", type=Path, required=True, help="table to write")
    _add_network_options(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="one seed for all (default: each spectrum's own)")
    parser.add_argument("--coadd-only", action="store_true", help="leave the visits out")
    opinion = parser.add_mutually_exclusive_group()
    opinion.add_argument(
        "--goodness",
        action="store_const",
        dest="opinion",
        const="goodness",
        help="judge whether a model spectrum of each answer fits (columns fit_ok, fit_chi2, …; 0.05 s a spectrum)",
    )
    opinion.add_argument(
        "--fit",
        action="store_const",
        dest="opinion",
        const="fit",
        help="also find the labels that fit best (columns fit_teff, fit_e_teff, …; up to 1 s a spectrum)",
    )
    parallel = parser.add_mutually_exclusive_group()
    parallel.add_argument(
        "--workers", type=_positive, metavar="N", help="processes that read and normalise (default: one per core)"
    )
    parallel.add_argument("--serial", action="store_true", help="no worker processes")
    parser.add_argument("--resume", action="store_true", help="continue a run that was cut off")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing table")


def _add_network_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mc-num",
        type=int,
        default=Settings.mc_num,
        metavar="N",
        help="draws for each spectrum (default: %(default)s)",
    )
    parser.add_argument("--weights", metavar="PATH", help="checkpoint (default: the bundled weights)")
    parser.add_argument(
        "--noise", metavar="PATH", help="noise model (default: the bundled one, for the bundled weights only)"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


def _batch(options: argparse.Namespace) -> int:
    import torch
    from tqdm import tqdm

    from inspector.files.checkpoints.noise_model_file import load_noise_model
    from inspector.files.checkpoints.weights import load_network
    from inspector.files.input_files import find_files
    from inspector.files.tables.output_file import Output
    from inspector.pipeline.batch import BatchSettings, run_batch
    from inspector.pipeline.correction import correction_for

    paths = find_files(options.paths)
    place = Output.at(options.output)
    place.apart_from(paths)  # what must be refused is refused before the weights are read
    place.check(overwrite=options.overwrite, resume=options.resume)
    network = load_network(options.weights)
    noise_model = None if options.noise is None else load_noise_model(options.noise)
    workers = 0 if options.serial else min(options.workers or os.cpu_count() or 1, len(paths))
    askers = 1 if options.serial else min(os.cpu_count() or 1, len(paths))
    if askers > 1:
        torch.set_num_threads(1)  # one core per star is faster than every core on one star
    settings = BatchSettings(
        options.mc_num,
        options.seed,
        coadd_only=options.coadd_only,
        workers=workers,
        askers=askers,
        opinion=options.opinion,
    )
    stop, out, err = Stop(), Printer(sys.stdout), Printer(sys.stderr)
    err.say(f"{network.card.name} ({network.card.short_hash}): {network.card.training_set}")
    if remark := correction_for(network.card, noise_model).remark:
        err.say(remark)
    try:
        with stop.listening(), tqdm(total=len(paths), unit=" files", smoothing=0.1, file=err) as bar:

            def progress(done: int, total: int) -> None:
                stop.check()
                bar.total = total
                bar.update(done - bar.n)

            summary = run_batch(
                paths,
                options.output,
                network,
                noise_model,
                settings,
                resume=options.resume,
                overwrite=options.overwrite,
                progress=progress,
            )
    except Stopped:
        err.say(_stopped(options.output, place.journal))
        raise
    out.say(f"{summary.text()}\n\n{_written(summary.written, options.output)}")
    if out.error is not None and not isinstance(out.error, BrokenPipeError):
        raise FileError(f"The summary cannot be printed ({out.error.strerror}); '{options.output}' is written.")
    return SOME_FAILED if summary.failed else OK


def _stopped(output: Path, journal: Path) -> str:
    if not journal.exists():
        return "Stopped before anything was finished."
    return (
        f"Stopped. '{output}' holds what was finished; the same command with --resume continues"
        f" from there (progress is kept in '{journal.name}')."
    )


def _written(written: bool, output: Path) -> str:
    if written:
        return f"Written to {output}."
    return f"No spectrum got an answer, so '{output}' was left unchanged."
