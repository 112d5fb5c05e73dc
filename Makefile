# `make demo` and `make test` do everything on a fresh machine with git, make and Python >= 3.11.
# Linux backend: CPU, or CUDA where nvidia-smi answers; choose yourself with `make install BACKEND=cuda12`.
# Two Linux backends share one libmlx.so, so the others go before one comes.

SHELL := /bin/sh
BACKEND ?= $(shell scripts/choose-backend)
EXTRAS := $(if $(BACKEND),[$(BACKEND)],)
PYTHON := .venv/bin/python
STAMP := .venv/installed-$(or $(BACKEND),metal)

# Some machines forbid bytecode; here hundreds of processes are started from the same sources.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test test-slow bench pictures

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt scripts/make-venv
	@scripts/make-venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@rm -f .venv/installed-*
	@$(PYTHON) -m pip uninstall --quiet --yes mlx-cpu mlx-cuda-12 mlx-cuda-13 2>/dev/null
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev --editable ".$(EXTRAS)"
	@touch $(STAMP)

demo: install
	.venv/bin/tunedeck demo

test: install
	$(PYTHON) -m ruff check app tests bench
	.venv/bin/lint-imports --no-cache
	$(PYTHON) -m pytest -n 3

test-slow: install
	$(PYTHON) -m pytest -m slow

bench: install
	$(PYTHON) -m bench

pictures: install
	$(PYTHON) -m bench.pictures
