# The two commands of the README are `make run` and `make test`; CI calls `make check` and `make test`.
# Every target installs what it needs: Python >= 3.11, Node >= 20 and make are all that must be there.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
# Tests mostly wait for real servers, so two files at once take half the time, also on two cores.
WORKERS ?= 2

SDK_SOURCES := $(shell find sdk/src sdk/*.mjs sdk/package.json -type f 2>/dev/null)
UI_SOURCES := $(shell find ui/src ui/public ui/index.html ui/package.json ui/vite.config.ts -type f 2>/dev/null)
SDK_BUILT := src/trackway/assets/sdk/trackway.js
UI_BUILT := src/trackway/assets/ui/index.html

.PHONY: run dev build test check audit bench crash soak docs wheel clean help

help:            ## what there is
	@grep -E '^[a-z]+: .*##|^[a-z]+:  +##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: .venv/.run build  ## install what is missing, start the demo with a shop and visitors
	$(BIN)/trackway demo --port $(PORT)

dev: .venv/.run build  ## the same server, and the web page rebuilt as its source changes
	$(BIN)/trackway demo --port $(PORT) & trap "kill $$!" EXIT; cd ui && npm run dev

build: $(SDK_BUILT) $(UI_BUILT)  ## the SDK and the web page, from their TypeScript

test: .venv/.dev build .cache/chromium .cache/other-browsers  ## everything CI tests, real browser included
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --durations 20
	cd sdk && npm test
	cd sdk && TRACKWAY_CHROMIUM="$$(cat ../.cache/chromium)" npm run test:browser
	cd ui && npm test

check: .venv/.dev sdk/node_modules/.installed ui/node_modules/.installed  ## lint, types, house rules, docs
	$(BIN)/ruff check src tests benchmarks scripts
	$(BIN)/ruff format --check src tests benchmarks scripts
	$(BIN)/pyright
	cd sdk && npm run check
	cd ui && npm run check
	$(BIN)/zensical build --strict --config-file mkdocs.yml

audit: .cache/audit/bin/pip-audit  ## known vulnerabilities in what constraints.txt and the locks name; asks the network
	.cache/audit/bin/pip-audit --strict --no-deps --disable-pip -r constraints.txt
	cd sdk && npm audit
	cd ui && npm audit

bench: .venv/.run build  ## the load test, beside a bare hello of the same HTTP server
	$(BIN)/trackway bench

crash: .venv/.dev build  ## 200 cycles of kill -9 at random moments under load
	TRACKWAY_CRASH_CYCLES=200 $(BIN)/python -m pytest tests/faults/test_crash.py -q -s --timeout 3600

soak: .venv/.dev build  ## 20 minutes at 5,000 events/s: memory stays flat
	$(BIN)/python benchmarks/soak.py

docs: .venv/.dev  ## the documentation as a site, in ./site
	$(BIN)/zensical build --strict --config-file mkdocs.yml

wheel: .venv/.dev build  ## a wheel with the SDK and the web page inside
	$(BIN)/python -m build --wheel

clean:  ## forget everything that was installed or built
	rm -rf .venv .cache dist site sdk/node_modules ui/node_modules src/trackway/assets/sdk src/trackway/assets/ui

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/.dev: .venv/.run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	@touch $@

sdk/node_modules/.installed ui/node_modules/.installed: %/node_modules/.installed: %/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed."; exit 1; }
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.cache/audit/bin/pip-audit:
	$(PYTHON) -m venv .cache/audit
	.cache/audit/bin/python -m pip install --quiet pip-audit

$(SDK_BUILT): sdk/node_modules/.installed $(SDK_SOURCES)
	cd sdk && npm run build
	@touch $@

$(UI_BUILT): ui/node_modules/.installed $(UI_SOURCES)
	cd ui && npm run build
	@touch $@

.cache/chromium: scripts/chromium.sh
	@mkdir -p .cache
	sh scripts/chromium.sh > $@.new && mv $@.new $@

.cache/other-browsers: scripts/other_browsers.sh
	@mkdir -p .cache
	sh scripts/other_browsers.sh
	@touch $@
