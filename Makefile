# Needs: make, python3 (3.11 or newer) with venv. Everything else comes into .venv.
VENV := .venv
BIN := $(VENV)/bin
FIXTURE := fixtures/built/strict_flm.FLM
PROPERTY_TESTS = $(shell grep -rl fuzz_settings tests --include="test_*.py")

# The commands that tests start would compile every module again each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint check-builds fuzz bench schemas rules-docs clean

# Convert a bundled loader, run the result in the emulator, and prove that it behaves as its source.
demo: $(VENV)/.ready
	$(BIN)/python fixtures/demo.py $(FIXTURE) build

# All tests; those that need an Arm compiler or real loaders say so when they are skipped.
test: $(VENV)/.ready
	$(BIN)/python -m compileall -q schemas formats convert
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Rebuild shims and fixtures with Debian 12's gcc-arm-none-eabi and compare them byte for byte with the committed ones.
check-builds: $(VENV)/.ready
	$(BIN)/python -m loaderconv.shims.build --check
	$(BIN)/python fixtures/build.py --check

# The same property tests with many more examples, random programs in the emulator, and 30 seconds of
# coverage-guided fuzzing (Linux).
fuzz: $(VENV)/.ready
	LOADERCONV_FUZZ_EXAMPLES=500 $(BIN)/python -m pytest -n auto --dist worksteal -m hypothesis $(PROPERTY_TESTS)
	$(BIN)/python tests/fuzz/random_programs.py --programs 10000
	$(BIN)/python -m pip install --quiet --editable '.[fuzz]'
	$(BIN)/python tests/fuzz/run.py --seconds 30

# Write the JSON Schemas in docs/schemas anew after a change of the models.
schemas: $(VENV)/.ready
	for name in $$($(BIN)/loaderconv schema | awk '{print $$1}'); do $(BIN)/loaderconv schema $$name >docs/schemas/$$name.json; done

# Write docs/rules.md and the table of rules in README.md anew after a change of the rules.
rules-docs: $(VENV)/.ready
	$(BIN)/python -m loaderconv.rule_documents .

bench: $(VENV)/.ready
	$(BIN)/python -m pytest -o python_files="bench_*.py" tests/benchmarks --benchmark-only --benchmark-columns=min,median,rounds

$(VENV)/.ready: pyproject.toml
	python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
