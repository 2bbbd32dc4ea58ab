# Two commands are enough: `make book` and `make test`. Each is safe to repeat and does nothing twice.
# The numbers of the book belong to the profile class; tests run the pages small, in ci.

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3 python,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
PY := .venv/bin/python
# run through the interpreter: after a folder was moved the scripts beside it name an interpreter that is gone
JUPYTER_BOOK := $(PY) -c 'from jupyter_book.cli.main import main; main()' build .
JUPYTER_LAB := $(PY) -m jupyterlab
BOOK := DPRIOR_PROFILE=class $(JUPYTER_BOOK) -W -n --keep-going
PYTEST := DPRIOR_PROFILE=ci OMP_NUM_THREADS=1 $(PY) -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout 600
# beside all other tests: the notebooks, each with its second run, and the rooms that belong to them
PAGES = $(foreach room,course training,$(sort $(wildcard tests/$(room)/test_*.py))) notebooks
# quick rooms first; the book and its browser last: they are the slowest, and need what the others check
FIRST := $(foreach room,house web,$(sort $(wildcard tests/$(room)/test_*.py)))
LAST := tests/book/test_book.py tests/book/test_browser_book.py
TESTS = $(FIRST) $(filter-out $(FIRST) $(PAGES) $(LAST),$(sort $(wildcard tests/*/test_*.py))) $(wildcard $(LAST))

.PHONY: setup book test test-all notebooks measurements check lab student edit bench interop linkcheck constraints clean

# the stamp names its folder: one that was moved or copied sets itself up again
ifneq ($(shell cat .venv/.stamp 2>/dev/null),$(shell pwd -P))
.PHONY: .venv/.stamp
endif

setup: .venv/.stamp

.venv/.stamp: requirements.txt constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 1; }
	$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(PY) -m pip install --disable-pip-version-check -q -r requirements.txt
	@pwd -P > $@

# after a warning the pages must be read again, or the next build would not repeat it
book: setup
	@$(BOOK) || { rm -rf _build/.doctrees; exit 1; }
	@echo "The book: open _build/html/index.html in a browser."

# two processes of one thread each, since most tests keep one processor busy; what the pages said is shown at the end
test: setup
	@mkdir -p _build; trap 'kill $$pages' INT TERM; \
	$(PYTEST) $(PAGES) > _build/test-pages.log 2>&1 & pages=$$!; \
	$(PYTEST) $(TESTS); tests=$$?; \
	wait $$pages; pages=$$?; cat _build/test-pages.log; exit $$((tests | pages))

# the same, with every cell of every page run twice, the slow ones too
test-all: export DPRIOR_TEST_ALL = 1
test-all: test

# executes what is stale, one page at a time; stopped and started again it goes on where it was
notebooks: setup
	$(PY) -m dprior_lite notebooks run
	$(PY) -m dprior_lite claims --readme

# what takes too long for a page, where the weights or the science have changed since
measurements: setup
	$(PY) -m dprior_lite measure --stale

check: setup
	$(PY) -m dprior_lite notebooks check
	$(PY) -m dprior_lite claims --check
	$(PY) -m pytest -q tests/house tests/course/test_notebooks.py

# copies for a reader; what a person changed in them stays, whatever happens here
lab: setup
	$(PY) -m dprior_lite handout lab
	$(JUPYTER_LAB) lab

# copies for a class, without solutions and outputs
student: setup
	$(PY) -m dprior_lite handout --student student

edit: setup
	$(JUPYTER_LAB)

bench: setup
	$(PY) -m dprior_lite.course.lab.bench

# to and from deepinv, and the table beside its methods: in an environment of its own, since deepinv brings much that the course does not need
interop:
	test -x .venv-interop/bin/python || $(PYTHON) -m venv .venv-interop
	.venv-interop/bin/python -m pip install --disable-pip-version-check -q -r requirements.txt -e ".[deepinv]"
	.venv-interop/bin/python -m pytest -q -rs tests/science/test_interop.py tests/course/test_side_by_side.py

linkcheck: setup
	$(JUPYTER_BOOK) --builder linkcheck

# of what is installed; torch and what it brings differ from machine to machine
constraints: setup
	$(PY) -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==[A-Za-z0-9.!_-]+$$' \
	  | grep -viE '^(nvidia[^=]*|cuda[^=]*|triton[^=]*|torch|setuptools|pip|wheel)==' | LC_ALL=C sort -f > constraints.txt

# what a person wrote in lab/ and student/ stays
clean:
	rm -rf _build
