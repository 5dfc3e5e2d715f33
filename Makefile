# make book    build the site          make serve   read it on localhost
# make test    everything CI runs      make lab     the chapters as live notebooks
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
SITE := _build/html
LABCONFIG := .venv/etc/jupyter/labconfig/default_setting_overrides.json
CHROMIUM := chromium chromium-browser google-chrome
# A build of PyTorch to install before the pinned set, such as 2.13.0+cpu: see the README.
TORCH ?=

.PHONY: book serve lab test clean chromium

book: .venv/book _build/computed _build/looks
	$(BIN)/jupyter-book build . -W -n --keep-going
	@echo; echo "The site is in $(SITE): open $(SITE)/index.html, or run 'make serve'."

serve: book
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

lab: .venv/lab
	$(BIN)/jupytext-config --settings-file $(LABCONFIG) set-default-viewer markdown
	$(BIN)/jupyter lab book

# Chapters are executed anew, so that what is tested is what the sources make now.
test: .venv/test chromium
	rm -rf _build
	$(MAKE) book
	$(BIN)/ruff check .
	$(BIN)/python -m pytest

clean:
	rm -rf _build .venv

# The environment, in three layers: for readers, for live notebooks, for tests.
.venv/book: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(if $(TORCH),$(PIP) torch==$(TORCH))
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -e .
	touch $@

.venv/lab: .binder/lab.txt .venv/book
	$(PIP) -r .binder/lab.txt
	touch $@

.venv/test: tests/requirements.txt .venv/lab
	$(PIP) -r tests/requirements.txt
	touch $@

# The execution cache looks at a chapter's own code only, so a change in the package, the data or the pins drops it.
_build/computed: requirements.txt $(wildcard book/data/*) $(shell find olsattn -type f -not -name '*.pyc')
	rm -rf _build
	mkdir -p _build
	touch $@

# Sphinx does not notice a change in these either; the chapters need no new execution for it.
_build/looks: _build/computed _config.yml _toc.yml $(shell find book/_static book/_extensions book/_templates -type f -not -name '*.pyc')
	rm -rf $(SITE) _build/.doctrees
	touch $@

# A browser for the tests: the one on the PATH, else Debian's.
chromium:
	@for name in $(CHROMIUM); do command -v $$name >/dev/null && exit 0; done; \
	sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$sudo apt-get update -qq && $$sudo apt-get install -qq -y --no-install-recommends chromium
