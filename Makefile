# Two commands are enough: `make book` and `make test`. Each is safe to repeat and does nothing twice.
# The numbers of the book belong to the profile class; tests run the pages small, in ci.

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3 python,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
PY := .venv/bin/python
BOOK := DPRIOR_PROFILE=class .venv/bin/jupyter-book build . -W -n --keep-going
# the book and its browser come last: they are the slowest, and need what the others check
LAST := tests/book/test_book.py tests/book/test_browser_book.py
TESTS = $(filter-out $(LAST),$(sort $(wildcard tests/*/test_*.py))) notebooks $(wildcard $(LAST))

.PHONY: setup book test notebooks check lab edit bench interop student linkcheck constraints clean

setup: .venv/.stamp

.venv/.stamp: requirements.txt constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 1; }
	$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --disable-pip-version-check -q -r requirements.txt
	@touch $@

# after a warning the pages must be read again, or the next build would not repeat it
book: setup
	@$(BOOK) || { rm -rf _build/.doctrees; exit 1; }
	@echo "The book: open _build/html/index.html in a browser."

test: setup
	DPRIOR_PROFILE=ci $(PY) -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout 600 $(TESTS)

# executes what is stale, one page at a time; stopped and started again it goes on where it was
notebooks: setup
	$(PY) -m dprior_lite notebooks run
	$(PY) -m dprior_lite claims --readme

check: setup
	$(PY) -m dprior_lite notebooks check
	$(PY) -m dprior_lite claims --check
	$(PY) -m pytest -q tests/house tests/course/test_notebooks.py

# copies: running a lesson never changes a tracked notebook
lab: setup
	mkdir -p _build/lab
	cp notebooks/*.ipynb _build/lab/
	.venv/bin/jupyter lab _build/lab

edit: setup
	.venv/bin/jupyter lab

bench: setup
	$(PY) -m dprior_lite.course.lab.bench

# to and from deepinv, and the table beside its methods: in an environment of its own, since deepinv brings much that the course does not need
interop:
	test -x .venv-interop/bin/python || $(PYTHON) -m venv .venv-interop
	.venv-interop/bin/python -m pip install --disable-pip-version-check -q -r requirements.txt -e ".[deepinv]"
	.venv-interop/bin/python -m pytest -q -rs tests/science/test_interop.py tests/course/test_side_by_side.py

# the notebooks without solutions and outputs, for a class
student: setup
	.venv/bin/jupyter nbconvert --to notebook --ClearOutputPreprocessor.enabled=True --TagRemovePreprocessor.enabled=True \
	  --TagRemovePreprocessor.remove_cell_tags solution --output-dir _build/student notebooks/*.ipynb

linkcheck: setup
	.venv/bin/jupyter-book build . --builder linkcheck

# of what is installed; torch and what it brings differ from machine to machine
constraints: setup
	.venv/bin/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==[A-Za-z0-9.!_-]+$$' \
	  | grep -viE '^(nvidia[^=]*|cuda[^=]*|triton[^=]*|torch|setuptools|pip|wheel)==' | LC_ALL=C sort -f > constraints.txt

clean:
	rm -rf _build
