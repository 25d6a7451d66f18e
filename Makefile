# The commands that the README names. Everything is installed into .venv, nothing outside.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# An editable installation knows where every package lies: a new one needs another.
SOURCES := pyproject.toml constraints.txt CMakeLists.txt $(shell find native -type f) $(shell find src -name __init__.py)

# Versions that were tested together, for the build tools too.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: quickstart install test lint bench docs reports networks noisy-labels human-labels variance medical sanitize torture simulation audit-dependencies clean

# Five LeNet-5 networks on real handwritten digits: a first look, in two minutes.
quickstart: .venv/.core
	$(BIN)/seedbed run quickstart

# The package, and all that its tests and linters need.
install: .venv/.test

test: .venv/.test
	$(BIN)/python -m pytest

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

# The reference pages of docs/, from the code.
docs: .venv/.test
	$(BIN)/python docs/write_reference.py

# Speed, scaling and start-up, against the peers in one run; about twelve minutes on an idle machine.
bench: .venv/.bench
	$(BIN)/python -m benchmarks

# The experiments of two written reports on real data, then docs/results.md; under an hour on two cores.
REPORTS := mnist-settings fashion-mnist cifar10 optimizers noise activations losses overfitting
reports: .venv/.test
	for study in $(REPORTS); do $(BIN)/seedbed run examples/$$study.toml --out studies/$$study || exit; done
	$(BIN)/python -m benchmarks.reports

# Where the spread over runs comes from, then the same page again; ten minutes on two cores.
VARIANCE := variance cifar10-variance
variance: .venv/.test
	for study in $(VARIANCE); do $(BIN)/seedbed run examples/$$study.toml --out studies/$$study || exit; done
	$(BIN)/python -m benchmarks.reports

# Small medical images beside published figures, then the same page again; some minutes on two cores. Needs the files of
# MedMNIST in SEEDBED_DATA.
medical: .venv/.test
	$(BIN)/seedbed run examples/medmnist.toml --out studies/medmnist
	$(BIN)/python -m benchmarks.reports

# Methods for noisy labels, then the same page again; about two hours on two cores.
noisy-labels: .venv/.test
	$(BIN)/seedbed run examples/noisy-labels-tuned.toml --out studies/noisy-labels-tuned
	$(BIN)/python -m benchmarks.reports

# Labels that people gave, then the same page again; under an hour on two cores. HUMAN_LABELS=PATH names the file of CIFAR-10N.
human-labels: .venv/.test
	$(BIN)/seedbed run examples/human-labels.toml --out studies/human-labels --set noise.labels=$(HUMAN_LABELS)
	$(BIN)/python -m benchmarks.reports

# Convolutional networks beside Vision Transformers, then the same page again; about four hours on two cores.
NETWORKS := vit cifar10-networks cnn-or-vit
networks: .venv/.test
	for study in $(NETWORKS); do $(BIN)/seedbed run examples/$$study.toml --out studies/$$study || exit; done
	$(BIN)/python -m benchmarks.reports

# The kernels under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer.
sanitize: .venv/.test
	$(BIN)/python tests/sanitize.py

# Kills, rivals, full disks, damages and mutated inputs: minutes; HOURS=1 goes on with new seeds.
torture: .venv/.test
	$(BIN)/python -m benchmarks.torture $(if $(HOURS),--hours $(HOURS))

# Coverage, false claims and power over invented studies whose truth is known; about two hours of one core.
simulation: .venv/.test
	$(BIN)/python -m benchmarks.simulation --studies 4000

# The pinned versions, looked up among known vulnerabilities; a line says so where that is impossible.
audit-dependencies: .venv/.test
	$(PIP) install pip-audit
	$(BIN)/python tests/audit.py

clean:
	rm -rf .venv build

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Seedbed needs Python 3.11 or later; name one with: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python $(SOURCES)
	$(PIP) install --editable .
	@touch $@

.venv/.test: .venv/bin/python $(SOURCES)
	$(PIP) install --editable '.[test]'
	@touch .venv/.core $@

.venv/.bench: .venv/.test
	$(PIP) install --editable '.[test,bench]'
	@touch $@
