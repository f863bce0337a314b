# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test bench bench-quality bench-anomalies test-spark chaos lint docs odcs chromium clean

demo: .venv/ready           ## run the sample through a Prefect server and say where to look
	$(BIN)/pratique demo

test: lint chromium         ## everything that must hold: style, types, layers, docs, tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile \
		$$(command -v chromedriver >/dev/null || echo -m not\ browser)

bench: .venv/ready          ## how fast, beside bare DuckDB and with small files, and how much memory
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.small
	$(BIN)/python -m benchmarks.memory

bench-anomalies: .venv/ready  ## which days of a year are unusual: make bench-anomalies YEAR=DIRECTORY
	$(BIN)/python -m benchmarks.anomalies $(YEAR)

bench-quality: .venv-bench/ready  ## ten rules over a million rows, beside every rival
	.venv-bench/bin/python -m benchmarks.quality

chaos: .venv/ready          ## kill runs everywhere, three hundred times, and look for what is lost
	$(BIN)/python -m benchmarks.chaos

test-spark: .venv-spark/ready  ## every rule on PySpark, which needs Java 17
	.venv-spark/bin/python -m pytest tests/spark

lint: .venv/ready           ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

odcs: .venv/ready .venv-odcs/ready ## lint the sample's contracts as Open Data Contracts, with the tool of the standard
	@rm -rf build/odcs && mkdir -p build/odcs
	@for contract in data/sample/contracts/*.yaml; do \
		name=$$(basename $$contract .yaml); \
		$(BIN)/pratique contract export $$name --to odcs --project data/sample > build/odcs/$$name.odcs.yaml \
			&& .venv-odcs/bin/datacontract lint build/odcs/$$name.odcs.yaml || exit 1; \
	done

# Apart from all else: it brings fifty packages that nothing here needs to run.
.venv-odcs/ready:
	$(PYTHON) -m venv .venv-odcs
	.venv-odcs/bin/python -m pip install --quiet --disable-pip-version-check 'datacontract-cli>=1.2,<2'
	@touch $@

docs: .venv/ready           ## write anew what is generated from the code
	$(BIN)/python -m quality.docs
	$(BIN)/python -m ingest.codes.docs
	$(BIN)/python -m flows.guide
	$(BIN)/pratique contract schema > docs/contract.schema.json

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "pratique needs Python 3.11 or newer: make PYTHON=python3.13 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]'
	@touch $@

.venv-bench/ready: benchmarks/rivals.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement benchmarks/rivals.txt
	@touch $@

.venv-spark/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev,spark]'
	@touch $@

# The browser tests drive a real Chromium. Root on Debian gets it installed; where there is none
# in the end, those tests are left out, which pytest then says.
chromium:
	@command -v chromedriver >/dev/null || ! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ] || \
		{ apt-get update -qq && apt-get install -y -qq chromium chromium-driver; } >/dev/null 2>&1 || true

clean:
	rm -rf .venv .venv-* build demo
