# Two commands on a fresh machine: `make serve` and `make test`. They need Python 3.11 or later and nothing else; where
# npm is there too, /sparql has an editor (CPER_LOD_ASSETS=auto|require|skip).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# How the project is installed: `.ci/run` gives uv, which takes a third of the processor time of pip.
INSTALL ?= $(BIN)/python -m pip install --disable-pip-version-check
PYTEST_ARGS ?=
QUERY_EDITOR := cper_lod/web/editor
QUERY_EDITOR_BUILT := cper_lod/web/static/editor/manifest.json
QUERY_EDITOR_INPUTS := $(wildcard $(addprefix $(QUERY_EDITOR)/,*.py *.js *.json .npmrc src/*.js))

.PHONY: serve test test-lowest lint check format build docs sbom audit clean
serve: $(VENV)/.installed
	$(BIN)/cper-lod serve $(ARGS)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)

# The same on the lowest versions that pyproject.toml allows of what the program itself needs.
test-lowest: $(VENV)-lowest/.installed-test
	$(VENV)-lowest/bin/python -m pytest -n auto $(PYTEST_ARGS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cper-lod format --check ontology shapes data tests/fictif

check: $(VENV)/.installed
	$(BIN)/cper-lod check

format: $(VENV)/.installed
	$(BIN)/cper-lod format ontology shapes data

build: $(VENV)/.installed
	$(BIN)/cper-lod build

# The reference pages of docs/, from the tables of the program.
docs: $(VENV)/.installed
	$(BIN)/python docs/reference/generate.py

# What an installation is made of (CycloneDX), and what is known against it. `audit` asks a database of vulnerabilities over
# the network: where that does not answer for a package, and where something is known, it ends with an error that says so.
sbom: $(VENV)-runtime/.installed $(VENV)-tools/.installed
	mkdir -p dist
	$(VENV)-tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON \
	  --output-file dist/cper-lod.cdx.json $(VENV)-runtime/bin/python

audit: $(VENV)-runtime/.installed $(VENV)-tools/.installed
	$(VENV)-runtime/bin/python -m pip freeze --disable-pip-version-check --exclude cper-lod > $(VENV)-runtime/frozen.txt
	$(VENV)-tools/bin/pip-audit --strict --disable-pip --no-deps --requirement $(VENV)-runtime/frozen.txt

clean:
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-runtime $(VENV)-tools .cper-lod dist build cper_lod/web/static/editor .npm-clients

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 ou plus récent est nécessaire : make PYTHON=python3.13 …" >&2; \
	  echo "Python 3.11 or later is needed: make PYTHON=python3.13 …" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { \
	  echo "Ce Python n'a ni venv ni pip (Debian, Ubuntu : apt install python3-venv)." >&2; \
	  echo "This Python has neither venv nor pip (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The editor is built by itself, since pip would not pass on its warning. Without npm this file is never there: each time
# one warning says so, and the query page is a plain form.
$(QUERY_EDITOR_BUILT): $(QUERY_EDITOR_INPUTS) | $(VENV)/.python
	@$(BIN)/python $(QUERY_EDITOR)/hatch_build.py
	@test ! -e $@ || touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.python $(QUERY_EDITOR_BUILT)
	CPER_LOD_ASSETS=skip $(INSTALL) --quiet --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/.python $(QUERY_EDITOR_BUILT)
	CPER_LOD_ASSETS=skip $(INSTALL) --quiet --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)-lowest/.installed-test: pyproject.toml | $(VENV)/.python $(QUERY_EDITOR_BUILT)
	$(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(VENV)-lowest/bin/uv pip compile --quiet --resolution lowest-direct --python $(VENV)-lowest/bin/python pyproject.toml \
	  --output-file $(VENV)-lowest/lowest.txt
	CPER_LOD_ASSETS=skip $(VENV)-lowest/bin/uv pip install --quiet --python $(VENV)-lowest/bin/python \
	  --constraint $(VENV)-lowest/lowest.txt --editable '.[test]'
	@touch $@

$(VENV)-runtime/.installed: pyproject.toml | $(VENV)/.python
	$(PYTHON) -m venv $(VENV)-runtime
	CPER_LOD_ASSETS=skip $(VENV)-runtime/bin/python -m pip install --quiet --disable-pip-version-check .
	@touch $@

$(VENV)-tools/.installed: | $(VENV)/.python
	$(PYTHON) -m venv $(VENV)-tools
	$(VENV)-tools/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom pip-audit
	@touch $@
