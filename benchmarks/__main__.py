"""All that ``make bench`` measures: start-up, analysis, speed, scaling; twenty minutes.

Accuracy is measured apart (``python -m benchmarks.accuracy``), because it takes as long as training
does.
"""

import argparse
from pathlib import Path

from benchmarks import analysis, resnet, scaling, speed, startup, transformer
from benchmarks.outcome import RESULTS

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    folder = str(parser.parse_args().results)
    for benchmark in (startup, analysis, speed, transformer, resnet, scaling):
        benchmark.main(["--results", folder])
