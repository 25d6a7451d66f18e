"""Find labels that are wrong, and estimate how many are.

Trains several networks on parts of the images, and scores every label by those that were not
trained on it. Writes audit.csv (a line per label, most suspicious first), audit.json and
audit.html; the data are never changed. With --review, a page in the browser shows you the labels,
and your answers become corrections.csv, which the dataset of a study takes. Ctrl-C stops it within
a second; run the same command again to resume.
"""

import argparse
from pathlib import Path
from typing import Final

from seedbed.cli.reading import add_reading
from seedbed.cli.study import add_machine
from seedbed.core.errors import StudyError
from seedbed.display.escape import printable

LAST_PORT: Final = 65535


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed audit``."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a folder or file of images, the name of a published dataset, a study file, or the "
        "results of a study",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for the results (default: studies/audit-NAME)",
    )
    parser.add_argument(
        "--fdr",
        type=float,
        default=0.1,
        metavar="RATE",
        help="fraction of the finds whose label may be right (default: %(default)s)",
    )
    parser.add_argument(
        "--folds", type=int, default=3, metavar="K", help="number of folds (default: %(default)s)"
    )
    parser.add_argument(
        "--repeats",
        type=int,
        metavar="R",
        help="number of divisions into folds (default: 4 to 12, more for fewer images)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a setting of the audit's study, as in recipe.epochs=3; may be repeated",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="SETTING=VALUE",
        help="select configurations of a study; may be repeated",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help="how many draws of a study's noise to audit (default: one for each of its seeds)",
    )
    parser.add_argument(
        "--review",
        action="store_true",
        help="look at the most suspicious labels in the browser, and write corrections.csv",
    )
    parser.add_argument(
        "--reviewer",
        default="reviewer",
        metavar="NAME",
        help="who reviews; the answers of each are kept apart (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=int,
        metavar="PORT",
        help="of 127.0.0.1, for --review (default: any that is free)",
    )
    add_reading(parser)
    add_machine(parser)
    parser.add_argument("--quiet", action="store_true", help="do not show progress")


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed audit``."""
    from seedbed.label_errors.output.page import write_page
    from seedbed.label_errors.output.table import lines
    from seedbed.label_errors.review.answers import check_reviewer
    from seedbed.label_errors.several import Outcome, audits_of, outcomes_report, write_outcomes
    from seedbed.report.renderers.text import render
    from seedbed.study.spec.overrides import Override

    check_reviewer(arguments.reviewer)
    port = arguments.port
    if port is not None and not 1 <= port <= LAST_PORT:
        raise StudyError(f"{port} cannot be used", where="--port", expected=f"1 to {LAST_PORT}")
    if port is not None and not arguments.review:
        raise StudyError("is the port of a review", where="--port", hint="add --review")
    outcomes = []
    try:
        for of, found, count in audits_of(
            arguments.data,
            out=arguments.out,
            only=arguments.only,
            seeds=arguments.seeds,
            layout=arguments.layout,
            label_column=arguments.label_column,
            folds=arguments.folds,
            repeats=arguments.repeats,
            fdr=arguments.fdr,
            settings=[Override.parse(text) for text in arguments.set],
            threads=arguments.threads,
            data_root=arguments.data_root,
            quiet=arguments.quiet,
            refuse_several="a review is of one" if arguments.review else "",
        ):
            file = write_page(found.audit, found.folder)
            outcomes.append(Outcome.of(found.audit, of))
            if count > 1:
                where = printable(f"{of.label}, noise seed {of.noise_seed}")
                print(
                    f"Audit {len(outcomes)} of {count}: {where}, in {printable(str(found.folder))}"
                )
    except KeyboardInterrupt as stopped:
        stopped.add_note("run the same command again to resume")
        raise
    if len(outcomes) > 1:
        table = write_outcomes(outcomes, found.folder.parent)
        print(f"\n{render(outcomes_report(outcomes))}\n")
        print(f"A line for each audit is in {printable(str(table))}")
        return 0
    print("\n".join(lines(found.audit)))
    print(f"All labels are in {printable(str(found.folder / 'audit.csv'))}")
    print(f"The page is in {printable(str(file))}")
    if arguments.review:
        from seedbed.label_errors.review.serve import serve_review

        serve_review(
            found, arguments.reviewer, lambda line: print(printable(line), flush=True), port
        )
    return 0
